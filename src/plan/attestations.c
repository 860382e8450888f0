#include "plan/attestations.h"

#include "plan/outputs.h"

#include <string.h>

static const char *builder_id(struct arena *arena, const struct facts *facts)
{
    if (facts->server_url == NULL || facts->repository == NULL || facts->run_id == NULL)
        return NULL;
    return arena_format(arena, "builder-id=%s/%s/actions/runs/%s/attempts/%s", facts->server_url,
                        facts->repository, facts->run_id,
                        facts->run_attempt != NULL ? facts->run_attempt : "1");
}

/* Reads the fields that are not empty, because buildx accepts no others. A bare bool says whether
 * the attestation is wanted: buildx reads it as `disabled=`. */
static int read_record(struct arena *arena, const char *input, const char *text,
                       struct record *record, struct error *error)
{
    struct record given;
    *record = (struct record){.text = text};
    if (record_parse(arena, text, &given) != 0)
        return error_set(error, "input `%s` has a quote that is never closed: `%s`", input, text);
    for (size_t i = 0; i < given.fields.count; i++) {
        const char *field = given.fields.items[i];
        bool wanted;
        if (go_bool_parse(field, &wanted) == 0)
            field = wanted ? "disabled=false" : "disabled=true";
        if (field[0] != '\0')
            string_list_add(arena, &record->fields, field);
    }
    return 0;
}

static void add_builder_id(struct arena *arena, const struct facts *facts, struct record *record)
{
    const char *id = builder_id(arena, facts);
    if (id != NULL && record_get(record, "builder-id") == NULL)
        string_list_add(arena, &record->fields, id);
}

static int read_provenance(struct arena *arena, const char *text, const struct facts *facts,
                           struct record *provenance, struct error *error)
{
    bool wanted;
    if (read_record(arena, "provenance", text, provenance, error) != 0)
        return -1;
    if (bool_parse(text, &wanted) == 0) {
        if (!wanted || builder_id(arena, facts) == NULL)
            return 0;
        provenance->fields.count = 0;
    }
    add_builder_id(arena, facts, provenance);
    return 0;
}

/* Reads `attests`, without the types that `provenance` and `sbom` decide. */
static int read_others(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                       struct attestations *attestations, bool *has_provenance, struct error *error)
{
    size_t count = inputs->attests.count;
    attestations->others.items = arena_allocate(arena, count * sizeof(*attestations->others.items));
    for (size_t i = 0; i < count; i++) {
        struct record *record = &attestations->others.items[attestations->others.count];
        if (read_record(arena, "attests", inputs->attests.items[i], record, error) != 0)
            return -1;
        bool provenance = record_is(record, "type", "provenance");
        bool sbom = record_is(record, "type", "sbom");
        if (provenance)
            add_builder_id(arena, facts, record);
        *has_provenance = *has_provenance || provenance;
        bool decided = (provenance && inputs->provenance != NULL) || (sbom && inputs->sbom != NULL);
        attestations->others.count += !decided && record->fields.count > 0;
    }
    return 0;
}

int attestations_decide(struct arena *arena, const struct inputs *inputs,
                        const struct records *outputs, const struct facts *facts,
                        struct attestations *attestations, struct error *error)
{
    bool has_provenance = inputs->provenance != NULL;
    *attestations = (struct attestations){.provenance_by_default = false};
    if (inputs->sbom != NULL &&
        read_record(arena, "sbom", inputs->sbom, &attestations->sbom, error) != 0)
        return -1;
    if (read_others(arena, inputs, facts, attestations, &has_provenance, error) != 0)
        return -1;
    attestations->provenance_by_default = !has_provenance && !inputs->load &&
                                          !outputs_have(outputs, "docker") &&
                                          !facts->no_default_attestations;
    /* mode=max reveals build arguments and sources, which a private repository must not publish. */
    const char *text = !attestations->provenance_by_default ? inputs->provenance
                       : facts->private_repository          ? "mode=min,inline-only=true"
                                                            : "mode=max";
    return text == NULL ? 0 : read_provenance(arena, text, facts, &attestations->provenance, error);
}

void attestations_drop_default(struct attestations *attestations)
{
    if (attestations->provenance_by_default)
        attestations->provenance.fields.count = 0;
}

bool attestation_is_wanted(const struct record *record)
{
    const char *text = record_get(record, "disabled");
    bool disabled = false;
    if (text != NULL)
        go_bool_parse(text, &disabled);
    return record->fields.count > 0 && !disabled;
}

void attestations_name(struct arena *arena, const struct attestations *attestations,
                       struct string_list *names)
{
    bool others = false;
    for (size_t i = 0; i < attestations->others.count; i++)
        others = others || attestation_is_wanted(&attestations->others.items[i]);
    if (others)
        string_list_add(arena, names, "attests");
    if (attestation_is_wanted(&attestations->provenance) && !attestations->provenance_by_default)
        string_list_add(arena, names, "provenance");
    if (attestation_is_wanted(&attestations->sbom))
        string_list_add(arena, names, "sbom");
}

char *attestation_value(struct arena *arena, const struct record *record)
{
    char *value = record_format(arena, record);
    if (strcmp(value, "disabled=true") == 0)
        return arena_copy(arena, "false");
    return strcmp(value, "disabled=false") == 0 ? arena_copy(arena, "true") : value;
}

char *attestation_of(struct arena *arena, const char *type, const struct record *record)
{
    return arena_format(arena, "type=%s,%s", type, record_format(arena, record));
}
