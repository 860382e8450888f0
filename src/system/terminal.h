/*
 * The text of a line without what a terminal does not show.
 */
#ifndef SYSTEM_TERMINAL_H
#define SYSTEM_TERMINAL_H

#include <stddef.h>

/* Removes escape sequences (ECMA-35 and ECMA-48) and control characters other than tabs from
 * `length` bytes, in place. A NUL must follow the bytes, and follows the result. Tabs stay so that
 * a runner's mask still finds a secret that has some. */
void terminal_plain(char *line, size_t length);

#endif
