#include "system/json.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* cJSON stores the position of an error in a variable that all threads share. */
static pthread_mutex_t parsing = PTHREAD_MUTEX_INITIALIZER;

/* The first escaped NUL: it would end a string of cJSON, and the rest would be lost silently. NULL
 * if there is none. */
static const char *escaped_nul(const char *text)
{
    static const char escaped[] = "\\u0000";
    /* A backslash escapes the next character, which may be another backslash. */
    for (const char *at = strchr(text, '\\'); at != NULL; at = strchr(at, '\\')) {
        if (strncmp(at, escaped, sizeof(escaped) - 1) == 0)
            return at;
        at += at[1] != '\0' ? 2 : 1;
    }
    return NULL;
}

cJSON *json_parse_replacing(const char *text, size_t length)
{
    static const char replacement[] = {'\\', 'u', 'f', 'f', 'f', 'd'};
    scoped_arena arena = ARENA_INIT;
    char *replaced = arena_copy_bytes(&arena, text, length);
    for (const char *nul = escaped_nul(replaced); nul != NULL; nul = escaped_nul(nul))
        memcpy(replaced + (nul - replaced), replacement, sizeof(replacement));
    return json_parse(replaced, length);
}

cJSON *json_parse(const char *text, size_t length)
{
    if (memchr(text, '\0', length) != NULL || escaped_nul(text) != NULL)
        return NULL;
    pthread_mutex_lock(&parsing);
    cJSON *root = cJSON_ParseWithLengthOpts(text, length + 1, NULL, 1);
    pthread_mutex_unlock(&parsing);
    return root;
}

void json_free(cJSON **root)
{
    cJSON_Delete(*root);
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(json_member(object, name));
}

char *json_text_copy(struct arena *arena, const cJSON *object, const char *name)
{
    const char *text = json_text(object, name);
    return text != NULL && text[0] != '\0' ? arena_copy(arena, text) : NULL;
}

char *json_print(struct arena *arena, const cJSON *root)
{
    char *printed = cJSON_PrintUnformatted(root);
    char *copy = arena_copy(arena, printed);
    cJSON_free(printed);
    return copy;
}
