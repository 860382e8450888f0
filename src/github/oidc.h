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

/* Whether the job may ask for one: it has `permissions: id-token: write`, and is no fork's. */
bool oidc_available(char *const *environment);

/* A JWT for `audience`, in the vault; NULL with an error where GitHub gives none. */
char *oidc_token(struct http *http, struct arena *vault, char *const *environment,
                 const char *audience, struct error *error);

/* The same out of GitHub's answer, of this status: `length` bytes of `body`, behind which stands a
 * NUL. */
char *oidc_read(struct arena *vault, const char *body, size_t length, long status,
                struct error *error);

#endif
