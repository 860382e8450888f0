/*
 * Finds program files, and checks without starting one whether it can be started.
 */
#ifndef SYSTEM_PROGRAM_H
#define SYSTEM_PROGRAM_H

#include "system/arena.h"

#include <stdbool.h>

/* The first executable file `name` in the absolute directories of `path`, a PATH variable; NULL
 * if there is none. The result lives in `arena`. */
char *program_find(struct arena *arena, const char *path, const char *name);

/* ELF: System V ABI, e_machine. PROGRAM_ANY: an unknown format of another system. */
enum program_machine {
    PROGRAM_ANY = 0,
    PROGRAM_X86 = 3,
    PROGRAM_ARM = 40,
    PROGRAM_X86_64 = 62,
    PROGRAM_AARCH64 = 183,
};

/*
 * Whether `path` is an executable regular file with content: a complete ELF program for `machine`,
 * or a script. With PROGRAM_ANY, any file that is not empty.
 */
bool program_is_whole(const char *path, enum program_machine machine);

#endif
