#include "buildkit/checks.h"

#include "system/json.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>

/* Texts are in Base64, as JSON has no bytes. NULL where it is none. */
static const char *decode(struct arena *arena, const cJSON *encoded)
{
    const char *text = cJSON_GetStringValue(encoded);
    if (text == NULL)
        return NULL;
    size_t length = strlen(text);
    size_t decoded = 0;
    char *bytes = arena_allocate(arena, length + 1);
    if (sodium_base642bin((unsigned char *)bytes, length, text, length, NULL, &decoded, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return NULL;
    bytes[decoded] = '\0';
    return bytes;
}

static int line_number(const cJSON *range, const char *end)
{
    double line = cJSON_GetNumberValue(json_member(json_member(range, end), "line"));
    return line >= 1 && line < INT_MAX ? (int)line : 0;
}

static bool read_check(struct arena *arena, const cJSON *warning, struct check *check)
{
    const char *what = decode(arena, json_member(warning, "short"));
    const char *url = json_text(warning, "url");
    const char *file = json_text(json_member(warning, "sourceInfo"), "filename");
    const cJSON *range = cJSON_GetArrayItem(json_member(warning, "range"), 0);
    if (what == NULL || what[0] == '\0')
        return false;
    check->title = decode(arena, cJSON_GetArrayItem(json_member(warning, "detail"), 0));
    check->message =
        url != NULL && url[0] != '\0' ? arena_format(arena, "%s. See %s", what, url) : what;
    check->file = file != NULL && file[0] != '\0' ? arena_copy(arena, file) : NULL;
    check->line = line_number(range, "start");
    check->end_line = line_number(range, "end");
    return true;
}

size_t checks_read(struct arena *arena, const char *metadata, struct check checks[CHECK_LIMIT])
{
    size_t count = 0;
    cJSON *root = json_parse_replacing(metadata, strlen(metadata));
    const cJSON *warning;
    cJSON_ArrayForEach(warning, json_member(root, "buildx.build.warnings"))
    {
        if (count < CHECK_LIMIT && read_check(arena, warning, &checks[count]))
            count++;
    }
    cJSON_Delete(root);
    return count;
}
