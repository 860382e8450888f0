/*
 * Memory that must be there: without it there is nothing left to do but to say so.
 */
#ifndef SYSTEM_MEMORY_H
#define SYSTEM_MEMORY_H

/* Gives `memory` back. If it is NULL, the process says that there is none and exits with 1. */
void *memory_or_exit(void *memory);

#endif
