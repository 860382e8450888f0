/*
 * The open-source challenge: how a fork's pull request to a public repository, which gets no
 * identity from GitHub, proves which run it is (Depot: OIDC for public pull requests). The service
 * sends a code and reads the run's log until it finds the code there.
 */
#ifndef DEPOT_CHALLENGE_H
#define DEPOT_CHALLENGE_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http.h"

enum {
    CHALLENGE_CLAIM_MS = 10 * 1000,    /* if there is no answer by then, there is no challenge */
    CHALLENGE_EXCHANGE_MS = 60 * 1000, /* if there is no token by then, there is none */
    CHALLENGE_POLL_MS = 1000,
};

struct challenge {
    const char *repository;  /* owner/name */
    const char *run_id;      /* digits */
    const char *run_attempt; /* digits */
    /* Called once, when the service has accepted the claim: a token should follow. Or NULL. */
    void (*on_accepted)(void *context);
    void *context;
    /* Puts the code into the run's log; called once a second while the service looks for it. */
    void (*show_code)(const char *code);
};

/*
 * Returns a Depot token, in the vault, or NULL with an error if the service gives none in time or a
 * signal arrives. `DEPOT_PUBLIC_OIDC_URL` in `environment` replaces
 * https://actions-public-oidc.depot.dev.
 */
char *depot_challenge(struct http *http, struct arena *vault, char *const *environment,
                      const struct challenge *challenge, struct error *error);

struct challenge_claim {
    const char *code;         /* one printable word, for the run's log */
    const char *exchange_url; /* an address that the service's answer may lead to */
};

/* Reads the answer of the service at the URL `asked` to the claim that this is such a run. 0, or -1
 * with an error. Strings live in `arena`. */
int challenge_read(struct arena *arena, const char *asked, const struct http_response *response,
                   struct challenge_claim *claim, struct error *error);

#endif
