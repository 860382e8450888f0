/*
 * The inputs that were set, for people to read.
 */
#ifndef PLAN_GIVEN_H
#define PLAN_GIVEN_H

#include "plan/plan.h"

/*
 * Adds `name: value` for each input that differs from its default, once for each item of a list, in
 * the order of the table. Secrets and the values of build arguments are shown as `***`; if an item
 * may be a piece of one, not even a name is shown. `github-token` is left out, because the action's
 * own default cannot be told apart from a token that was given. `plan` is of these inputs. The
 * lines live in `arena`.
 */
void given_inputs(struct arena *arena, const struct inputs *inputs, const struct plan *plan,
                  struct string_list *lines);

#endif
