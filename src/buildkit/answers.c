#include "buildkit/grammar.h"
#include "buildkit/progress.h"
#include "buildkit/progress_state.h"

#include <string.h>

size_t progress_step_count(const struct progress *progress)
{
    return progress->step_count;
}

const struct build_step *progress_step(const struct progress *progress, size_t index)
{
    return &progress->steps[index];
}

size_t progress_steps_beyond(const struct progress *progress)
{
    return progress->beyond;
}

bool progress_began(const struct progress *progress)
{
    return progress->began;
}

bool progress_waits_for_machine(const struct progress *progress)
{
    bool waits = false;
    for (size_t i = 0; i < progress->step_count; i++) {
        const struct build_step *step = &progress->steps[i];
        if (step->state != BUILD_STEP_RUNS)
            continue;
        if (!starts_with(step->name, "[depot] launching ") &&
            !starts_with(step->name, "[depot] connecting "))
            return false;
        waits = true;
    }
    return waits && progress->beyond == 0;
}

const char *progress_error(const struct progress *progress)
{
    if (progress->error.text[0] != '\0')
        return progress->error.text;
    return progress->last_text[0] != '\0' ? progress->last_text : NULL;
}

/* A cache that is not available does not fail a build. Nor does the depot CLI's first way to load
 * an image, because the CLI has another one. */
static bool is_harmless(const struct build_step *step)
{
    return strstr(step->name, "importing cache") != NULL ||
           strstr(step->name, "exporting cache") != NULL ||
           strcmp(step->name, "[load] fast load failed; retrying") == 0;
}

/* Several steps may fail at once, on several platforms or for the same reason, and some do not
 * matter. The CLI's last words end like the error that they are about. */
static const struct failure *find_failure(const struct progress *progress)
{
    enum { LEAST = 8 };
    const struct failure *best = NULL;
    const struct failure *likely = NULL;
    size_t most = LEAST - 1;
    for (size_t i = 0; i < progress->failure_count; i++) {
        const struct failure *failure = &progress->failures[i];
        if (failure->step->state != BUILD_STEP_FAILED)
            continue;
        const size_t common = words_common_end(&failure->words, &progress->error);
        if (common > most) {
            best = failure;
            most = common;
        }
        if (likely == NULL && (!is_harmless(failure->step) || progress->error.text[0] == '\0'))
            likely = failure;
    }
    return best != NULL ? best : likely;
}

const struct build_step *progress_failed_step(const struct progress *progress)
{
    const struct failure *failure = find_failure(progress);
    return failure != NULL ? failure->step : NULL;
}

int progress_exit_status(const struct progress *progress)
{
    const struct failure *failure = find_failure(progress);
    if (failure != NULL && failure->words.exit_status >= 0)
        return failure->words.exit_status;
    return progress->error.exit_status;
}

const char *progress_evidence(struct arena *arena, const struct progress *progress)
{
    const struct failure *failure = find_failure(progress);
    const char *said =
        progress->error.text[0] != '\0' ? words_all(arena, &progress->error) : progress->own_text;
    return failure == NULL ? said
                           : arena_format(arena, "%s\n%s", said, words_all(arena, &failure->words));
}

void progress_step_lines(struct arena *arena, const struct progress *progress,
                         const struct build_step *step, struct string_list *lines)
{
    lines_list(arena, &progress->lines, (unsigned)(step - progress->steps), lines);
}

bool progress_failure_says(const struct progress *progress, const char *text)
{
    struct arena arena = ARENA_INIT;
    struct string_list lines = {0};
    const struct build_step *step = progress_failed_step(progress);
    if (step != NULL)
        progress_step_lines(&arena, progress, step, &lines);
    string_list_add(&arena, &lines, progress_evidence(&arena, progress));
    const bool says = strstr(string_list_join(&arena, &lines, "\n"), text) != NULL;
    arena_free(&arena);
    return says;
}

struct build_source progress_source(const struct progress *progress)
{
    static const char said[] = "parse error on line ";
    const char *found = strstr(progress->error.text, said);
    if (progress->source.line > 0 || found == NULL)
        return progress->source;
    return (struct build_source){.line = positive(found + sizeof(said) - 1)};
}

int progress_warnings(const struct progress *progress)
{
    return progress->warnings_counted >= 0 ? progress->warnings_counted : progress->warnings;
}

const char *progress_verdict(const struct progress *progress)
{
    return progress->verdict[0] != '\0' ? progress->verdict : NULL;
}

const char *progress_build_url(const struct progress *progress)
{
    return progress->build_url[0] != '\0' ? progress->build_url : NULL;
}

size_t progress_work(const struct progress *progress)
{
    return progress->portions.work;
}
