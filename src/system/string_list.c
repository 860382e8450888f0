#include "system/string_list.h"

#include <string.h>

void string_list_add(struct arena *arena, struct string_list *list, const char *text)
{
    if (list->count + 1 >= list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        char **items = arena_allocate(arena, capacity * sizeof(*items));
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    /* execve takes `char *const *` and promises not to write (POSIX: exec, rationale). */
    memcpy(&list->items[list->count++], &text, sizeof(text));
}

struct string_list string_list_from(struct arena *arena, const char *const *strings)
{
    struct string_list list = {0};
    for (; *strings != NULL; strings++)
        string_list_add(arena, &list, *strings);
    return list;
}

char *string_list_join(struct arena *arena, const struct string_list *list, const char *separator)
{
    const size_t gap = strlen(separator);
    size_t length = 0;
    for (size_t i = 0; i < list->count; i++)
        length += strlen(list->items[i]) + gap;
    char *joined = arena_allocate(arena, length + 1);
    char *end = joined;
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            end = stpcpy(end, separator);
        end = stpcpy(end, list->items[i]);
    }
    return joined;
}

bool string_list_has(const struct string_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}
