/*
 * Who builds, and why.
 */
#ifndef PLAN_BUILDER_H
#define PLAN_BUILDER_H

#include "plan/facts.h"
#include "plan/inputs.h"

enum builder { BUILDER_DEPOT, BUILDER_DOCKER };

struct builder_choice {
    enum builder builder;
    const char *reason; /* a sentence for the user */
    bool challenge;     /* Depot builds instead if the open-source challenge yields a token */
};

/* Whether the server gives the run neither secrets nor an identity: a fork's run, or one of
 * Dependabot's that has no token. Such a run must not fail because of what it is not allowed to do.
 */
bool run_is_restricted(const struct facts *facts);

/* Whether Depot's service for open source may be asked. It reads the logs on github.com. */
bool challenge_is_open(const struct facts *facts);

struct builder_choice builder_choose(const struct inputs *inputs, const struct facts *facts);

/* Whether docker builds if no Depot builder is available. */
bool builder_may_be_missing(const struct inputs *inputs, const struct facts *facts);

/* `depot` or `docker`. */
const char *builder_name(enum builder builder);

#endif
