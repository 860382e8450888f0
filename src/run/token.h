/*
 * Exchanges the job's identity for a Depot token. Connects GitHub's side to Depot's.
 */
#ifndef RUN_TOKEN_H
#define RUN_TOKEN_H

#include "run/step.h"
#include "system/arena.h"
#include "system/error.h"

/* The token, in the vault; NULL with an error if there is none. Masks the identity, but not yet the
 * token. Shows the claims of an identity that was refused. */
char *token_exchange(struct arena *vault, char *const *environment, struct error *error);

/* What to do when a token is expected after all: called when the challenge begins. */
struct depot_expected {
    void (*prepare)(void *context); /* or NULL */
    void *context;
};

/* The token of the open-source challenge, by the facts of the run; in the vault, and not yet
 * masked. NULL with an error if there is none. */
char *token_challenge(struct step *step, const struct depot_expected *expected,
                      struct error *error);

/*
 * Gets the token that Depot needs to build this run, unless there is one already: by the exchange
 * or, for a fork's pull request to a public repository, by the open-source challenge. Sets the
 * facts and masks the token. If there is no token, says why in the log.
 */
void obtain_token(struct step *step, const struct depot_expected *expected);

/* If Depot builds with the job's identity, exchanges it for a new token: the token of the first try
 * may have expired. If that fails, keeps the old one. */
void renew_token(struct step *step);

#endif
