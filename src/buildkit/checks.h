/*
 * Warnings of BuildKit's checks, shown on the lines of the Dockerfile (Docker: build checks;
 * docker/build-push-action: DOCKER_BUILD_CHECKS_ANNOTATIONS).
 */
#ifndef BUILDKIT_CHECKS_H
#define BUILDKIT_CHECKS_H

#include "system/arena.h"

#include <stddef.h>

struct check {
    const char *title;   /* what the check is for; NULL: it says not */
    const char *message; /* what is wrong, and where to read on */
    const char *file;    /* the Dockerfile by the name that BuildKit has for it; NULL: not told */
    int line;            /* from 1; 0: not told */
    int end_line;
};

enum { CHECK_LIMIT = 500 }; /* more than any Dockerfile gives rise to */

/* The warnings in `metadata`, the builder's file, at most CHECK_LIMIT of them, in the order of
 * their lines and each once, though every platform has it; what has not the form of one is skipped.
 * Returns how many there are. They live in `arena`. */
size_t checks_read(struct arena *arena, const char *metadata, struct check checks[CHECK_LIMIT]);

#endif
