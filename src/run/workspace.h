/*
 * Whether the checkout has changes that a build from the Git context does not see, which is the
 * most common surprise with that context. `git status` runs during the build and costs no time.
 */
#ifndef RUN_WORKSPACE_H
#define RUN_WORKSPACE_H

#include "run/step.h"
#include "system/capture.h"

#include <stdbool.h>

/* Starts the check if GITHUB_WORKSPACE is a checkout and `git` is on PATH. */
struct capture workspace_check_start(struct step *step);

/* Whether git has found a change by now. Ends git. */
bool workspace_check_finish(struct capture *check);

/* The text of the file `path` (from the workspace) in `commit`, if that commit is checked out in
 * the workspace; otherwise NULL. Asks git. Lives in the step's arena. */
const char *workspace_text(struct step *step, const char *commit, const char *path);

#endif
