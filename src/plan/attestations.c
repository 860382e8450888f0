#include "plan/attestations.h"

#include "plan/list.h"

#include <string.h>

/* The value of the field `name=…` of a CSV record, NULL where it has none. */
static const char *attribute(const struct string_list *fields, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < fields->count; i++)
        if (strncmp(fields->items[i], name, length) == 0 && fields->items[i][length] == '=')
            return fields->items[i] + length + 1;
    return NULL;
}

bool output_is(struct arena *arena, const char *output, const char *exporter)
{
    struct string_list fields = {0};
    const char *type = NULL;
    if (list_fields(arena, output, &fields) == 0)
        type = attribute(&fields, "type");
    return strcmp(type != NULL ? type : "local", exporter) == 0;
}

bool outputs_have(struct arena *arena, const struct string_list *outputs, const char *exporter)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (output_is(arena, outputs->items[i], exporter))
            return true;
    return false;
}

bool outputs_push(struct arena *arena, const struct string_list *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct string_list fields = {0};
        list_fields(arena, outputs->items[i], &fields);
        const char *push = attribute(&fields, "push");
        bool pushes = output_is(arena, outputs->items[i], "registry");
        if (push != NULL)
            go_bool_parse(push, &pushes);
        if (pushes)
            return true;
    }
    return false;
}

static const char *builder_id(struct arena *arena, const struct facts *facts)
{
    if (facts->server_url == NULL || facts->repository == NULL || facts->run_id == NULL)
        return NULL;
    return arena_format(arena, "builder-id=%s/%s/actions/runs/%s/attempts/%s", facts->server_url,
                        facts->repository, facts->run_id,
                        facts->run_attempt != NULL ? facts->run_attempt : "1");
}

static char *with_builder_id(struct arena *arena, const char *attributes, const char *id)
{
    if (id == NULL)
        return arena_copy(arena, attributes);
    return arena_format(arena, "%s,%s", attributes, id);
}

/* A bare bool in an attestation says whether it is wanted: buildx reads it as `disabled=`. */
static char *resolve_bare_bools(struct arena *arena, const struct string_list *fields)
{
    struct string_list resolved = {0};
    for (size_t i = 0; i < fields->count; i++) {
        bool wanted;
        if (go_bool_parse(fields->items[i], &wanted) == 0)
            string_list_add(arena, &resolved, wanted ? "disabled=false" : "disabled=true");
        else
            string_list_add(arena, &resolved, list_quote(arena, fields->items[i]));
    }
    return string_list_join(arena, &resolved, ",");
}

char *attestation_of(struct arena *arena, const char *type, const char *attributes)
{
    struct string_list fields = {0};
    list_fields(arena, attributes, &fields);
    return arena_format(arena, "type=%s,%s", type, resolve_bare_bools(arena, &fields));
}

static int open_quote(const char *input, const char *value, struct error *error)
{
    return error_set(error, "input `%s` has a quote that is never closed: `%.200s`", input, value);
}

static int read_provenance(struct arena *arena, const char *input, const char *id,
                           struct attestations *attestations, struct error *error)
{
    bool wanted;
    if (bool_parse(input, &wanted) == 0) {
        attestations->provenance = !wanted ? "false" : id != NULL ? id : "true";
        return 0;
    }
    struct string_list fields = {0};
    if (list_fields(arena, input, &fields) != 0)
        return open_quote("provenance", input, error);
    const char *resolved = resolve_bare_bools(arena, &fields);
    bool has_id = attribute(&fields, "builder-id") != NULL;
    attestations->provenance = has_id ? resolved : with_builder_id(arena, resolved, id);
    return 0;
}

static const char *default_provenance(struct arena *arena, const struct inputs *inputs,
                                      const struct facts *facts, const char *id)
{
    if (inputs->load || outputs_have(arena, &inputs->outputs, "docker") ||
        facts->no_default_attestations)
        return NULL;
    /* mode=max tells of build arguments and sources, which a private repository keeps to itself. */
    return with_builder_id(
        arena, facts->private_repository ? "mode=min,inline-only=true" : "mode=max", id);
}

int attestations_decide(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                        struct attestations *attestations, struct error *error)
{
    *attestations = (struct attestations){.sbom = inputs->sbom};
    const char *id = builder_id(arena, facts);
    if (inputs->sbom != NULL && list_fields(arena, inputs->sbom, &(struct string_list){0}) != 0)
        return open_quote("sbom", inputs->sbom, error);
    bool provenance_attested = false;
    for (size_t i = 0; i < inputs->attests.count; i++) {
        struct string_list fields = {0};
        if (list_fields(arena, inputs->attests.items[i], &fields) != 0)
            return open_quote("attests", inputs->attests.items[i], error);
        const char *type = attribute(&fields, "type");
        bool provenance = type != NULL && strcmp(type, "provenance") == 0;
        bool sbom = type != NULL && strcmp(type, "sbom") == 0;
        provenance_attested = provenance_attested || provenance;
        if ((provenance && inputs->provenance != NULL) || (sbom && inputs->sbom != NULL))
            continue;
        const char *resolved = resolve_bare_bools(arena, &fields);
        /* Blanks in quotes are nothing, as blanks are. */
        if (resolved[0] != '\0')
            string_list_add(arena, &attestations->others, resolved);
    }
    if (inputs->provenance != NULL)
        return read_provenance(arena, inputs->provenance, id, attestations, error);
    if (!provenance_attested)
        attestations->provenance = default_provenance(arena, inputs, facts, id);
    return 0;
}
