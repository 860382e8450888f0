/*
 * Where the Dockerfile is in the workspace: BuildKit knows its name, and the inputs name its
 * folder.
 */
#ifndef PLAN_DOCKERFILE_H
#define PLAN_DOCKERFILE_H

#include "plan/inputs.h"
#include "system/arena.h"

/* The path, from the workspace, of the Dockerfile that BuildKit calls `name`; `name` itself if the
 * inputs name another file. Lives in `arena`. */
const char *dockerfile_path(struct arena *arena, const struct inputs *inputs, const char *name);

#endif
