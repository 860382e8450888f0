#include "buildkit/metadata.h"

#include "system/json.h"

#include <string.h>

static void read_members(struct arena *arena, const cJSON *root, struct metadata *metadata)
{
    const cJSON *build = json_member(root, "depot.build");
    metadata->digest = json_text_copy(arena, root, "containerimage.digest");
    metadata->build_id = json_text_copy(arena, build, "buildID");
    metadata->project_id = json_text_copy(arena, build, "projectID");
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
