/*
 * The build's source if no context is given: the repository at the event's commit.
 */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "plan/facts.h"
#include "system/arena.h"

#include <stdbool.h>

/*
 * The Git context, `{server}/{repository}.git#{commit or ref}` (docker/build-push-action: Git
 * context). NULL if the runner names no repository. Lives in `arena`.
 */
char *source_git_context(struct arena *arena, const struct facts *facts);

/* `text` with every `{{defaultContext}}` (white space inside the braces allowed) replaced. */
char *source_expand(struct arena *arena, const char *text, const char *git_context);

/* Whether it is the Git context: `{{defaultContext}}`, with or without a colon and a folder, or
 * NULL, because none was given. */
bool source_is_default(const char *context);

/* Whether it is a URL or a repository rather than a path on this machine. */
bool source_is_remote(const char *context);

/* The host of a URL, with its port if any; "" if it has none. */
char *source_host(struct arena *arena, const char *url);

#endif
