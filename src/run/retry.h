/*
 * Another try after a failure that may pass: whether there is one, and the wait before it.
 */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include "run/step.h"

#include <stdbool.h>

/* The cause of the failure, if the failure may pass and a try is left; otherwise NULL. `evidence`
 * is what the builder says about it (buildkit/transient.h). */
const char *retry_cause(const struct step *step, const char *evidence);

/*
 * Warns that there will be another try, and waits for it. If Depot builds with the job's identity,
 * exchanges the identity for a new token during the wait; if that fails, keeps the old token.
 * Returns false if a signal ended the wait. `failure` is one line: what the builder said about the
 * failed try.
 */
bool retry_wait(struct step *step, const char *cause, const char *failure);

/* How long to wait before try number `try` (2 or more), in ms. `chance` is from 0 to 1. */
long long retry_wait_ms(int try, double chance);

#endif
