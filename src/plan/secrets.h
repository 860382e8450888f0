/*
 * Build secrets: entries of `secrets`, `secret-files` and `secret-envs`, and the GitHub token for
 * the Git context (docker/build-push-action: secrets; BuildKit: GIT_AUTH_TOKEN.HOST).
 */
#ifndef PLAN_SECRETS_H
#define PLAN_SECRETS_H

#include "plan/plan.h"

/*
 * Fills the plan's secrets.
 *
 * The commonest mistake is a value of several lines without quotes, whose lines then stand where
 * entries should. So an entry counts only if its key can be a name, of letters, digits and `_.-/`,
 * and its value is neither empty nor nothing but `=`. Any other may be a piece of a secret: it is
 * added to the plan's masks, and a warning tells its number and no part of its text. A file that
 * does not exist is a warning that names the key.
 *
 * `git_context` is NULL if there is none; `context` is what will be built. Lives in `arena`, values
 * stay in the vault where the inputs have them.
 */
void secrets_collect(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                     const char *context, const char *git_context, struct plan *plan);

/* The value of `--secret` for one. */
char *secret_argument(struct arena *arena, const struct plan_secret *secret);

#endif
