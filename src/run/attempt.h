/*
 * One attempt to build: from the plan to the outputs.
 */
#ifndef RUN_ATTEMPT_H
#define RUN_ATTEMPT_H

#include "buildkit/progress.h"
#include "plan/plan.h"
#include "run/step.h"
#include "system/error.h"

#include <stdbool.h>

/* What is to follow an attempt: the only reasons to plan anew. */
enum next {
    NEXT_NOTHING,
    NEXT_TRY,                       /* the failure may pass, and was waited for */
    NEXT_WITH_DOCKER,               /* Depot had no builder */
    NEXT_WITHOUT_TEMPORARY_BUILDER, /* it could not be made */
};

struct outcome {
    enum next next;
    int status; /* of NEXT_NOTHING: the step's exit status; -1: the attempt failed before it had
                   one, with an error */
    const char *why; /* of the others; in the step's arena */
};

/* Plans, runs the plan, and publishes what came of it. Nothing of the attempt stays behind: its
 * files are in a private directory of its own, and a builder that it made is removed. */
struct outcome attempt_build(struct step *step, struct error *error);

/* What became of the builder's command. */
struct attempt {
    struct plan plan;
    const char *program; /* that runs the plan's command */
    struct progress *progress;
    int status;
    long long ms;         /* that it took */
    bool timed_out;       /* no machine was ready in time */
    int cancelled_before; /* the try for which a signal ended the wait; 0: none */
};

#endif
