/*
 * What a build leaves behind: its image ID and metadata files, read into the step's outputs.
 */
#ifndef RUN_RESULTS_H
#define RUN_RESULTS_H

#include "plan/plan.h"
#include "system/arena.h"

/* Each is NULL where the build did not leave it. */
struct results {
    const char *image_id;
    const char *digest;     /* `containerimage.digest` of the metadata */
    const char *build_id;   /* `depot.build.buildID` */
    const char *project_id; /* `depot.build.projectID` */
    const char *metadata;   /* the file as it is */
    const char *pretty;     /* the same for people, a line a member */
    const char *warning;    /* what could not be read, and why */
};

/* Reads the plan's files; what is missing, empty or malformed is left out. Lives in `arena`. */
void results_read(struct arena *arena, const struct plan *plan, struct results *results);

/* The members of `metadata`, a JSON text with a NUL behind its `length` bytes. 0, or -1 where it is
 * not a JSON object; `null` and blank text, which the CLIs write where there is nothing to tell,
 * are 0 without members. */
int results_parse(struct arena *arena, const char *metadata, size_t length,
                  struct results *results);

#endif
