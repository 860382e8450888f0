/*
 * The command line of the builder: the inputs' flags, row by row of the table, and those that need
 * a decision.
 */
#ifndef PLAN_ARGUMENTS_H
#define PLAN_ARGUMENTS_H

#include "plan/plan.h"

/* The longest argument that Linux takes, in bytes without the NUL (MAX_ARG_STRLEN, execve(2)). */
enum { ARGUMENT_LIMIT = 128 * 1024 - 1 };

/* One string of an environment holds 128 KiB, its name among them: a later step that uses a larger
 * output `metadata` cannot be started. */
enum { METADATA_OUTPUT_LIMIT = 100 * 1000 };

/*
 * Fills the plan's command from the plan's request, secrets and files, and adds notices and
 * warnings about inputs that the builder cannot use. 0, or -1 with an error that names the input.
 */
int arguments_build(struct arena *arena, const struct facts *facts, const char *context,
                    const char *git_context, struct plan *plan, struct error *error);

#endif
