/*
 * The text that a terminal shows for a line.
 */
#ifndef SYSTEM_TERMINAL_H
#define SYSTEM_TERMINAL_H

#include <stddef.h>

/* Removes escape sequences (ECMA-35 and ECMA-48) and control characters from `length` bytes, in
 * place; a tab becomes a space. A NUL must follow the bytes, and follows the result. */
void terminal_plain(char *line, size_t length);

#endif
