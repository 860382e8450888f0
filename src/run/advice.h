/*
 * What to do about a failed build: a sentence for the annotation, and what to add to the workflow.
 */
#ifndef RUN_ADVICE_H
#define RUN_ADVICE_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "system/arena.h"

struct advice {
    const char *sentence; /* NULL if there is nothing to add to the builder's own words */
    const char *example;  /* lines of a workflow; NULL if there are none */
};

/* How to give a job an OIDC identity; `sentence` is NULL if this forge has none to give. */
struct advice identity_advice(enum forge forge);

/* What is known about a failed build besides the inputs and facts. */
struct circumstances {
    long long now;             /* s since 1970, by this machine's clock */
    const char *directory;     /* the working directory of the step; NULL: not known */
    const char *token_problem; /* why the job's OIDC identity gave no token; NULL: it gave one, or
                                  the job has no identity */
};

/* About `line`, the last words of the depot CLI. Lives in `arena`. */
struct advice depot_advice(struct arena *arena, const struct inputs *inputs,
                           const struct facts *facts, const struct circumstances *circumstances,
                           const char *line);

/* About a registry or a cache that refused, by `line`, the last words of either builder, and
 * `step`, the name of the step that failed (NULL: none). Lives in `arena`. */
struct advice registry_advice(struct arena *arena, const struct inputs *inputs, const char *line,
                              const char *step);

/* About `line`, docker's last words: what failed because the runner, or a fork, lacks something.
 * `arena` is used only during the call. */
struct advice docker_advice(struct arena *arena, const struct inputs *inputs,
                            const struct facts *facts, bool foreign_program, const char *line);

#endif
