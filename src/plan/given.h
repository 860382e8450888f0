/*
 * The inputs that were given, for people to read.
 */
#ifndef PLAN_GIVEN_H
#define PLAN_GIVEN_H

#include "plan/plan.h"

/*
 * Adds `name: value` for each input that is not what it is by default, once for each item of a
 * list, in the order of the table. Instead of secrets and of the values of build arguments stands
 * `***`; of what may be a piece of one, not even a name is shown. The action's own default of
 * `github-token` is not told from one that was given, so it is left out. `plan` is of these inputs.
 * The lines live in `arena`.
 */
void given_inputs(struct arena *arena, const struct inputs *inputs, const struct plan *plan,
                  struct string_list *lines);

#endif
