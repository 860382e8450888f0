#include "system/arena.h"

#include "system/memory.h"

#include <errno.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

/* Under AddressSanitizer each allocation has its own chunk, so that overruns are detected. */
#ifdef __SANITIZE_ADDRESS__
enum { CHUNK_SIZE = 1 };
#else
enum { CHUNK_SIZE = 16 * 1024 };
#endif

static struct arena_chunk *chunk_new(struct arena *arena, size_t size)
{
    if (size < CHUNK_SIZE)
        size = CHUNK_SIZE;
    if (size > SIZE_MAX - sizeof(struct arena_chunk))
        return memory_or_exit(NULL);
    size_t whole = sizeof(struct arena_chunk) + size;
    struct arena_chunk *chunk =
        memory_or_exit(arena->secret ? sodium_malloc(whole) : calloc(1, whole));
    chunk->next = arena->chunks;
    chunk->used = 0;
    chunk->size = size;
    arena->chunks = chunk;
    return chunk;
}

void *arena_allocate(struct arena *arena, size_t size)
{
    const size_t alignment = alignof(max_align_t);
    if (size > SIZE_MAX - alignment)
        memory_or_exit(NULL);
    if (size == 0)
        size = 1;
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    struct arena_chunk *chunk = arena->chunks;
    if (chunk == NULL || chunk->size - chunk->used < rounded)
        /* sodium_malloc puts the end of a block at a guard page, so the block's start is aligned
         * only if its size is a multiple of the alignment: `rounded` is. */
        chunk = chunk_new(arena, rounded);
    void *memory = chunk->bytes + chunk->used;
    chunk->used += rounded;
    /* calloc's memory is zero already. Pages that nobody writes to then take no memory. */
    return arena->secret ? memset(memory, 0, size) : memory;
}

char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_allocate(arena, length + 1);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
    return arena_copy_bytes(arena, text, strlen(text));
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        memory_or_exit(NULL);
    char *text = arena_allocate(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

void arena_free(struct arena *arena)
{
    const int saved = errno;
    while (arena->chunks != NULL) {
        struct arena_chunk *chunk = arena->chunks;
        arena->chunks = chunk->next;
        if (arena->secret)
            sodium_free(chunk);
        else
            free(chunk);
    }
    errno = saved;
}
