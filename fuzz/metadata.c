#include "fuzz.h"

#include "run/results.h"

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct results results = {0};
    results_parse(arena, text, length, &results);
}
