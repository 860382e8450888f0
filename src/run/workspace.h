/*
 * Whether the checkout has changes that a build from the Git context does not see: the most common
 * surprise with that context. `git status` runs beside the build and costs it no time.
 */
#ifndef RUN_WORKSPACE_H
#define RUN_WORKSPACE_H

#include "system/arena.h"

#include <stdbool.h>
#include <sys/types.h>

struct workspace_check {
    pid_t git; /* 0 where there is nothing to check */
    int output;
};

/* Starts the check where GITHUB_WORKSPACE is a checkout and `git` is on PATH. */
struct workspace_check workspace_check_start(struct arena *arena, char *const *environment);

/* Whether git has found a change by now. Ends git. */
bool workspace_check_finish(struct workspace_check *check);

#endif
