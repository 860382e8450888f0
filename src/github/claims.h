/*
 * The claims of the job's OIDC token, for a person who looks for the reason why it was refused
 * (GitHub: about security hardening with OpenID Connect, understanding the OIDC token). Claims are
 * no secret; the token and its signature are.
 */
#ifndef GITHUB_CLAIMS_H
#define GITHUB_CLAIMS_H

#include "system/arena.h"

/*
 * The claims that a trust relationship is matched against, a line `name: value` each, of the JWT
 * (RFC 7519) `token`. NULL where it is no JWT. Control characters in values become `?`. Lives in
 * `arena`.
 */
char *claims_describe(struct arena *arena, const char *token);

/* A claim that is a moment (RFC 7519, NumericDate), such as `exp`, in s since 1970; -1 where the
 * token has none, or is no JWT. */
long long claims_moment(struct arena *arena, const char *token, const char *name);

#endif
