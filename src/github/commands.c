#include "github/commands.h"

#include "system/environment.h"
#include "system/secret.h"

#include <string.h>

static FILE *log_stream;
static bool on_runner;
static char stop_token[SECRET_NONCE_SIZE];

void commands_start(FILE *stream, char *const *environment)
{
    log_stream = stream;
    const char *actions = environment_get(environment, "GITHUB_ACTIONS");
    on_runner = actions != NULL && strcmp(actions, "true") == 0;
}

static char *escape(struct arena *arena, const char *text, const char *special)
{
    char *escaped = arena_allocate(arena, 3 * strlen(text) + 1);
    char *end = escaped;
    for (const char *byte = text; *byte != '\0'; byte++) {
        if (strchr(special, *byte) == NULL)
            *end++ = *byte;
        else
            end += snprintf(end, 4, "%%%02X", (unsigned)*byte);
    }
    return escaped;
}

char *command_escape_data(struct arena *arena, const char *text)
{
    return escape(arena, text, "%\r\n");
}

char *command_escape_property(struct arena *arena, const char *text)
{
    return escape(arena, text, "%\r\n:,");
}

static void annotate(const char *level, const char *title, const char *message)
{
    struct arena arena = ARENA_INIT;
    if (on_runner)
        fprintf(log_stream, "::%s title=%s::%s\n", level, command_escape_property(&arena, title),
                command_escape_data(&arena, message));
    else
        fprintf(log_stream, "%s: %s: %s\n", level, title, message);
    fflush(log_stream);
    arena_free(&arena);
}

void command_error(const char *title, const char *message)
{
    annotate("error", title, message);
}

void command_warning(const char *title, const char *message)
{
    annotate("warning", title, message);
}

void command_notice(const char *title, const char *message)
{
    annotate("notice", title, message);
}

void command_warning_at(const char *title, const char *message, const char *file, int line,
                        int end_line)
{
    if (file == NULL || !on_runner) {
        command_warning(title, message);
        return;
    }
    struct arena arena = ARENA_INIT;
    fprintf(log_stream, "::warning title=%s,file=%s", command_escape_property(&arena, title),
            command_escape_property(&arena, file));
    if (line > 0)
        fprintf(log_stream, ",line=%d,endLine=%d", line, end_line > line ? end_line : line);
    fprintf(log_stream, "::%s\n", command_escape_data(&arena, message));
    fflush(log_stream);
    arena_free(&arena);
}

void command_debug(const char *message)
{
    struct arena arena = ARENA_INIT;
    if (on_runner)
        fprintf(log_stream, "::debug::%s\n", command_escape_data(&arena, message));
    arena_free(&arena);
}

void command_mask(const char *value)
{
    struct arena vault = ARENA_SECRET_INIT;
    if (!on_runner)
        return;
    while (*value != '\0') {
        size_t length = strcspn(value, "\r\n");
        char *line = arena_copy_bytes(&vault, value, length);
        if (strspn(line, " \t") < length)
            fprintf(log_stream, "::add-mask::%s\n", command_escape_data(&vault, line));
        value += length;
        value += strspn(value, "\r\n");
    }
    /* At once: the runner must know it before anything else can print it. */
    fflush(log_stream);
    arena_free(&vault);
}

void commands_stop(void)
{
    if (!on_runner)
        return;
    secret_nonce(stop_token);
    fprintf(log_stream, "::stop-commands::%s\n", stop_token);
    fflush(log_stream);
}

void commands_resume(bool at_line_start)
{
    if (!at_line_start)
        fputc('\n', log_stream);
    if (on_runner)
        fprintf(log_stream, "::%s::\n", stop_token);
    fflush(log_stream);
}

/* `::command::` at a line's start, or `##[command]` anywhere in it. */
static bool may_be_command(const char *text)
{
    return strstr(text, "::") != NULL || strstr(text, "##[") != NULL;
}

void command_group(const char *title, const char *text)
{
    struct arena arena = ARENA_INIT;
    if (on_runner)
        fprintf(log_stream, "::group::%s\n", command_escape_data(&arena, title));
    else
        fprintf(log_stream, "%s\n", title);
    size_t length = strlen(text);
    bool at_line_start = length == 0 || text[length - 1] == '\n';
    bool guarded = may_be_command(text);
    if (guarded)
        commands_stop();
    fwrite(text, 1, length, log_stream);
    if (guarded)
        commands_resume(at_line_start);
    else if (!at_line_start)
        fputc('\n', log_stream);
    if (on_runner)
        fputs("::endgroup::\n", log_stream);
    fflush(log_stream);
    arena_free(&arena);
}
