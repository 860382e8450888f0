#include "fuzz.h"

#include "github/event.h"

#include <stdlib.h>

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct event event;
    struct error error = ERROR_INIT;
    int outcome = event_parse(arena, "pull_request", text, length, &event, &error);
    if (outcome != 0 && error.message[0] == '\0')
        abort();
}
