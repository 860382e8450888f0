#include "fuzz.h"

#include "buildkit/log.h"

/* Fed whole or byte by byte, a log has the same last line, and that holds no control character. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)arena;
    struct log whole = LOG_INIT;
    struct log pieces = LOG_INIT;
    log_feed(&whole, text, length);
    for (size_t i = 0; i < length; i++)
        log_feed(&pieces, text + i, 1);
    fuzz_assert(whole.at_line_start == pieces.at_line_start);
    const char *failure = log_failure(&whole);
    const char *again = log_failure(&pieces);
    fuzz_assert((failure == NULL) == (again == NULL));
    fuzz_assert(failure == NULL || (strcmp(failure, again) == 0 && fuzz_is_one_line(failure)));
}
