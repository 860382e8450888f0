/*
 * An OIDC token traded for a short-lived Depot token (Depot: OIDC trust relationships).
 */
#ifndef DEPOT_EXCHANGE_H
#define DEPOT_EXCHANGE_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http.h"

#include <stddef.h>

/* What the OIDC token's `aud` must say. */
#define DEPOT_AUDIENCE "https://depot.dev"

/* Begins to connect to Depot's service, while the OIDC token is asked for. */
void depot_exchange_connect(struct http *http, struct arena *vault, char *const *environment);

/* The Depot token, in the vault; NULL with an error where the service gives none. `DEPOT_AUTH_URL`
 * of `environment` names another service than https://github.depot.dev. */
char *depot_exchange(struct http *http, struct arena *vault, char *const *environment,
                     const char *oidc_token, struct error *error);

/* The same out of the service's answer, of this status: `length` bytes of `body`, behind which
 * stands a NUL. An error quotes the service's words, and never a token. */
char *exchange_read(struct arena *vault, const char *body, size_t length, long status,
                    struct error *error);

#endif
