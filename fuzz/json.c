#include "fuzz.h"

#include "system/json.h"

static size_t depth_of(const cJSON *value)
{
    size_t depth = 0;
    for (const cJSON *child = value->child; child != NULL; child = child->next) {
        const size_t below = depth_of(child);
        depth = below > depth ? below : depth;
    }
    return cJSON_IsArray(value) || cJSON_IsObject(value) ? depth + 1 : depth;
}

/* One value, with nothing after it, not nested deeper than any stack allows. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)arena;
    cJSON *root = json_parse(text, length);
    if (root == NULL)
        return;
    fuzz_assert(strlen(text) == length);
    fuzz_assert(depth_of(root) <= CJSON_NESTING_LIMIT);
    while (length > 0 && (unsigned char)text[length - 1] <= ' ')
        length--;
    fuzz_assert(!cJSON_IsObject(root) || text[length - 1] == '}');
    fuzz_assert(!cJSON_IsArray(root) || text[length - 1] == ']');
    cJSON_Delete(root);
}
