/*
 * Makes a build fit what the local docker can do. What it cannot do and nobody asked for is left
 * out. What the user asked for gets a temporary builder that can do it; where none can be had, it
 * is left out with a warning if a check of a pull request loses nothing by that, and an error
 * otherwise.
 */
#ifndef PLAN_FIT_H
#define PLAN_FIT_H

#include "plan/plan.h"

/*
 * Changes the plan's request so that the docker that `facts->docker` tells of can do what it asks
 * for, and sets `classic`, `temporary_builder`, notices and warnings. 0, or -1 with an error that
 * names the inputs, why and what to do. Does nothing where nobody asked docker. Lives in `arena`.
 */
int fit_to_docker(struct arena *arena, const struct facts *facts, struct plan *plan,
                  struct error *error);

#endif
