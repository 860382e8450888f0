/*
 * The claims of the job's OIDC token, for a person who wants to know why it was refused (GitHub:
 * about security hardening with OpenID Connect, understanding the OIDC token). Claims are not
 * secret, but the token and its signature are.
 */
#ifndef GITHUB_CLAIMS_H
#define GITHUB_CLAIMS_H

#include "system/arena.h"

/*
 * The claims of the JWT (RFC 7519) `token` that a trust relationship is matched against, each on a
 * line `name: value`. NULL if it is not a JWT. Control characters in values become `?`. Lives in
 * `arena`.
 */
char *claims_describe(struct arena *arena, const char *token);

/* A claim that is a point in time (RFC 7519, NumericDate), such as `exp`, in s since 1970; -1 if
 * the token does not have it or is not a JWT. */
long long claims_moment(struct arena *arena, const char *token, const char *name);

#endif
