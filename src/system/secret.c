#include "system/secret.h"

#include "system/memory.h"

#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

void secret_start(void)
{
    if (sodium_init() < 0) {
        fputs("::error title=No randomness::The system provides no random numbers, and secrets "
              "need them: use a kernel with getrandom(), or a container with /dev/urandom.\n",
              stderr);
        exit(1);
    }
    cJSON_InitHooks(&(cJSON_Hooks){secret_heap_allocate, secret_heap_free});
    setrlimit(RLIMIT_CORE, &(struct rlimit){.rlim_cur = 0, .rlim_max = 0});
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
    /* A core_pattern that is a pipe ignores the limit. This also keeps the user's other processes
     * out of /proc/PID/environ and ptrace. (LeakSanitizer needs ptrace.) */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}

void secret_nonce(char nonce[SECRET_NONCE_SIZE])
{
    unsigned char bytes[(SECRET_NONCE_SIZE - 1) / 2];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(nonce, SECRET_NONCE_SIZE, bytes, sizeof(bytes));
}

/* The size is stored before the block, so that free knows how much to wipe. */
struct heap_block {
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct heap_block *block_of(void *memory)
{
    return (struct heap_block *)((unsigned char *)memory - offsetof(struct heap_block, bytes));
}

void *secret_heap_allocate(size_t size)
{
    const bool fits = size <= SIZE_MAX - sizeof(struct heap_block);
    struct heap_block *block = memory_or_exit(fits ? malloc(sizeof(*block) + size) : NULL);
    block->size = size;
    /* cppcheck-suppress memleak ; secret_heap_free finds the start of the block */
    return block->bytes;
}

void *secret_heap_allocate_zeroed(size_t count, size_t size)
{
    const bool fits = size == 0 || count <= SIZE_MAX / size;
    return memset(secret_heap_allocate(fits ? count * size : SIZE_MAX), 0, count * size);
}

void *secret_heap_resize(void *memory, size_t size)
{
    if (memory == NULL)
        return secret_heap_allocate(size);
    size_t old = block_of(memory)->size;
    void *moved = secret_heap_allocate(size);
    memcpy(moved, memory, old < size ? old : size);
    secret_heap_free(memory);
    return moved;
}

char *secret_heap_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(secret_heap_allocate(size), text, size);
}

void secret_heap_free(void *memory)
{
    if (memory == NULL)
        return;
    struct heap_block *block = block_of(memory);
    sodium_memzero(block->bytes, block->size);
    free(block);
}
