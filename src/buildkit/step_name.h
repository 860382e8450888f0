/*
 * What a step's name says (BuildKit: dockerfile2llb, the names of a Dockerfile's instructions), and
 * what the steps of a build add up to.
 */
#ifndef BUILDKIT_STEP_NAME_H
#define BUILDKIT_STEP_NAME_H

#include "buildkit/progress.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * `[linux/amd64 build 3/5] RUN make`. The platform is that of the machine that runs it, followed by
 * `->PLATFORM` if the image is for another one (`linux/amd64->arm64`).
 */
struct step_name {
    char platform[PROGRESS_NAME_SIZE]; /* empty unless the build has several platforms */
    char stage[PROGRESS_NAME_SIZE]; /* `stage-1` is the second, if it has no name; empty: the only
                                       one */
    int position;                   /* from 1, among the stage's instructions that are steps */
    int of; /* how many the Dockerfile has, without ONBUILD steps of the base image */
    const char *instruction; /* points into the name */
};

/* Returns false and sets nothing if the name is not an instruction's. */
bool step_name_parse(const char *name, struct step_name *parsed);

struct step_count {
    size_t total;
    size_t cached;
};

/* Only instructions count, separately for each platform. */
struct step_count step_count(const struct progress *progress);

/* The instructions that took longest and were not cached, longest first; of equal ones, the earlier
 * first. Returns how many, at most `most`. */
size_t step_slowest(const struct progress *progress, const struct build_step **steps, size_t most);

/* How long the build waited for its machines, in ms: for the slowest, if it used several. */
long long step_machine_wait(const struct progress *progress);

#endif
