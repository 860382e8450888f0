/*
 * A growing array of strings with a NULL after the last, so `items` can be used as an argv.
 */
#ifndef SYSTEM_STRING_LIST_H
#define SYSTEM_STRING_LIST_H

#include "system/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct string_list {
    char **items; /* NULL until the first string is added */
    size_t count;
    size_t capacity;
};

/* Keeps the pointer, not a copy. The array itself lives in `arena`. */
void string_list_add(struct arena *arena, struct string_list *list, const char *text);

/* A list of the strings before the NULL: string_list_of(arena, "docker", "buildx", "rm"). */
#define string_list_of(arena, ...) string_list_from(arena, (const char *const[]){__VA_ARGS__, NULL})
struct string_list string_list_from(struct arena *arena, const char *const *strings);

/* The strings with `separator` between them, copied to `arena`. */
char *string_list_join(struct arena *arena, const struct string_list *list, const char *separator);

bool string_list_has(const struct string_list *list, const char *text);

#endif
