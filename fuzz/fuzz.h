/*
 * What the fuzzers share. Each passes its input to one parser, and frees all memory after each
 * input. The bytes are in a separate block, so that AddressSanitizer knows where they end.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "system/arena.h"
#include "system/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Implemented by each fuzzer. `text` has a NUL after its `length` bytes. */
void fuzz_text(struct arena *arena, const char *text, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena = ARENA_INIT;
    fuzz_text(&arena, arena_copy_bytes(&arena, (const char *)bytes, length), length);
    arena_free(&arena);
    return 0;
}

/* What must be true for every input. */
static inline void fuzz_assert(bool holds)
{
    if (!holds)
        abort();
}

/* Whether `text` has no control characters except tabs, so that none can end a line of the log or
 * begin another. */
static inline bool fuzz_is_one_line(const char *text)
{
    for (; *text != '\0'; text++)
        if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
            return false;
    return true;
}

/* Whether the error has a message, on one line. */
static inline bool fuzz_tells(const struct error *error)
{
    return error->message[0] != '\0' && fuzz_is_one_line(error->message);
}

#endif
