#include "fuzz.h"

#include "run/log.h"

#include <stdlib.h>
#include <string.h>

/* Fed whole or byte by byte, a log has the same last line, and that holds no control character. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    (void)arena;
    struct log whole = LOG_INIT;
    struct log pieces = LOG_INIT;
    log_feed(&whole, text, length);
    for (size_t i = 0; i < length; i++)
        log_feed(&pieces, text + i, 1);
    if (whole.at_line_start != pieces.at_line_start)
        abort();
    const char *failure = log_failure(&whole);
    const char *again = log_failure(&pieces);
    if ((failure == NULL) != (again == NULL))
        abort();
    if (failure == NULL)
        return;
    if (strcmp(failure, again) != 0)
        abort();
    for (const char *byte = failure; *byte != '\0'; byte++)
        if ((unsigned char)*byte < ' ' || *byte == 0x7f)
            abort();
}
