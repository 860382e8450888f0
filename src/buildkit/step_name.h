/*
 * What a step's name tells (BuildKit: dockerfile2llb, the names of a Dockerfile's instructions),
 * and what the steps of a build come to.
 */
#ifndef BUILDKIT_STEP_NAME_H
#define BUILDKIT_STEP_NAME_H

#include "buildkit/progress.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * `[linux/amd64 build 3/5] RUN make`. The platform is that of the machine that runs it, with
 * `->PLATFORM` after it if the image is for another (`linux/amd64->arm64`).
 */
struct step_name {
    char platform[PROGRESS_NAME_SIZE]; /* empty unless the build has several */
    char stage[PROGRESS_NAME_SIZE]; /* `stage-1` if it has no name, the second; empty: the only */
    int position;                   /* from 1, of the stage's instructions that are steps */
    int of; /* how many the Dockerfile has; ONBUILD's of the base image come on top */
    const char *instruction; /* within the name */
};

/* False, and nothing else, if the name is no instruction's. */
bool step_name_parse(const char *name, struct step_name *parsed);

struct step_count {
    size_t total;
    size_t cached;
};

/* Of instructions only, each platform's counted. */
struct step_count step_count(const struct progress *progress);

/* The instructions that took longest, of those that were not cached, the longest first; of equal
 * ones the earlier. Returns how many, at most `most`. */
size_t step_slowest(const struct progress *progress, const struct build_step **steps, size_t most);

/* How long the build waited for its machines, in ms: for the slower of them, if it took several. */
long long step_machine_wait(const struct progress *progress);

#endif
