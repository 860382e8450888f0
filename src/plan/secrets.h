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
 * The most common mistake is a value of several lines without quotes: each line is then taken for
 * an entry. So an entry counts only if its key can be a name, made of letters, digits and `_.-/`,
 * and its value is neither empty nor just `=` signs. Any other entry may be a piece of a secret: it
 * is added to the plan's masks, and a warning gives its number but no part of its text. If a file
 * does not exist, a warning names the key.
 *
 * `git_context` is NULL if there is none; `context` is what will be built. Lives in `arena`; the
 * values stay in the vault, where the inputs have them.
 */
void secrets_collect(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                     const char *context, const char *git_context, struct plan *plan);

/* The value of `--secret` for one secret. */
char *secret_argument(struct arena *arena, const struct plan_secret *secret);

#endif
