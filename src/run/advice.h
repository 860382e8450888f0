/*
 * What to do about a failed build: a sentence for the annotation, and what to add to the workflow.
 */
#ifndef RUN_ADVICE_H
#define RUN_ADVICE_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "system/arena.h"

struct advice {
    const char *sentence; /* NULL where there is nothing to add to the builder's own words */
    const char *example;  /* lines of a workflow; NULL for none */
};

/* What gives a job an OIDC identity; no sentence if nothing does. */
struct advice identity_advice(enum forge forge);

/* What is known of a failed build besides the inputs and facts. */
struct circumstances {
    long long now;             /* s since 1970, by this machine's clock */
    const char *directory;     /* that the step runs in; NULL: not known */
    const char *token_problem; /* why the job's OIDC identity gave no token; NULL: it did, or there
                                  is none */
};

/* About `line`, the last words of the depot CLI. Lives in `arena`. */
struct advice depot_advice(struct arena *arena, const struct inputs *inputs,
                           const struct facts *facts, const struct circumstances *circumstances,
                           const char *line);

/* About `line`, docker's last words: what failed for want of something that a runner, or a fork,
 * lacks. `arena` is for the time of the call. */
struct advice docker_advice(struct arena *arena, const struct inputs *inputs,
                            const struct facts *facts, bool foreign_program, const char *line);

#endif
