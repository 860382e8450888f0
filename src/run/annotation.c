#include "run/annotation.h"

#include "buildkit/lines.h"
#include "buildkit/step_name.h"
#include "github/commands.h"
#include "plan/builder.h"
#include "system/environment.h"
#include "system/process.h"
#include "system/redaction.h"

#include <string.h>

enum { TITLE_SIZE = 200 }; /* bytes at most */

/* ` on line 12 of Dockerfile`, if the annotation cannot be put on that line. */
static const char *said_place(struct arena *arena, const struct place *place)
{
    return place->line > 0 && place->file == NULL
               ? arena_format(arena, " on line %d of %s", place->line, place->name)
               : "";
}

/* Text of the full size was cut, and may have lost up to three bytes of its last character. */
static bool is_cut(const char *text, size_t size)
{
    return strlen(text) + 3 >= size;
}

/* As many of the last lines as fit in `room`, each after a line feed. */
static const char *last_lines(struct arena *arena, const struct string_list *lines, size_t room)
{
    const char *text = "";
    for (size_t i = lines->count; i > 0; i--) {
        const char *item = lines->items[i - 1];
        const char *line =
            is_cut(item, LINE_LIMIT) ? redact_unfinished(arena, item) : redact(arena, item);
        if (strlen(line) + 1 + strlen(text) > room)
            break;
        text = arena_format(arena, "\n%s%s", line, text);
    }
    return text;
}

static const char *message_of(struct arena *arena, const struct attempt *attempt,
                              const struct explanation *why, const struct place *place)
{
    const int status = progress_exit_status(attempt->progress);
    struct string_list lines = {0};
    progress_step_lines(arena, attempt->progress, progress_failed_step(attempt->progress), &lines);
    const char *head = why->words;
    if (status >= 0)
        head =
            arena_format(arena, "The process did not complete successfully: exit code: %d", status);
    head = redact_cut(arena, arena_format(arena, "%s%s", head, said_place(arena, place)),
                      ANNOTATION_SIZE / 2);
    const char *before = lines.count > 0 ? "\n" : ". ";
    const char *tail = why->advice != NULL ? arena_format(arena, "%s%s", before, why->advice) : "";
    tail = redact_cut(arena, tail, ANNOTATION_SIZE / 4);
    return arena_format(arena, "%s%s%s", head,
                        last_lines(arena, &lines, ANNOTATION_SIZE - strlen(head) - strlen(tail)),
                        tail);
}

/* The runner masks no titles, and BuildKit writes the values of build arguments into the names of
 * steps. People do pass secrets in them. */
static const char *without_arguments(struct step *step, const char *title)
{
    struct arena *arena = &step->arena;
    struct string_list values = {0};
    for (size_t i = 0; i < step->inputs.build_args.count; i++) {
        const char *argument = step->inputs.build_args.items[i];
        const char *equals = strchr(argument, '=');
        const char *value =
            equals != NULL ? equals + 1 : environment_get(step->environment, argument);
        if (value != NULL)
            secret_lines(arena, value, &values);
    }
    for (size_t i = 0; i < values.count; i++)
        for (const char *at; (at = strstr(title, values.items[i])) != NULL;)
            title =
                arena_format(arena, "%s***%s", arena_copy_bytes(arena, title, (size_t)(at - title)),
                             at + strlen(values.items[i]));
    return title;
}

static const char *title_of(struct step *step, const struct build_step *failed,
                            const struct step_name *name)
{
    struct arena *arena = &step->arena;
    const char *text = is_cut(failed->name, PROGRESS_NAME_SIZE)
                           ? redact_unfinished(arena, name->instruction)
                           : redact(arena, name->instruction);
    return redact_cut(arena, without_arguments(step, text), TITLE_SIZE);
}

static const char *plain_title(struct step *step, const struct attempt *attempt)
{
    return arena_format(&step->arena, "%s build %s", builder_name(attempt->plan.builder),
                        signals_received() != 0 ? "cancelled" : "failed");
}

void annotate_failure(struct step *step, const struct attempt *attempt,
                      const struct explanation *why, const struct place *place)
{
    struct arena *arena = &step->arena;
    struct step_name name;
    const struct build_step *failed = progress_failed_step(attempt->progress);
    const bool of_build = signals_received() == 0 && !attempt->timed_out;
    if (of_build && failed != NULL && step_name_parse(failed->name, &name))
        command_error_at(title_of(step, failed, &name), message_of(arena, attempt, why, place),
                         place->file, place->line, 0);
    else
        command_error_at(
            plain_title(step, attempt),
            arena_format(arena, "%s%s", explanation_line(arena, why), said_place(arena, place)),
            place->file, place->line, 0);
}
