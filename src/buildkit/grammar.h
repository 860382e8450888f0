/*
 * The small parts that the lines of plain progress are made of (buildkit/progress.h).
 */
#ifndef BUILDKIT_GRAMMAR_H
#define BUILDKIT_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

bool starts_with(const char *text, const char *prefix);

/* Copies a line without escape sequences, control characters, and the blanks before it. Tabs stay,
 * unless one of the former is before them, so that a runner's mask still finds its text. What does
 * not fit in `size` with its NUL is cut before anything else. Returns the length of the copy. */
size_t plain_text(char *to, size_t size, const char *from, size_t length);

/* How many bytes stand before the first control character that is no tab. */
size_t printable_length(const char *text, size_t length);

/* The number that a text begins with; 0 if there is none, or one of more than nine digits. */
int positive(const char *digits);

/* The number that so many digits make; at most nine. */
unsigned number_of(const char *text, size_t digits);

/* The length of the digits of a step's number, which follow `#` and end at a blank; 0 if something
 * else stands there. */
size_t number_length(const char *text, size_t length);

/* The length of the seconds, `0.412`, that stand before what a step prints, and of the blank after
 * them; 0 if something else stands there. */
size_t stamp_length(const char *text, size_t length);

/* Of seconds, `1.25`, and whatever follows them. */
long long milliseconds(const char *seconds);

#endif
