/*
 * Where in the Dockerfile a build failed, if that is certain: a wrong line is worse than none.
 */
#ifndef RUN_PLACE_H
#define RUN_PLACE_H

#include "run/attempt.h"
#include "run/step.h"

struct place {
    /* The path from the workspace, for an annotation. NULL unless the file is in the workspace
     * (links resolved) and is the one that was built: in a local context, or in the default Git
     * context if that commit is checked out in the workspace and the file has not changed. */
    const char *file;
    const char *name; /* to show: the path as it was given, or docker's name for it */
    int line;         /* from 1; 0: nothing is known, not even the name */
};

/* Lives in the step's arena. */
struct place find_place(struct step *step, const struct attempt *attempt);

#endif
