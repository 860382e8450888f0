/*
 * Reads the files that a build writes, the image ID and the metadata, for the step's outputs.
 */
#ifndef RUN_RESULTS_H
#define RUN_RESULTS_H

#include "buildkit/metadata.h"
#include "plan/plan.h"
#include "system/arena.h"

/* Each is NULL if the build did not write it. */
struct results {
    const char *image_id;
    struct metadata metadata;
    const char *warning; /* what could not be read, and why */
};

/* Reads the plan's files. Whatever is missing, empty or malformed is left out. Lives in `arena`. */
void results_read(struct arena *arena, const struct plan *plan, struct results *results);

#endif
