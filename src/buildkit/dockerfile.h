/*
 * The line of a Dockerfile on which the instruction of a step is (BuildKit: dockerfile parser).
 *
 * `docker buildx build` prints the line, but `depot build` does not. It follows from the step's
 * stage and position, if the Dockerfile has the same text there as the step's name. Variables may
 * be expanded in the name, and a base image's ONBUILD instructions come before the stage's own. If
 * the line is not certain, none is given: a wrong line is worse than none.
 */
#ifndef BUILDKIT_DOCKERFILE_H
#define BUILDKIT_DOCKERFILE_H

#include "buildkit/progress.h"
#include "system/arena.h"

#include <stdbool.h>

/*
 * The line, from 1, on which the instruction of `step` in `progress` begins, or the FROM whose
 * image metadata the step loads. 0 if that is not certain, or if a frontend other than Docker's
 * reads the file. `text` is the Dockerfile that was built. `arena` is used only during the call.
 */
int dockerfile_step_line(struct arena *arena, const char *text, const struct progress *progress,
                         const struct build_step *step);

/* Whether Docker's frontend reads the file, and the file has the line, from 1. */
bool dockerfile_has_line(const char *text, int line);

/* Whether the line is the same as docker shows it (struct build_source). */
bool dockerfile_shows(const char *text, const struct build_source *source);

#endif
