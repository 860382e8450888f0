/*
 * Memory that the program cannot do without: if there is none, it says so and exits.
 */
#ifndef SYSTEM_MEMORY_H
#define SYSTEM_MEMORY_H

/* Returns `memory`. If it is NULL, the process says that memory ran out and exits with 1. */
void *memory_or_exit(void *memory);

#endif
