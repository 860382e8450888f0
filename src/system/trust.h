/*
 * Which certificate authorities are trusted. The first of these that exists:
 *
 *   SSL_CERT_FILE and SSL_CERT_DIR (OpenSSL: default verify paths),
 *   the distribution's bundle, wherever it is (Go: crypto/x509, root_linux.go lists them),
 *   Mozilla's, built into release binaries.
 *
 * The certificates in NODE_EXTRA_CA_CERTS are trusted as well (Node.js: command-line API): users
 * behind an intercepting proxy already set it.
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
    struct string_list more; /* texts in PEM: trusted as well */
    const char *name;        /* of the store, for messages */
    struct arena *arena;     /* from here on: private */
    void *loaded;            /* NULL until a connection needs it */
};

/* Reads only what it must: NODE_EXTRA_CA_CERTS, and the directories after the first of
 * SSL_CERT_DIR. */
void trust_choose(struct arena *arena, char *const *environment, bool (*exists)(const char *path),
                  struct trust *trust);

/* Makes the transfers of `easy`, a CURL *, trust these, as long as both exist. The files are read
 * when a server shows its certificate. */
void trust_apply(struct trust *trust, void *easy);

#endif
