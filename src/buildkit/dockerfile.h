/*
 * On which line of a Dockerfile the instruction of a step stands (BuildKit: dockerfile parser).
 *
 * `docker buildx build` prints the line, `depot build` does not. It follows from the step's stage
 * and position, if the Dockerfile says the same there as the step's name: with variables expanded,
 * and with ONBUILD's instructions of a base image before the stage's own. What is not certain is
 * not known: a wrong line is worse than none.
 */
#ifndef BUILDKIT_DOCKERFILE_H
#define BUILDKIT_DOCKERFILE_H

#include "buildkit/progress.h"
#include "system/arena.h"

#include <stdbool.h>

/*
 * The line, from 1, where the instruction begins that `step` of `progress` is, or the FROM of which
 * it loads the image's metadata; 0 if that is not certain, or another frontend than Docker's reads
 * the file. `text` is the Dockerfile that was built. `arena` is for the time of the call.
 */
int dockerfile_step_line(struct arena *arena, const char *text, const struct progress *progress,
                         const struct build_step *step);

/* Whether Docker's frontend reads the file, and it has the line, from 1. */
bool dockerfile_has_line(const char *text, int line);

/* Whether the line, from 1, is as docker shows it (struct build_source). */
bool dockerfile_shows(const char *text, const struct build_source *source);

#endif
