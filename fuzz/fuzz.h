/*
 * What the fuzzers share: each feeds one parser, with all memory given back after each input. The
 * parser sees the bytes in a block of their own, so that AddressSanitizer sees where it ends.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "system/arena.h"
#include "system/error.h"
#include "system/secret.h"

#include <stddef.h>
#include <stdint.h>

/* Implemented by each fuzzer; `text` has a NUL behind its `length` bytes. */
void fuzz_text(struct arena *arena, const char *text, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena = ARENA_INIT;
    fuzz_text(&arena, arena_copy_bytes(&arena, (const char *)bytes, length), length);
    arena_free(&arena);
    return 0;
}

#endif
