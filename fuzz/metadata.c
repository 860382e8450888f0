#include "fuzz.h"

#include "buildkit/metadata.h"

static void check_text(const char *text)
{
    fuzz_assert(text == NULL || text[0] != '\0');
}

/* If it cannot be read, no member is set. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct metadata metadata;
    const int outcome = metadata_parse(arena, text, length, 10, &metadata);
    fuzz_assert((metadata.text == NULL) == (metadata.pretty == NULL));
    fuzz_assert(outcome == 0 || metadata.text == NULL);
    fuzz_assert(metadata.text != NULL || (metadata.digest == NULL && metadata.build_id == NULL &&
                                          metadata.project_id == NULL));
    check_text(metadata.digest);
    check_text(metadata.build_id);
    check_text(metadata.project_id);
}
