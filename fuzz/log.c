#include "fuzz.h"

#include "buildkit/log.h"

/* Fed whole or byte by byte, a log has the same last line, and that holds no control character. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)arena;
    struct log whole = {0};
    struct log pieces = {0};
    log_feed(&whole, text, length);
    for (size_t i = 0; i < length; i++)
        log_feed(&pieces, text + i, 1);
    log_end(&whole);
    log_end(&pieces);
    const char *failure = log_failure(&whole);
    const char *again = log_failure(&pieces);
    fuzz_assert((failure == NULL) == (again == NULL));
    fuzz_assert(failure == NULL || (strcmp(failure, again) == 0 && fuzz_is_one_line(failure)));
}
