/*
 * The job's identity traded for a Depot token: GitHub's part and Depot's, introduced to each other.
 */
#ifndef RUN_TOKEN_H
#define RUN_TOKEN_H

#include "plan/facts.h"
#include "system/arena.h"
#include "system/error.h"

/* The token, in the vault; NULL with an error where there is none. Masks the identity in between,
 * but not yet the token; shows the claims of an identity that was refused. */
char *token_exchange(struct arena *vault, char *const *environment, struct error *error);

/* The same by the open-source challenge, for the pull request of a fork of a public repository:
 * prints the challenge's code while Depot looks for it in the log. */
char *token_challenge(struct arena *vault, char *const *environment, const struct facts *facts,
                      struct error *error);

#endif
