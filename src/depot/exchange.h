/*
 * Exchanges an OIDC token for a short-lived Depot token (Depot: OIDC trust relationships).
 */
#ifndef DEPOT_EXCHANGE_H
#define DEPOT_EXCHANGE_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http.h"

#include <stddef.h>

/* The required `aud` of the OIDC token. */
#define DEPOT_AUDIENCE "https://depot.dev"

/* Starts to connect to Depot's service, while the OIDC token is requested. */
void depot_exchange_connect(struct http *http, struct arena *vault, char *const *environment);

/* Returns the Depot token, in the vault, or NULL with an error if the service gives none.
 * `DEPOT_AUTH_URL` in `environment` replaces https://github.depot.dev. */
char *depot_exchange(struct http *http, struct arena *vault, char *const *environment,
                     const char *oidc_token, struct error *error);

/* The same from the service's answer with this status: `length` bytes of `body`, followed by a NUL.
 * An error quotes the service's message, but never a token. */
char *exchange_read(struct arena *vault, const char *body, size_t length, long status,
                    struct error *error);

#endif
