/*
 * Why a build failed, for the annotation: the builder's last words, and what to do about them.
 */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "run/attempt.h"
#include "run/step.h"

/* What it is called that no machine was ready in time; also for buildkit/transient. */
extern const char MACHINE_WAS_LATE[];

struct explanation {
    const char *words;  /* one line, with the CLI's exit status; NULL: nothing failed */
    const char *advice; /* a sentence; NULL: none */
};

/* Lives in the step's arena. Shows in the log what there is to add to the workflow. */
struct explanation explain(struct step *step, const struct attempt *attempt);

/* Both in one line, which lives in `arena`. */
const char *explanation_line(struct arena *arena, const struct explanation *why);

#endif
