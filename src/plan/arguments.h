/*
 * The builder's command line: the flags of the inputs, row by row from the table, and the flags
 * that need a decision.
 */
#ifndef PLAN_ARGUMENTS_H
#define PLAN_ARGUMENTS_H

#include "plan/plan.h"

/* The longest argument that Linux accepts, in bytes without the NUL (MAX_ARG_STRLEN, execve(2)). */
enum { ARGUMENT_LIMIT = 128 * 1024 - 1 };

/* A variable in an environment holds at most 128 KiB, including its name: a later step that uses a
 * larger output `metadata` cannot be started. */
enum { METADATA_OUTPUT_LIMIT = 100 * 1000 };

/*
 * Fills the plan's command from the plan's request, secrets and files, and adds notices and
 * warnings about inputs that the builder cannot use. 0, or -1 with an error that names the input.
 */
int arguments_build(struct arena *arena, const struct facts *facts, const char *context,
                    const char *git_context, struct plan *plan, struct error *error);

#endif
