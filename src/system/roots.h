/*
 * Trusted certificates, found by name. A certificate is parsed only when a server's chain needs it,
 * and only if it may have issued what the server shows. (X.509: RFC 5280, 4.1)
 */
#ifndef SYSTEM_ROOTS_H
#define SYSTEM_ROOTS_H

#include "system/arena.h"

#include <stddef.h>

struct bytes {
    const unsigned char *at;
    size_t length;
};

struct roots {
    struct root *items;
    size_t count;
    size_t capacity;
};

/* Adds the certificates of a file: any number in PEM, with any other text, or one in DER. Those
 * that cannot be read are left out. `file` has a NUL after its last byte and lives as long as
 * `arena`. */
void roots_add_file(struct arena *arena, struct roots *roots, struct bytes file);

/* Adds certificates in DER, one after the other. They live as long as `arena`. */
void roots_add_certificates(struct arena *arena, struct roots *roots, struct bytes certificates);

/*
 * Iterates over the certificates whose subject may be this name (the DER of a Name), in the order
 * they were added. Set `*number` to 0 first. Returns true for each, with it in `certificate`.
 *
 * Finds every certificate whose subject is the name, whatever the string type and the case of
 * either (RFC 5280, 7.1). It may also find one with another name, so the caller compares again.
 */
bool roots_find(const struct roots *roots, struct bytes name, size_t *number,
                struct bytes *certificate);

#endif
