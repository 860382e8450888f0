/*
 * Another try after a failure that may pass: when there is one, and the wait before it.
 */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include "run/step.h"

#include <stdbool.h>

/* The cause of a failure that may pass and for which there is a try left; NULL if there is none.
 * `evidence` is what the builder says of it (buildkit/transient.h). */
const char *retry_cause(const struct step *step, const char *evidence);

/*
 * Warns that there will be another try, and waits for it. Meanwhile the job's identity is exchanged
 * anew, if Depot builds by it; if that fails, the old token is kept. False if a signal ended the
 * wait. `failure` is what the builder said of the failed one, in a line.
 */
bool retry_wait(struct step *step, const char *cause, const char *failure);

/* How long to wait before try number `try`, 2 or more, in ms; `chance` is from 0 to 1. */
long long retry_wait_ms(int try, double chance);

#endif
