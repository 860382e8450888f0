/*
 * Programs as files: where one is, and whether it can be started, without starting it.
 */
#ifndef SYSTEM_PROGRAM_H
#define SYSTEM_PROGRAM_H

#include "system/arena.h"

#include <stdbool.h>

/* The first executable file `name` in the absolute directories of `path`, a PATH variable; NULL
 * where there is none. The result lives in `arena`. */
char *program_find(struct arena *arena, const char *path, const char *name);

/* ELF: System V ABI, e_machine. PROGRAM_ANY: another system's format, of which nothing is known. */
enum program_machine {
    PROGRAM_ANY = 0,
    PROGRAM_X86 = 3,
    PROGRAM_ARM = 40,
    PROGRAM_X86_64 = 62,
    PROGRAM_AARCH64 = 183,
};

/*
 * Whether `path` is an executable regular file that holds something: an ELF program for `machine`
 * of which no part is cut off, or a script. With PROGRAM_ANY, anything that is not empty.
 */
bool program_is_whole(const char *path, enum program_machine machine);

#endif
