/*
 * Certificates that are trusted, found by name. None is parsed until a server's chain asks for it,
 * and then only those that may have issued what the server shows. (X.509: RFC 5280, 4.1)
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

/* Adds what a file holds: certificates in PEM, among whatever else, or one in DER. What cannot be
 * read is left out. `file` has a NUL after its last byte and stays as long as `arena`. */
void roots_add_file(struct arena *arena, struct roots *roots, struct bytes file);

/* Adds certificates in DER, one after the other. They stay as long as `arena`. */
void roots_add_certificates(struct arena *arena, struct roots *roots, struct bytes certificates);

/*
 * Goes through the certificates, in the order in which they were added, whose subject may be this
 * name (the DER of a Name): `*number` is 0 at first. True for each, which is in `certificate` then.
 *
 * Every certificate whose subject is the name is among them, in whatever type of string and case
 * either is written (RFC 5280, 7.1). One of another name can be, too: who asks compares again.
 */
bool roots_find(const struct roots *roots, struct bytes name, size_t *number,
                struct bytes *certificate);

#endif
