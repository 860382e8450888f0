/*
 * Adapts a build to what the local docker can do. If docker cannot do something that nobody asked
 * for, it is left out. If the user asked for it, a temporary builder that can do it is used. If
 * there is no such builder, it is left out with a warning if that does no harm to the check of a
 * pull request; otherwise it is an error.
 */
#ifndef PLAN_FIT_H
#define PLAN_FIT_H

#include "plan/plan.h"

/*
 * Changes the plan's request so that the docker that `facts->docker` describes can do what it asks
 * for, and sets `classic`, `temporary_builder`, notices and warnings. 0, or -1 with an error that
 * names the inputs, the reason and the remedy. Does nothing if docker was not asked. Lives in
 * `arena`.
 */
int fit_to_docker(struct arena *arena, const struct facts *facts, struct plan *plan,
                  struct error *error);

#endif
