#include "system/json.h"

#include <string.h>

cJSON *json_parse(const char *text, size_t length)
{
    if (memchr(text, '\0', length) != NULL)
        return NULL;
    return cJSON_ParseWithLengthOpts(text, length + 1, NULL, 1);
}

const cJSON *json_member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *json_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(json_member(object, name));
}
