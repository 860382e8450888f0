/*
 * An arena holds all memory of one run and frees it at once.
 *
 * There are two kinds. A plain arena takes its memory from malloc. A secret arena, called the
 * vault in this program, takes it from sodium_malloc: locked if the limits allow, excluded from
 * core dumps, between guard pages, and wiped when freed. Everything derived from a secret is
 * allocated in the vault.
 *
 * Allocation never fails for the caller: if memory runs out, the process says so and exits with 1.
 */
#ifndef SYSTEM_ARENA_H
#define SYSTEM_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena {
    struct arena_chunk *chunks;
    bool secret; /* memory comes from sodium_malloc; secret_start() must have run */
};

#define ARENA_INIT                                                                                 \
    {                                                                                              \
        .chunks = NULL, .secret = false                                                            \
    }
#define ARENA_SECRET_INIT                                                                          \
    {                                                                                              \
        .chunks = NULL, .secret = true                                                             \
    }

/* Zeroed memory, aligned for any type; valid until arena_free. */
void *arena_allocate(struct arena *arena, size_t size);

/* Copies, each with a terminating NUL. `length` is in bytes. */
char *arena_copy(struct arena *arena, const char *text);
char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t length);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Frees all memory of the arena, which can then be used again. Keeps errno. */
void arena_free(struct arena *arena);

/* An arena that is freed at the end of its block: `scoped_arena scratch = ARENA_INIT;` */
#define scoped_arena __attribute__((cleanup(arena_free))) struct arena

#endif
