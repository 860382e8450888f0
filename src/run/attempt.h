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

/* What follows an attempt. These are the only reasons to make a new plan. */
enum next {
    NEXT_NOTHING,
    NEXT_TRY,                       /* the failure may pass, and the wait is over */
    NEXT_WITH_DOCKER,               /* Depot had no builder */
    NEXT_WITHOUT_TEMPORARY_BUILDER, /* it could not be made */
};

struct outcome {
    enum next next;
    int status; /* for NEXT_NOTHING: the step's exit status; -1 with an error if the attempt failed
                   before it had one */
    const char *why; /* for the others: the reason; in the step's arena */
};

/* Makes a plan, runs it, and publishes the results. The attempt leaves nothing on the runner: its
 * files are in a private directory, which is removed, and so is a builder that it made. */
struct outcome attempt_build(struct step *step, struct error *error);

/* What became of the builder's command. */
struct attempt {
    struct plan plan;
    const char *program; /* the program that runs the plan's command */
    struct progress *progress;
    int status;
    long long ms;         /* how long it took */
    bool timed_out;       /* no machine was ready in time */
    int cancelled_before; /* the try whose wait a signal ended; 0: none */
};

#endif
