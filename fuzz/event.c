#include "fuzz.h"

#include "github/event.h"

/* Only a pull request can come from a fork, whatever a payload says. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct event event;
    struct error error = ERROR_INIT;
    const int outcome = event_parse(arena, "pull_request", text, length, &event, &error);
    fuzz_assert(outcome == 0 || fuzz_tells(&error));
    fuzz_assert(event_parse(arena, "push", text, length, &event, &error) == outcome);
    fuzz_assert(!event.fork);
}
