#include "fuzz.h"

#include "plan/attestations.h"
#include "plan/list.h"

static void decide(struct arena *arena, const struct inputs *inputs)
{
    const struct facts facts = {
        .server_url = "https://github.com", .repository = "o/r", .run_id = "1"};
    const struct records outputs = records_parse(arena, &inputs->outputs);
    struct attestations attestations;
    struct error error = ERROR_INIT;
    if (attestations_decide(arena, inputs, &outputs, &facts, &attestations, &error) != 0)
        fuzz_assert(error.message[0] != '\0');
    for (size_t i = 0; i < attestations.others.count; i++)
        fuzz_assert(record_format(arena, &attestations.others.items[i])[0] != '\0');
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct inputs inputs = {.provenance = text, .sbom = text};
    struct error error = ERROR_INIT;
    (void)length;
    list_parse(arena, LIST_WHOLE, text, &inputs.attests, &error);
    list_parse(arena, LIST_LINES, text, &inputs.outputs, &error);
    decide(arena, &inputs);
    inputs.provenance = NULL;
    inputs.sbom = NULL;
    decide(arena, &inputs);
}
