/*
 * Why a build failed, for the annotation: the builder's last words, and what to do about them.
 */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "run/attempt.h"
#include "run/step.h"

/* What it is called that no machine was ready in time; also for buildkit/transient. */
extern const char MACHINE_WAS_LATE[];

/* One line, in the step's arena. Shows in the log what there is to add to the workflow. */
const char *explain_failure(struct step *step, const struct attempt *attempt);

#endif
