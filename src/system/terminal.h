/*
 * What a terminal shows of a line.
 */
#ifndef SYSTEM_TERMINAL_H
#define SYSTEM_TERMINAL_H

#include <stddef.h>

/* Removes escape sequences (ECMA-35 and ECMA-48) and control characters of `length` bytes, in
 * place; a tab becomes a space. A NUL must follow them, and follows what is left. */
void terminal_plain(char *line, size_t length);

#endif
