/*
 * The runner's docker: what it can build with, and a builder of our own where its own is not
 * enough.
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
    struct default_builder usual; /* whose engine is asked itself, if it can be */
    bool asked;                   /* docker's commands are */
    struct docker_inspection inspection;
};

/* Asks docker what it can do where it may have to build, so that it thinks while a token is got.
 * Where Depot builds for sure it is not even started. */
void local_docker_ask(struct step *step);

/* Puts the answer into the facts; asks first, where docker is to build and was not asked yet.
 * Where it is not to build after all, it is not waited for. */
void local_docker_hear(struct step *step);

/* Makes the plan's temporary builder, if it has one; shows what docker says of it. 0, also if a
 * signal ended it, or -1 with the reason, when nothing of it is left. */
int temporary_builder_make(struct step *step, const struct plan *plan, const char *program,
                           struct error *error);

/* Removes it, if there is one, signals or not. Warns if it is still there. */
void temporary_builder_remove(struct step *step, const struct plan *plan, const char *program);

#endif
