/*
 * Why a build failed, for the annotation: the builder's last words, and what to do about them.
 */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "plan/plan.h"
#include "buildkit/log.h"
#include "run/prepare.h"

/* One line, in the preparation's arena. Shows in the log what there is to add to the workflow. */
const char *explain_failure(struct preparation *preparation, const struct plan *plan,
                            struct log *log, int status);

#endif
