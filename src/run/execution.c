#include "run/execution.h"

#include "github/commands.h"
#include "system/arena.h"
#include "system/clock.h"
#include "system/process.h"
#include "system/redaction.h"

#include <string.h>

/* Quoted as for a shell. The text itself is unchanged unless it has quotes of both kinds: the
 * runner masks a secret only where the log has it unchanged. */
static char *quote(struct arena *arena, const char *argument)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=+:,./@%{}";
    if (argument[0] != '\0' && argument[strspn(argument, plain)] == '\0')
        return arena_copy(arena, argument);
    if (strchr(argument, '\'') != NULL && strpbrk(argument, "\"$`\\!") == NULL)
        return arena_format(arena, "\"%s\"", argument);
    char *quoted = arena_allocate(arena, 4 * strlen(argument) + 3);
    char *end = stpcpy(quoted, "'");
    for (; *argument != '\0'; argument++)
        if (*argument == '\'')
            end = stpcpy(end, "'\\''");
        else
            *end++ = *argument;
    stpcpy(end, "'");
    return quoted;
}

static void print_command(const struct string_list *command)
{
    scoped_arena arena = ARENA_INIT;
    struct string_list words = {0};
    for (size_t i = 0; i < command->count; i++)
        string_list_add(&arena, &words, quote(&arena, redact(&arena, command->items[i])));
    command_text(arena_format(&arena, "[command]%s", string_list_join(&arena, &words, " ")));
}

static void read_progress(void *context, const char *bytes, size_t length)
{
    progress_feed(context, bytes, length);
}

static void observe(void *context, const char *bytes, size_t length)
{
    struct execution *execution = context;
    redact_stream(&execution->redacted, bytes, length);
}

/* For struct process. The time counts only while the program does nothing but wait. */
static long long patience_ms(void *context)
{
    struct execution *execution = context;
    const long long now = clock_now_ms();
    if (execution->patience_s == 0 || !progress_waits_for_machine(execution->progress)) {
        execution->looked_at = 0;
        return -1;
    }
    if (execution->looked_at != 0)
        execution->waited_ms += now - execution->looked_at;
    execution->looked_at = now;
    const long long left = 1000LL * execution->patience_s - execution->waited_ms;
    execution->timed_out = left <= 0;
    return left > 0 ? left : 0;
}

int execute(struct execution *execution, struct error *error)
{
    const struct process process = {
        .program = execution->program,
        .arguments = execution->command->items,
        .environment = execution->environment,
        .output = commands_log(),
        .on_output = observe,
        .patience_ms = patience_ms,
        .context = execution,
        .on_end = execution->on_end,
    };
    bool mid_line;
    execution->redacted =
        (struct redacted_stream){.take = read_progress, .context = execution->progress};
    print_command(execution->command);
    if (commands_stop() != 0)
        return error_set(error,
                         "`%s` was not started, because the runner might have obeyed its output as "
                         "workflow commands: the log of the step cannot be written to",
                         execution->command->items[0]);
    int status = process_run(&process, &mid_line, error);
    commands_resume(!mid_line);
    redact_stream_end(&execution->redacted);
    progress_end(execution->progress);
    return status;
}
