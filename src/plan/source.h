/*
 * The build's source where no context is given: the repository at the event's commit.
 */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "plan/facts.h"
#include "system/arena.h"

/*
 * The Git context, `{server}/{repository}.git#{commit or ref}` (docker/build-push-action: Git
 * context). NULL where the runner names no repository. Lives in `arena`.
 */
char *source_git_context(struct arena *arena, const struct facts *facts);

/* `text` with every `{{defaultContext}}` (white space inside the braces allowed) replaced. */
char *source_expand(struct arena *arena, const char *text, const char *git_context);

/* The host, with its port if any, of a URL; "" where it has none. */
char *source_host(struct arena *arena, const char *url);

#endif
