#include "system/json.h"

#include <pthread.h>
#include <string.h>

/* cJSON notes the place of an error in a variable that all threads share. */
static pthread_mutex_t parsing = PTHREAD_MUTEX_INITIALIZER;

cJSON *json_parse(const char *text, size_t length)
{
    if (memchr(text, '\0', length) != NULL)
        return NULL;
    pthread_mutex_lock(&parsing);
    cJSON *root = cJSON_ParseWithLengthOpts(text, length + 1, NULL, 1);
    pthread_mutex_unlock(&parsing);
    return root;
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(json_member(object, name));
}
