/*
 * The build itself: the plan's command, with its log passed on.
 */
#ifndef RUN_EXECUTION_H
#define RUN_EXECUTION_H

#include "plan/plan.h"
#include "buildkit/log.h"
#include "run/prepare.h"
#include "system/error.h"

#include <stdbool.h>

/*
 * Runs the plan's command to its end. Nothing that it prints is obeyed by the runner, and `log`
 * keeps what is to be known of it. Where `impatient`, a build of which no step has begun in time
 * (DEPOT_MACHINE_TIMEOUT, in s; 300 without it) is ended. Returns the exit status, or -1 with an
 * error where it could not be started.
 */
int execute(struct preparation *preparation, const struct plan *plan, const char *program,
            bool impatient, struct log *log, struct error *error);

#endif
