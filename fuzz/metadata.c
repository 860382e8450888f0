#include "fuzz.h"

#include "run/results.h"

static void check_text(const char *text)
{
    fuzz_assert(text == NULL || text[0] != '\0');
}

/* What is not read well tells nothing. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct results results = {0};
    const int outcome = results_parse(arena, text, length, &results);
    fuzz_assert((results.metadata == NULL) == (results.pretty == NULL));
    fuzz_assert(outcome == 0 || results.metadata == NULL);
    fuzz_assert(results.metadata != NULL ||
                (results.digest == NULL && results.build_id == NULL && results.project_id == NULL));
    check_text(results.digest);
    check_text(results.build_id);
    check_text(results.project_id);
}
