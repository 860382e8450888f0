/*
 * The process's environment as plain data: an array of `NAME=VALUE` with a NULL after the last.
 */
#ifndef SYSTEM_ENVIRONMENT_H
#define SYSTEM_ENVIRONMENT_H

#include "system/arena.h"

#include <stdbool.h>

/*
 * The same variables as `variables`, in an array in `arena`. Those for which `is_secret` returns
 * true are moved to `vault`. The original, which /proc shows to the user's other processes, is
 * wiped.
 */
char **environment_take(struct arena *arena, struct arena *vault, char **variables,
                        bool (*is_secret)(const char *variable));

/* The value of `name`; NULL if it is not set. Lives as long as the array's strings. */
const char *environment_get(char *const *environment, const char *name);

/* The same, but also NULL if the value is empty: the runner sets what does not apply to "". */
const char *environment_get_nonempty(char *const *environment, const char *name);

/* The value of `name` in seconds; the default if it is not a whole number from 1 to those of a day.
 */
long environment_seconds(char *const *environment, const char *name, long by_default);

/* Whether `variable`, a `NAME=VALUE`, is named `name`. */
bool environment_is(const char *variable, const char *name);

#endif
