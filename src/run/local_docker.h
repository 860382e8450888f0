/*
 * The runner's docker: what it can build with, and a builder of our own where its own is not
 * enough.
 */
#ifndef RUN_LOCAL_DOCKER_H
#define RUN_LOCAL_DOCKER_H

#include "docker/inspect.h"
#include "plan/plan.h"
#include "buildkit/log.h"
#include "run/prepare.h"

#include <stdbool.h>

struct local_docker {
    const char *socket; /* of the engine that is asked itself; NULL for none */
    bool asked;
    struct docker_inspection inspection;
};

/* Asks docker what it can do where it may have to build, so that it thinks while a token is got.
 * Where Depot builds for sure it is not even started. */
void local_docker_ask(struct local_docker *docker, struct preparation *preparation);

/* Puts the answer into the facts; asks first, where docker is to build and was not asked yet.
 * Where it is not to build after all, it is not waited for. */
void local_docker_hear(struct local_docker *docker, struct preparation *preparation);

/* Makes the plan's temporary builder; shows what docker says of it. 0, or -1 with the reason. What
 * is made must be removed, also where this failed. */
int temporary_builder_make(struct preparation *preparation, const struct plan *plan,
                           const char *program, struct error *error);

/* Removes it, signals or not. 0, or -1 where it is still there. */
int temporary_builder_remove(struct preparation *preparation, const struct plan *plan,
                             const char *program);

#endif
