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

#include "system/string_list.h"

#include <stdbool.h>

enum { TRUST_FILE_LIMIT = 16 * 1024 * 1024 }; /* in bytes; a larger one is not read */

/* Strings live in the arena of trust_choose, or in the environment. */
struct trust {
    const char *file;        /* PEM, or one certificate in DER; NULL for none */
    const char *directory;   /* of such files, named by hash; NULL for none */
    bool built_in;           /* Mozilla's, which only a static build has */
    struct string_list more; /* texts in PEM: what is trusted besides */
    const char *name;        /* for messages: the store that the user knows */
    struct arena *arena;     /* the rest is private */
    void *loaded;            /* NULL until a connection needs it */
};

/* Reads no more than it must: nothing but for NODE_EXTRA_CA_CERTS and the second directory of
 * SSL_CERT_DIR. */
void trust_choose(struct arena *arena, char *const *environment, bool (*exists)(const char *path),
                  struct trust *trust);

/* Has the transfers of `easy`, a CURL *, trust it, as long as both stay. What is named is read when
 * a server shows its certificate. */
void trust_apply(struct trust *trust, void *easy);

#endif
