/*
 * Warnings from BuildKit's checks, shown on the lines of the Dockerfile (Docker: build checks;
 * docker/build-push-action: DOCKER_BUILD_CHECKS_ANNOTATIONS).
 */
#ifndef BUILDKIT_CHECKS_H
#define BUILDKIT_CHECKS_H

#include "system/arena.h"

#include <stddef.h>

struct check {
    const char *title;   /* what the check is for; NULL: unknown */
    const char *message; /* what is wrong, and where to read on */
    const char *file;    /* the Dockerfile, by the name that BuildKit uses; NULL: unknown */
    int line;            /* from 1; 0: unknown */
    int end_line;
};

enum { CHECK_LIMIT = 500 }; /* more than any Dockerfile causes */

/* The warnings in `metadata`, the builder's file: at most CHECK_LIMIT, in the order of their lines,
 * and each only once although every platform reports it. What does not have the form of a warning
 * is skipped. Returns how many there are. They live in `arena`. */
size_t checks_read(struct arena *arena, const char *metadata, struct check checks[CHECK_LIMIT]);

#endif
