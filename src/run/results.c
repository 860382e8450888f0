#include "run/results.h"

#include "plan/list.h"
#include "system/file.h"
#include "system/json.h"

#include <string.h>

/* Metadata holds whole provenance documents where the user asks for them. */
enum { METADATA_LIMIT = 64 * 1024 * 1024, IMAGE_ID_LIMIT = 4096 };

static const char *text_member(struct arena *arena, const cJSON *object, const char *name)
{
    const char *text = json_text(object, name);
    return text != NULL && text[0] != '\0' ? arena_copy(arena, text) : NULL;
}

int results_parse(struct arena *arena, const char *metadata, size_t length, struct results *results)
{
    const char *trimmed = text_trim(arena, metadata);
    if (trimmed[0] == '\0' || strcmp(trimmed, "null") == 0)
        return 0;
    cJSON *root = json_parse(metadata, length);
    bool valid = cJSON_IsObject(root);
    if (valid) {
        const cJSON *build = json_member(root, "depot.build");
        results->metadata = metadata;
        results->digest = text_member(arena, root, "containerimage.digest");
        results->build_id = text_member(arena, build, "buildID");
        results->project_id = text_member(arena, build, "projectID");
        char *printed = cJSON_Print(root);
        results->pretty = arena_copy(arena, printed != NULL ? printed : metadata);
        cJSON_free(printed);
    }
    cJSON_Delete(root);
    return valid ? 0 : -1;
}

static void read_image_id(struct arena *arena, const char *path, struct results *results)
{
    char *text = NULL;
    struct error unused = ERROR_INIT;
    if (path == NULL || file_read(arena, path, IMAGE_ID_LIMIT, &text, &unused) < 0)
        return;
    const char *id = text_trim(arena, text);
    results->image_id = id[0] != '\0' ? id : NULL;
}

void results_read(struct arena *arena, const struct plan *plan, struct results *results)
{
    *results = (struct results){0};
    read_image_id(arena, plan->image_id_file, results);
    if (plan->metadata_file == NULL || !file_exists(plan->metadata_file))
        return;
    char *text = NULL;
    struct error reason = ERROR_INIT;
    ssize_t length = file_read(arena, plan->metadata_file, METADATA_LIMIT, &text, &reason);
    if (length < 0)
        results->warning = arena_copy(arena, reason.message);
    else if (results_parse(arena, text, (size_t)length, results) != 0)
        results->warning = "The builder's metadata file is not JSON: the outputs `digest`, "
                           "`metadata`, `build-id` and `project-id` stay empty. The image itself "
                           "is built.";
}
