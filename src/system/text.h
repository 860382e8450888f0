/*
 * Text from outside, for a message that a person reads.
 */
#ifndef SYSTEM_TEXT_H
#define SYSTEM_TEXT_H

#include <stddef.h>

/* Copies `from`, cut to `size` with its NUL, with `?` for all that is not printable ASCII. */
void text_quote(char *to, size_t size, const char *from);

#endif
