#include "system/environment.h"

#include "system/string_list.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

char **environment_take(struct arena *arena, struct arena *vault, char **variables,
                        bool (*is_secret)(const char *variable))
{
    struct string_list taken = {0};
    for (char **variable = variables; *variable != NULL; variable++) {
        if (!is_secret(*variable)) {
            string_list_add(arena, &taken, *variable);
            continue;
        }
        string_list_add(arena, &taken, arena_copy(vault, *variable));
        sodium_memzero(*variable, strlen(*variable));
    }
    return taken.count > 0 ? taken.items : arena_allocate(arena, sizeof(char *));
}

bool environment_is(const char *variable, const char *name)
{
    size_t length = strlen(name);
    return strncmp(variable, name, length) == 0 && variable[length] == '=';
}

const char *environment_get(char *const *environment, const char *name)
{
    for (char *const *variable = environment; *variable != NULL; variable++)
        if (environment_is(*variable, name))
            return *variable + strlen(name) + 1;
    return NULL;
}

const char *environment_get_nonempty(char *const *environment, const char *name)
{
    const char *value = environment_get(environment, name);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

long environment_seconds(char *const *environment, const char *name, long by_default)
{
    enum { MOST_S = 24 * 60 * 60 };
    const char *text = environment_get_nonempty(environment, name);
    char *end;
    const long seconds = text != NULL ? strtol(text, &end, 10) : 0;
    return seconds > 0 && seconds <= MOST_S && *end == '\0' ? seconds : by_default;
}
