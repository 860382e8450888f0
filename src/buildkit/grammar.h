/*
 * The small parts that make up the lines of plain progress (buildkit/progress.h).
 */
#ifndef BUILDKIT_GRAMMAR_H
#define BUILDKIT_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

bool starts_with(const char *text, const char *prefix);

/* Copies a line as `terminal_plain` (system/terminal.h) leaves it, without leading blanks. What
 * does not fit into `size` with its NUL is cut off first. Returns the length of the copy. */
size_t plain_text(char *to, size_t size, const char *from, size_t length);

/* How many bytes come before the first control character that is not a tab. */
size_t printable_length(const char *text, size_t length);

/* The number that a text begins with; 0 if there is none, or if it has more than nine digits. */
int positive(const char *digits);

/* The number made of this many digits; at most nine. */
unsigned number_of(const char *text, size_t digits);

/* The length of the digits of a step's number, which follow `#` and end at a space; 0 if something
 * else is there. */
size_t number_length(const char *text, size_t length);

/* The length of the seconds, `0.412`, before what a step prints, including the space after them; 0
 * if something else is there. */
size_t stamp_length(const char *text, size_t length);

/* The milliseconds in a text that begins with seconds, `1.25`. */
long long milliseconds(const char *seconds);

#endif
