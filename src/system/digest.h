/*
 * The SHA-256 of a stream of bytes, computed on its own thread while the caller continues.
 *
 *     struct digest *digest = digest_begin(&arena);
 *     while ((length = read(…, digest_block(digest), DIGEST_BLOCK_SIZE)) > 0)
 *         digest_add(digest, (size_t)length);
 *     digest_end(digest, sum);
 */
#ifndef SYSTEM_DIGEST_H
#define SYSTEM_DIGEST_H

#include "system/arena.h"

#include <stddef.h>

enum { DIGEST_SIZE = 32, DIGEST_BLOCK_SIZE = 256 * 1024 };

/* Lives in `arena`, which must exist until digest_end. If no thread can be started, it only takes
 * longer. */
struct digest *digest_begin(struct arena *arena);

/* Where the next bytes go, up to DIGEST_BLOCK_SIZE. Their content is kept until the next call. */
char *digest_block(struct digest *digest);

/* Adds the first `length` bytes of that block. */
void digest_add(struct digest *digest, size_t length);

/* Waits for the thread. Must be called, once. */
void digest_end(struct digest *digest, unsigned char sum[DIGEST_SIZE]);

#endif
