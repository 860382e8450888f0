/*
 * Where in the Dockerfile a build failed, as far as that is certain: a wrong line is worse than
 * none.
 */
#ifndef RUN_PLACE_H
#define RUN_PLACE_H

#include "run/attempt.h"
#include "run/step.h"

struct place {
    /* From the workspace, for an annotation. Only of a file that is in the workspace, links
     * resolved, and is the one that was built: in a local context, or in the default Git context if
     * the workspace has that commit checked out and the file is as it is there. Else NULL. */
    const char *file;
    const char *name; /* for people: the path as it was given, or the name that docker has for it */
    int line;         /* from 1; 0: not known, and so is all else */
};

/* Lives in the step's arena. */
struct place find_place(struct step *step, const struct attempt *attempt);

#endif
