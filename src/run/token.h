/*
 * The job's identity traded for a Depot token: GitHub's part and Depot's, introduced to each other.
 */
#ifndef RUN_TOKEN_H
#define RUN_TOKEN_H

#include "run/step.h"
#include "system/arena.h"
#include "system/error.h"

/* The token, in the vault; NULL with an error where there is none. Masks the identity in between,
 * but not yet the token; shows the claims of an identity that was refused. */
char *token_exchange(struct arena *vault, char *const *environment, struct error *error);

/* What to do once there will be a token after all: called where the challenge is taken up. */
struct depot_expected {
    void (*prepare)(void *context); /* or NULL */
    void *context;
};

/* The token of the open-source challenge, by the facts of the run; in the vault, and not yet
 * masked. NULL with an error where there is none. */
char *token_challenge(struct step *step, const struct depot_expected *expected,
                      struct error *error);

/*
 * Gets the token that Depot's build of this run needs, where it has none yet: by the exchange, or,
 * for the pull request of a fork of a public repository, by the open-source challenge. Fills the
 * facts, masks the token, and says in the log why there is none.
 */
void obtain_token(struct step *step, const struct depot_expected *expected);

/* Trades the job's identity anew, if Depot builds by it: the token of the first try may have
 * expired. Keeps the old one if there is none. */
void renew_token(struct step *step);

#endif
