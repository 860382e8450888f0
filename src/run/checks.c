#include "run/checks.h"

#include "plan/list.h"
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

static bool is_url(const char *context)
{
    return strstr(context, "://") != NULL || strncmp(context, "git@", 4) == 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The folder that the Dockerfile is looked for in: of a local context only where no `file` names it
 * from the workspace. NULL for the workspace itself, and another repository. */
static const char *folder_of(const struct inputs *inputs)
{
    const char *context = inputs->context;
    if (context == NULL || strcmp(context, ".") == 0)
        return NULL;
    if (strncmp(context, "{{", 2) == 0) {
        const char *end = strstr(context, "}}:");
        return end != NULL ? end + 3 : NULL;
    }
    return inputs->file == NULL && !is_url(context) ? context : NULL;
}

/* BuildKit knows the name of the Dockerfile, and the inputs its folder. */
static const char *path_of(struct arena *arena, const struct inputs *inputs, const char *name)
{
    const char *file = inputs->file != NULL ? inputs->file : name;
    if (strcmp(base_name(file), base_name(name)) != 0)
        return name;
    const char *folder = folder_of(inputs);
    size_t length = folder != NULL ? strlen(folder) : 0;
    while (length > 1 && folder[length - 1] == '/')
        length--;
    const char *path =
        length > 0 ? arena_format(arena, "%.*s/%s", (int)length, folder, file) : file;
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return path;
}

static bool read_check(struct arena *arena, const cJSON *warning, const struct inputs *inputs,
                       struct check *check)
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
    check->file =
        file != NULL && file[0] != '\0' ? path_of(arena, inputs, arena_copy(arena, file)) : NULL;
    check->line = line_number(range, "start");
    check->end_line = line_number(range, "end");
    return true;
}

size_t checks_read(struct arena *arena, const char *metadata, const struct inputs *inputs,
                   struct check checks[CHECK_LIMIT])
{
    size_t count = 0;
    cJSON *root = json_parse(metadata, strlen(metadata));
    const cJSON *warning;
    cJSON_ArrayForEach(warning, json_member(root, "buildx.build.warnings"))
    {
        if (count < CHECK_LIMIT && read_check(arena, warning, inputs, &checks[count]))
            count++;
    }
    cJSON_Delete(root);
    return count;
}
