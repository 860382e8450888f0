/*
 * The runner's docker: what it can do, and a temporary builder if docker's own is not enough.
 */
#ifndef RUN_LOCAL_DOCKER_H
#define RUN_LOCAL_DOCKER_H

#include "docker/default_builder.h"
#include "docker/inspect.h"
#include "plan/plan.h"
#include "system/error.h"

#include <stdbool.h>

struct step;

struct local_docker {
    struct default_builder usual; /* its engine is asked directly, if that is possible */
    bool asked;                   /* docker's commands were started */
    struct docker_inspection inspection;
};

/* If docker may have to build, asks it what it can do; it answers while the step gets a token. If
 * Depot is certain to build, docker is not even started. */
void local_docker_ask(struct step *step);

/* Puts the answer into the facts. If docker builds and was not asked yet, asks it first. If docker
 * does not build after all, does not wait for the answer. */
void local_docker_hear(struct step *step);

/* Makes the plan's temporary builder, if it has one, and shows docker's output. Returns 0, also if
 * a signal ended it; or -1 with the reason, and then nothing of the builder is left. */
int temporary_builder_make(struct step *step, const struct plan *plan, const char *program,
                           struct error *error);

/* Removes the temporary builder, if there is one, even after a signal. Warns if that fails. */
void temporary_builder_remove(struct step *step, const struct plan *plan, const char *program);

#endif
