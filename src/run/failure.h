/*
 * Why a build failed, for the annotation: the builder's last words, and what to do about it.
 */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "run/attempt.h"
#include "run/step.h"

/* The words for a machine that was not ready in time; buildkit/transient.h knows them too. */
extern const char MACHINE_WAS_LATE[];

struct explanation {
    const char *words;  /* one line, with the CLI's exit status; NULL: nothing failed */
    const char *advice; /* a sentence; NULL: none */
};

/* Lives in the step's arena. If the workflow needs more lines, shows them in the log. */
struct explanation explain(struct step *step, const struct attempt *attempt);

/* Words and advice in one line, which lives in `arena`. */
const char *explanation_line(struct arena *arena, const struct explanation *why);

#endif
