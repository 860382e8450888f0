/*
 * The process's environment as plain data: an array of `NAME=VALUE` with a NULL behind the last.
 */
#ifndef SYSTEM_ENVIRONMENT_H
#define SYSTEM_ENVIRONMENT_H

#include "system/arena.h"

#include <stdbool.h>

/*
 * The same variables as `variables`, in an array of `arena`. Those for which `is_secret` answers
 * true are moved: the copy is in `vault`, and the original, which /proc shows to the user's other
 * processes, is wiped.
 */
char **environment_take(struct arena *arena, struct arena *vault, char **variables,
                        bool (*is_secret)(const char *variable));

/* The value of `name`; NULL where it is not set. Lives as long as the array's strings. */
const char *environment_get(char *const *environment, const char *name);

/* The same, but NULL too where the value is empty, as the runner leaves what does not apply. */
const char *environment_get_nonempty(char *const *environment, const char *name);

/* Whether `variable`, a `NAME=VALUE`, is named `name`. */
bool environment_is(const char *variable, const char *name);

#endif
