/*
 * The build's source where no context is given: the repository at the event's commit.
 */
#ifndef PLAN_SOURCE_H
#define PLAN_SOURCE_H

#include "plan/facts.h"
#include "system/arena.h"

#include <stdbool.h>

/*
 * The Git context, `{server}/{repository}.git#{commit or ref}` (docker/build-push-action: Git
 * context). NULL where the runner names no repository. Lives in `arena`.
 */
char *source_git_context(struct arena *arena, const struct facts *facts);

/* `text` with every `{{defaultContext}}` (white space inside the braces allowed) replaced. */
char *source_expand(struct arena *arena, const char *text, const char *git_context);

/* Whether it is the Git context: `{{defaultContext}}`, with or without a folder of it after a
 * colon, or NULL, as none was given. */
bool source_is_default(const char *context);

/* Whether it is a URL or a repository, and not a path of this machine. */
bool source_is_remote(const char *context);

/* The host, with its port if any, of a URL; "" where it has none. */
char *source_host(struct arena *arena, const char *url);

#endif
