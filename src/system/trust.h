/*
 * Which certificate authorities are trusted. The first of these that is there:
 *
 *   SSL_CERT_FILE and SSL_CERT_DIR (OpenSSL: default verify paths),
 *   the distribution's bundle, wherever it keeps it (Go: crypto/x509, root_linux.go lists them),
 *   Mozilla's, built into release binaries.
 *
 * What NODE_EXTRA_CA_CERTS names is trusted as well (Node.js: command-line API): users behind an
 * intercepting proxy have it set already.
 */
#ifndef SYSTEM_TRUST_H
#define SYSTEM_TRUST_H

#include "system/arena.h"

#include <stdbool.h>

/* Strings live in the arena of trust_choose, or in the environment. */
struct trust {
    const char *file;      /* PEM; NULL where there is none, or it is part of `pem` */
    const char *directory; /* of certificates named by hash, beside the file; NULL for none */
    const char *pem;       /* instead of a file; NULL for none */
    const char *name;      /* for messages: the store that the user knows */
};

/* Reads no more than it must: nothing but for NODE_EXTRA_CA_CERTS and the built-in bundle. */
void trust_choose(struct arena *arena, char *const *environment, bool (*exists)(const char *path),
                  struct trust *trust);

#endif
