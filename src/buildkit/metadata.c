#include "buildkit/metadata.h"

#include "system/json.h"

#include <stdbool.h>
#include <string.h>

/* Attestations are not part of what is pulled to run the image (OCI: image manifest; in-toto). */
static bool is_attestation(const cJSON *layer)
{
    const char *type = json_text(layer, "mediaType");
    return type != NULL && strstr(type, "in-toto") != NULL;
}

static long long size_of_layers(const cJSON *root)
{
    const double most = 1e15; /* a larger number is not a size */
    double size = 0;
    const cJSON *manifest;
    const cJSON *layer;
    cJSON_ArrayForEach(manifest, json_member(root, "manifests"))
    {
        cJSON_ArrayForEach(layer, json_member(manifest, "layers"))
        {
            const cJSON *bytes = json_member(layer, "size");
            if (cJSON_IsNumber(bytes) && bytes->valuedouble > 0 && !is_attestation(layer))
                size += bytes->valuedouble;
        }
    }
    return size < most ? (long long)size : 0;
}

static bool is_provenance(const cJSON *member)
{
    static const char prefix[] = "buildx.build.provenance";
    return strncmp(member->string, prefix, sizeof(prefix) - 1) == 0;
}

static void leave_out_provenance(struct arena *arena, cJSON *root, struct metadata *metadata)
{
    for (cJSON *member = root->child, *next; member != NULL; member = next) {
        next = member->next;
        if (!is_provenance(member))
            continue;
        cJSON_Delete(cJSON_DetachItemViaPointer(root, member));
        metadata->provenance_left_out = true;
    }
    if (metadata->provenance_left_out)
        metadata->text = json_print(arena, root);
}

static void read_members(struct arena *arena, const cJSON *root, struct metadata *metadata)
{
    const cJSON *build = json_member(root, "depot.build");
    metadata->digest = json_text_copy(arena, root, "containerimage.digest");
    metadata->build_id = json_text_copy(arena, build, "buildID");
    metadata->project_id = json_text_copy(arena, build, "projectID");
    metadata->size = size_of_layers(root);
    char *printed = cJSON_Print(root);
    metadata->pretty = arena_copy(arena, printed != NULL ? printed : metadata->text);
    cJSON_free(printed);
}

int metadata_parse(struct arena *arena, const char *text, size_t length, size_t limit,
                   struct metadata *metadata)
{
    *metadata = (struct metadata){0};
    if (text[strspn(text, " \t\r\n\v\f")] == '\0')
        return 0;
    cJSON *root = json_parse_replacing(text, length);
    const bool valid = cJSON_IsObject(root) || cJSON_IsNull(root);
    if (cJSON_IsObject(root)) {
        metadata->text = text;
        if (length > limit)
            leave_out_provenance(arena, root, metadata);
        read_members(arena, root, metadata);
    }
    cJSON_Delete(root);
    return valid ? 0 : -1;
}
