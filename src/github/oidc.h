/*
 * The job's OIDC token (GitHub: OpenID Connect, requesting the JWT using environment variables).
 */
#ifndef GITHUB_OIDC_H
#define GITHUB_OIDC_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether the job may ask for one: it has `permissions: id-token: write` and does not come from a
 * fork. */
bool oidc_available(char *const *environment);

/* A JWT for `audience`, in the vault; NULL with an error if GitHub gives none. */
char *oidc_token(struct http *http, struct arena *vault, char *const *environment,
                 const char *audience, struct error *error);

/* The same, read from GitHub's answer with this status: `length` bytes of `body`, followed by a
 * NUL. */
char *oidc_read(struct arena *vault, const char *body, size_t length, long status,
                struct error *error);

#endif
