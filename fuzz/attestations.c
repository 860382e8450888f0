#include "fuzz.h"

#include "plan/attestations.h"

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)length;
    struct inputs inputs = {.provenance = text, .sbom = text};
    string_list_add(arena, &inputs.attests, text);
    string_list_add(arena, &inputs.outputs, text);
    const struct facts facts = {
        .server_url = "https://github.com", .repository = "o/r", .run_id = "1"};
    struct attestations attestations;
    struct error error = ERROR_INIT;
    attestations_decide(arena, &inputs, &facts, &attestations, &error);
    inputs.provenance = NULL;
    inputs.sbom = NULL;
    attestations_decide(arena, &inputs, &facts, &attestations, &error);
}
