/*
 * What is told of a build that has ended, from what is known of it (run/report.h).
 */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include "run/attempt.h"
#include "run/report.h"
#include "run/results.h"
#include "run/step.h"

/* Of an attempt whose builder's command has ended. `explanation` says why it failed; NULL if it did
 * not. Redacted; lives in the step's arena, and no longer than `attempt`. */
struct report account_of(struct step *step, const struct attempt *attempt,
                         const struct results *results, const char *explanation);

/* Of a step that ended before a builder was started, for this reason. */
struct report account_of_nothing(struct step *step, const char *explanation);

#endif
