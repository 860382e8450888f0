#include "buildkit/metadata.h"

#include "system/json.h"

#include <string.h>

static const char *text_member(struct arena *arena, const cJSON *object, const char *name)
{
    const char *text = json_text(object, name);
    return text != NULL && text[0] != '\0' ? arena_copy(arena, text) : NULL;
}

static void read_members(struct arena *arena, const cJSON *root, struct metadata *metadata)
{
    const cJSON *build = json_member(root, "depot.build");
    metadata->digest = text_member(arena, root, "containerimage.digest");
    metadata->build_id = text_member(arena, build, "buildID");
    metadata->project_id = text_member(arena, build, "projectID");
    char *printed = cJSON_Print(root);
    metadata->pretty = arena_copy(arena, printed != NULL ? printed : metadata->text);
    cJSON_free(printed);
}

int metadata_parse(struct arena *arena, const char *text, size_t length, struct metadata *metadata)
{
    *metadata = (struct metadata){0};
    if (text[strspn(text, " \t\r\n\v\f")] == '\0')
        return 0;
    cJSON *root = json_parse(text, length);
    const bool valid = cJSON_IsObject(root) || cJSON_IsNull(root);
    if (cJSON_IsObject(root)) {
        metadata->text = text;
        read_members(arena, root, metadata);
    }
    cJSON_Delete(root);
    return valid ? 0 : -1;
}
