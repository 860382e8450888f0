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

/* A bare bool in an attestation says whether it is wanted: buildx reads it as `disabled=`. */
static int read_record(struct arena *arena, const char *input, const char *text,
                       struct record *record, struct error *error)
{
    if (record_parse(arena, text, record) != 0)
        return error_set(error, "input `%s` has a quote that is never closed: `%.200s`", input,
                         text);
    static char disabled[] = "disabled=true";
    static char enabled[] = "disabled=false";
    for (size_t i = 0; i < record->fields.count; i++) {
        bool wanted;
        if (go_bool_parse(record->fields.items[i], &wanted) == 0)
            record->fields.items[i] = wanted ? enabled : disabled;
    }
    return 0;
}

static int read_provenance(struct arena *arena, const char *text, const char *id,
                           struct record *provenance, struct error *error)
{
    bool wanted;
    if (read_record(arena, "provenance", text, provenance, error) != 0)
        return -1;
    if (bool_parse(text, &wanted) == 0) {
        if (!wanted || id == NULL)
            return 0;
        provenance->fields.count = 0;
    }
    if (id != NULL && record_get(provenance, "builder-id") == NULL)
        string_list_add(arena, &provenance->fields, id);
    return 0;
}

/* Reads `attests`, without what `provenance` and `sbom` decide on. */
static int read_others(struct arena *arena, const struct inputs *inputs,
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
        *has_provenance = *has_provenance || provenance;
        bool decided = (provenance && inputs->provenance != NULL) || (sbom && inputs->sbom != NULL);
        /* Blanks in quotes are nothing, as blanks are. */
        bool blank = record->fields.count == 1 && record->fields.items[0][0] == '\0';
        attestations->others.count += !decided && !blank;
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
    if (read_others(arena, inputs, attestations, &has_provenance, error) != 0)
        return -1;
    attestations->provenance_by_default = !has_provenance && !inputs->load &&
                                          !outputs_have(outputs, "docker") &&
                                          !facts->no_default_attestations;
    /* mode=max tells of build arguments and sources, which a private repository keeps to itself. */
    const char *text = !attestations->provenance_by_default ? inputs->provenance
                       : facts->private_repository          ? "mode=min,inline-only=true"
                                                            : "mode=max";
    return text == NULL ? 0
                        : read_provenance(arena, text, builder_id(arena, facts),
                                          &attestations->provenance, error);
}

void attestations_drop_default(struct attestations *attestations)
{
    if (attestations->provenance_by_default)
        attestations->provenance.fields.count = 0;
}

static bool is_wanted(const struct record *record)
{
    return record->fields.count > 0 && !string_list_has(&record->fields, "disabled=true");
}

void attestations_name(struct arena *arena, const struct attestations *attestations,
                       struct string_list *names)
{
    bool others = false;
    for (size_t i = 0; i < attestations->others.count; i++)
        others = others || is_wanted(&attestations->others.items[i]);
    if (others)
        string_list_add(arena, names, "attests");
    if (is_wanted(&attestations->provenance) && !attestations->provenance_by_default)
        string_list_add(arena, names, "provenance");
    if (is_wanted(&attestations->sbom))
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
