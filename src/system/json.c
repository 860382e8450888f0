#include "system/json.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

/* cJSON notes the place of an error in a variable that all threads share. */
static pthread_mutex_t parsing = PTHREAD_MUTEX_INITIALIZER;

/* As it is or escaped: a string of cJSON would end there, and what comes behind be lost unseen. */
static bool holds_nul(const char *text, size_t length)
{
    static const char escaped[] = "\\u0000";
    if (memchr(text, '\0', length) != NULL)
        return true;
    /* What stands behind a backslash is escaped by it, another backslash as well. */
    for (const char *at = strchr(text, '\\'); at != NULL; at = strchr(at, '\\')) {
        if (strncmp(at, escaped, sizeof(escaped) - 1) == 0)
            return true;
        at += at[1] != '\0' ? 2 : 1;
    }
    return false;
}

cJSON *json_parse(const char *text, size_t length)
{
    if (holds_nul(text, length))
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
    char *copy = arena_copy(arena, printed != NULL ? printed : "");
    cJSON_free(printed);
    return copy;
}
