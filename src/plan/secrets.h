/*
 * Build secrets: entries of `secrets`, `secret-files` and `secret-envs`, and the GitHub token for
 * the Git context (docker/build-push-action: secrets; BuildKit: GIT_AUTH_TOKEN.HOST).
 */
#ifndef PLAN_SECRETS_H
#define PLAN_SECRETS_H

#include "plan/plan.h"

/*
 * Fills the plan's secrets, and adds a warning, which never holds a value, for each entry that is
 * malformed or names a missing file. Where `secrets` seems to hold a value of several lines without
 * quotes, its lines read as keys are masked, and named by their number only. `git_context` is NULL
 * where there is none; `context` is what will be built. Lives in `arena`, values stay in the vault
 * where the inputs have them.
 */
void secrets_collect(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                     const char *context, const char *git_context, struct plan *plan);

/* The value of `--secret` for one. */
char *secret_argument(struct arena *arena, const struct plan_secret *secret);

#endif
