#include "buildkit/checks.h"

#include "system/json.h"

#include <limits.h>
#include <sodium.h>
#include <string.h>

/* Texts are in Base64, because JSON cannot hold bytes. NULL if it is not Base64. */
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

static const char *with_link(struct arena *arena, const char *message, const cJSON *warning)
{
    const char *url = json_text(warning, "url");
    return url != NULL && url[0] != '\0' ? arena_format(arena, "%s. See %s", message, url)
                                         : message;
}

/* The file that a source is, and its lines that a range covers. */
static void read_place(struct arena *arena, const cJSON *source, const cJSON *range,
                       struct check *check)
{
    check->file = json_text_copy(arena, source, "filename");
    check->line = line_number(range, "start");
    check->end_line = line_number(range, "end");
}

/* Of a build. */
static bool read_warning(struct arena *arena, const cJSON *warning, struct check *check)
{
    const char *what = decode(arena, json_member(warning, "short"));
    if (what == NULL || what[0] == '\0')
        return false;
    check->title = decode(arena, cJSON_GetArrayItem(json_member(warning, "detail"), 0));
    check->message = with_link(arena, what, warning);
    read_place(arena, json_member(warning, "sourceInfo"),
               cJSON_GetArrayItem(json_member(warning, "range"), 0), check);
    return true;
}

/* The source that a place is in: the first, if it does not say. */
static const cJSON *source_of(const cJSON *result, const cJSON *location)
{
    const double limit = 100; /* so that a list of any length is read in linear time */
    const double index = cJSON_GetNumberValue(json_member(location, "sourceIndex"));
    if (index >= limit)
        return NULL;
    return cJSON_GetArrayItem(json_member(result, "sources"), index > 0 ? (int)index : 0);
}

/* Of `call: check`, which runs the checks alone. */
static bool read_finding(struct arena *arena, const cJSON *result, const cJSON *warning,
                         struct check *check)
{
    const char *rule = json_text(warning, "ruleName");
    const char *what = json_text(warning, "detail");
    const cJSON *location = json_member(warning, "location");
    if (rule == NULL || what == NULL)
        return false;
    check->title = json_text_copy(arena, warning, "description");
    check->message = with_link(arena, arena_format(arena, "%s: %s", rule, what), warning);
    read_place(arena, source_of(result, location),
               cJSON_GetArrayItem(json_member(location, "ranges"), 0), check);
    return true;
}

static int compare_texts(const char *one, const char *other)
{
    return strcmp(one != NULL ? one : "", other != NULL ? other : "");
}

static int compare(const struct check *one, const struct check *other)
{
    const int file = compare_texts(one->file, other->file);
    const int title = compare_texts(one->title, other->title);
    if (file != 0)
        return file;
    if (one->line != other->line)
        return one->line < other->line ? -1 : 1;
    if (one->end_line != other->end_line)
        return one->end_line < other->end_line ? -1 : 1;
    return title != 0 ? title : compare_texts(one->message, other->message);
}

/* Returns how many there are afterwards: the same number if the check was there already. */
static size_t insert(struct check *checks, size_t count, const struct check *check)
{
    size_t place = count;
    while (place > 0 && compare(&checks[place - 1], check) > 0)
        place--;
    if (place > 0 && compare(&checks[place - 1], check) == 0)
        return count;
    memmove(&checks[place + 1], &checks[place], (count - place) * sizeof(*checks));
    checks[place] = *check;
    return count + 1;
}

size_t checks_read(struct arena *arena, const char *metadata, struct check checks[CHECK_LIMIT])
{
    size_t count = 0;
    cJSON *root = json_parse(metadata, strlen(metadata));
    const cJSON *warning;
    cJSON_ArrayForEach(warning, json_member(root, "buildx.build.warnings"))
    {
        struct check check;
        if (count < CHECK_LIMIT && read_warning(arena, warning, &check))
            count = insert(checks, count, &check);
    }
    const cJSON *result = json_member(root, "result.json");
    cJSON_ArrayForEach(warning, json_member(result, "warnings"))
    {
        struct check check;
        if (count < CHECK_LIMIT && read_finding(arena, result, warning, &check))
            count = insert(checks, count, &check);
    }
    cJSON_Delete(root);
    return count;
}
