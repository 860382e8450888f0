/*
 * Unpacks a .gz (RFC 1952) with one or more members while it is being read.
 *
 * The checksum of a member is not verified: to detect a changed byte, the caller compares a digest
 * of the whole file. Data after the last member is padding, and is not read.
 */
#ifndef SYSTEM_GUNZIP_H
#define SYSTEM_GUNZIP_H

#include "system/arena.h"
#include "system/byte_source.h"

enum { GUNZIP_BLOCK_SIZE = 256 * 1024 }; /* of content, at most */

/* The caller keeps `source`. The result lives in `arena`. */
struct gunzip *gunzip_open(struct arena *arena, const struct byte_source *source);

/* The next bytes of the content, at least one, valid until the next call; 0 after the last, or -1
 * with the source's error or one that says what is wrong. */
ssize_t gunzip_read(struct gunzip *gunzip, const char **bytes, struct error *error);

#endif
