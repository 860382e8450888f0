/*
 * Fills in the report on a build that has ended (run/report.h).
 */
#ifndef RUN_ACCOUNT_H
#define RUN_ACCOUNT_H

#include "run/attempt.h"
#include "run/failure.h"
#include "run/place.h"
#include "run/report.h"
#include "run/results.h"
#include "run/step.h"

/* For an attempt whose builder's command has ended. `why` and `place` describe its failure, and
 * are empty if it did not fail. The report is redacted. It lives in the step's arena, and no longer
 * than `attempt`. */
struct report account_of(struct step *step, const struct attempt *attempt,
                         const struct results *results, const struct explanation *why,
                         const struct place *place);

/* For a step that ended before a builder was started, for this reason. */
struct report account_of_nothing(struct step *step, const char *explanation);

#endif
