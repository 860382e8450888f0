/*
 * Text for messages that people read.
 */
#ifndef SYSTEM_TEXT_H
#define SYSTEM_TEXT_H

#include "system/arena.h"

#include <stddef.h>

/* Copies `from`, redacted and cut (system/redaction.h) to `size` including its NUL, with `?` for
 * everything that is not printable ASCII. */
void text_quote(char *to, size_t size, const char *from);

/* How many of the `length` bytes at `text` fit in `size` without cutting a character in two
 * (UTF-8). */
size_t text_cut(const char *text, size_t length, size_t size);

/* How many of the `length` bytes at `text` fit in `size` without cutting a word in two. The word
 * may be a secret that only the runner knows and that it would not find in part. */
size_t text_cut_at_word(const char *text, size_t length, size_t size);

enum { TEXT_MOMENT_SIZE = 64 };

/* `2027-01-15 08:00 UTC` for this number of s since 1970. */
void text_moment(char to[TEXT_MOMENT_SIZE], long long seconds);

/* `2027-01-15T08:00:00Z` for the same (RFC 3339). */
void text_timestamp(char to[TEXT_MOMENT_SIZE], long long seconds);

/* The text with U+FFFD in place of each byte that is not UTF-8 (RFC 3629), as JSON requires UTF-8.
 * Lives in `arena`. */
char *text_utf8(struct arena *arena, const char *text);

#endif
