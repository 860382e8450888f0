#include "fuzz.h"

#include "buildkit/dockerfile.h"

/* The part up to the first NUL is a log, the rest a Dockerfile. A line that is found must be one of
 * its lines. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    const size_t log_length = strlen(text);
    const char *dockerfile = log_length < length ? text + log_length + 1 : "";
    struct progress *progress = progress_new(arena);
    progress_feed(progress, text, log_length);
    progress_end(progress);
    int lines = 1;
    for (const char *at = dockerfile; *at != '\0'; at++)
        lines += *at == '\n';
    for (size_t i = 0; i < progress_step_count(progress) && i < 10; i++) {
        const struct build_step *step = progress_step(progress, i);
        const int line = dockerfile_step_line(arena, dockerfile, progress, step);
        fuzz_assert(line >= 0 && line <= lines);
    }
    const struct build_source source = progress_source(progress);
    dockerfile_shows(dockerfile, &source);
}
