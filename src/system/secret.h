/*
 * Keeps secrets from leaving the process by accident. Secrets are stored in a secret arena
 * (system/arena.h).
 */
#ifndef SYSTEM_SECRET_H
#define SYSTEM_SECRET_H

#include <stddef.h>

/* Must run before a secret arena is used. Starts libsodium, makes cJSON wipe what it
 * frees, and turns off core dumps of this process. Exits with 1 if the system has no source of
 * randomness. */
void secret_start(void);

/* Unguessable: 32 hexadecimal digits, 128 bits, and the NUL. */
enum { SECRET_NONCE_SIZE = 33 };
void secret_nonce(char nonce[SECRET_NONCE_SIZE]);

/* malloc's family for libraries that see secrets (libcurl, cJSON): memory is wiped when freed, and
 * the process exits when it runs out, so that no library mistakes that for another error. */
void *secret_heap_allocate(size_t size);
void *secret_heap_allocate_zeroed(size_t count, size_t size);
void *secret_heap_resize(void *memory, size_t size);
char *secret_heap_copy(const char *text);
void secret_heap_free(void *memory);

#endif
