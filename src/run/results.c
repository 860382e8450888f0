#include "run/results.h"

#include "plan/list.h"
#include "system/file.h"

/* The metadata holds whole provenance documents if the user asks for them. */
enum { METADATA_LIMIT = 64 * 1024 * 1024, IMAGE_ID_LIMIT = 4096 };

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
    else if (metadata_parse(arena, text, (size_t)length, plan->metadata_limit,
                            &results->metadata) != 0)
        results->warning =
            "The builder's metadata file is not JSON: the outputs `digest`, "
            "`metadata`, `build-id` and `project-id` are empty. The image itself was built.";
}
