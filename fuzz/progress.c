#include "fuzz.h"

#include "buildkit/step_name.h"

static const char *told(struct arena *arena, const struct progress *progress)
{
    struct string_list told = {0};
    const struct build_source source = progress_source(progress);
    const struct build_step *failed = progress_failed_step(progress);
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        string_list_add(arena, &told,
                        arena_format(arena, "%u %d %lld %s", step->number, (int)step->state,
                                     step->time_ms, step->name));
        progress_step_lines(arena, progress, step, &told);
    }
    string_list_add(arena, &told,
                    arena_format(arena, "%s|%s|%s|%d|%d|%d|%d|%s|%s|%s|%s|%lld",
                                 progress_error(progress), progress_verdict(progress),
                                 progress_build_url(progress), progress_began(progress),
                                 progress_exit_status(progress), progress_warnings(progress),
                                 source.line, source.file, source.text,
                                 failed != NULL ? failed->name : NULL,
                                 progress_evidence(arena, progress), step_machine_wait(progress)));
    return string_list_join(arena, &told, "|");
}

static void check(struct arena *arena, const struct progress *progress, size_t length)
{
    const char *error = progress_error(progress);
    const struct step_count count = step_count(progress);
    struct step_name name;
    fuzz_assert(error == NULL || fuzz_is_one_line(error));
    fuzz_assert(count.cached <= count.total && count.total <= progress_step_count(progress));
    fuzz_assert(progress_work(progress) <= 2 * length + 4);
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        struct string_list lines = {0};
        progress_step_lines(arena, progress, step, &lines);
        step_name_parse(step->name, &name);
        fuzz_assert(fuzz_is_one_line(step->name) && lines.count <= 20);
        for (size_t line = 0; line < lines.count; line++)
            fuzz_assert(fuzz_is_one_line(lines.items[line]) && strlen(lines.items[line]) <= 512);
    }
}

/* The result is the same if a log is fed whole or byte by byte, and it has no control
 * characters. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct progress *whole = progress_new(arena);
    struct progress *bytes = progress_new(arena);
    progress_feed(whole, text, length);
    for (size_t i = 0; i < length; i++)
        progress_feed(bytes, text + i, 1);
    progress_end(whole);
    progress_end(bytes);
    check(arena, whole, length);
    fuzz_assert(strcmp(told(arena, whole), told(arena, bytes)) == 0);
}
