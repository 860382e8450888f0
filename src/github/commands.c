#include "github/commands.h"

#include "system/environment.h"
#include "system/process.h"
#include "system/redaction.h"
#include "system/secret.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int log_descriptor = STDOUT_FILENO;
static bool lost; /* a piece of the log */
static bool on_runner;
static char stop_token[SECRET_NONCE_SIZE];

enum kind { KIND_ERROR, KIND_WARNING, KIND_NOTICE, KINDS };

static const char *const KIND_NAMES[KINDS] = {"error", "warning", "notice"};

/* How many of each kind there were. Threads write annotations, too. */
static atomic_int annotations[KINDS];

void commands_start(int log, char *const *environment)
{
    log_descriptor = log;
    lost = false;
    for (size_t kind = 0; kind < KINDS; kind++)
        annotations[kind] = 0;
    const char *actions = environment_get(environment, "GITHUB_ACTIONS");
    on_runner = actions != NULL && strcmp(actions, "true") == 0;
}

int commands_log(void)
{
    return log_descriptor;
}

/* Whether `descriptor` accepts PIPE_BUF bytes without waiting. The runner kills us 10 s after a
 * signal, and cleaning up matters more than a log that nobody reads. */
static bool wait_for_space(int descriptor)
{
    enum { GRACE_MS = 6 * 1000, LOOK_MS = 100 };
    struct pollfd watched = {.fd = descriptor, .events = POLLOUT};
    while (poll(&watched, 1, LOOK_MS) <= 0)
        if (signals_age_ms() > GRACE_MS)
            return false;
    return true;
}

/* Without stdio, which keeps a copy of what it wrote and loses what a full pipe did not accept.
 * After a piece is lost, nothing more is written, because it would continue half a line. */
static int write_to(int descriptor, const char *text)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    size_t left = strlen(text);
    pthread_mutex_lock(&one_at_a_time);
    while (left > 0 && !lost) {
        lost = !wait_for_space(descriptor);
        ssize_t written = lost ? -1 : write(descriptor, text, left < PIPE_BUF ? left : PIPE_BUF);
        lost = lost || (written < 0 && errno != EINTR && errno != EAGAIN);
        text += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
    pthread_mutex_unlock(&one_at_a_time);
    return left == 0 ? 0 : -1;
}

static int put(const char *text)
{
    return write_to(log_descriptor, text);
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

/* The runner compares text the way people read it: it ignores invisible characters, so `#`, a
 * zero-width space and `#[` are `##[` (.NET: String.IndexOf, String.StartsWith). */
static bool is_visible(char byte)
{
    return byte >= ' ' && byte <= '~';
}

static bool may_be_command(const char *text)
{
    if (strstr(text, "::") != NULL || strstr(text, "##[") != NULL)
        return true;
    while (is_visible(*text) || *text == '\n' || *text == '\t')
        text++;
    return *text != '\0';
}

/* Writes whole lines, with commands paused if the runner could obey one of them. */
static char *make_inert(struct arena *arena, const char *text)
{
    text = redact(arena, text);
    const size_t length = strlen(text);
    const char *end = length == 0 || text[length - 1] == '\n' ? "" : "\n";
    if (!on_runner || !may_be_command(text))
        return arena_format(arena, "%s%s", text, end);
    char token[SECRET_NONCE_SIZE];
    secret_nonce(token);
    return arena_format(arena, "::stop-commands::%s\n%s%s::%s::\n", token, text, end, token);
}

int command_warnings_left(void)
{
    const int left = ANNOTATION_LIMIT - annotations[KIND_WARNING];
    return left > 0 ? left : 0;
}

/* `place` holds further properties, escaped. */
static void annotate(enum kind kind, const char *title, const char *place, const char *message)
{
    scoped_arena arena = ARENA_INIT;
    const char *name = KIND_NAMES[kind];
    const bool shown = on_runner && atomic_fetch_add(&annotations[kind], 1) < ANNOTATION_LIMIT;
    title = redact(&arena, title);
    message = redact(&arena, message);
    const char *text =
        shown ? arena_format(&arena, "::%s title=%s%s::%s\n", name,
                             command_escape_property(&arena, title), place,
                             command_escape_data(&arena, message))
              : make_inert(&arena, arena_format(&arena, "%s: %s: %s\n", name, title, message));
    /* If the log is lost, an error still reaches the other stream, which the runner reads too. */
    if (put(text) != 0 && kind == KIND_ERROR && wait_for_space(STDERR_FILENO) &&
        write(STDERR_FILENO, text, strnlen(text, PIPE_BUF)) < 0) {
        /* There is nobody left to tell. */
    }
}

static void annotate_at(enum kind kind, const char *title, const char *message, const char *file,
                        int line, int end_line)
{
    scoped_arena arena = ARENA_INIT;
    const char *place = "";
    if (file != NULL)
        place =
            arena_format(&arena, ",file=%s", command_escape_property(&arena, redact(&arena, file)));
    if (file != NULL && line > 0)
        place = arena_format(&arena, "%s,line=%d,endLine=%d", place, line,
                             end_line > line ? end_line : line);
    annotate(kind, title, place, message);
}

void command_error(const char *title, const char *message)
{
    annotate(KIND_ERROR, title, "", message);
}

void command_warning(const char *title, const char *message)
{
    annotate(KIND_WARNING, title, "", message);
}

void command_notice(const char *title, const char *message)
{
    annotate(KIND_NOTICE, title, "", message);
}

void command_error_at(const char *title, const char *message, const char *file, int line,
                      int end_line)
{
    annotate_at(KIND_ERROR, title, message, file, line, end_line);
}

void command_warning_at(const char *title, const char *message, const char *file, int line,
                        int end_line)
{
    annotate_at(KIND_WARNING, title, message, file, line, end_line);
}

void command_debug(const char *message)
{
    scoped_arena arena = ARENA_INIT;
    if (on_runner)
        put(arena_format(&arena, "::debug::%s\n",
                         command_escape_data(&arena, redact(&arena, message))));
}

void command_mask(const char *value)
{
    scoped_arena vault = ARENA_SECRET_INIT;
    struct string_list lines = {0};
    redaction_add(value);
    secret_lines(&vault, value, &lines);
    for (size_t i = 0; on_runner && i < lines.count; i++)
        put(arena_format(&vault, "::add-mask::%s\n", command_escape_data(&vault, lines.items[i])));
}

int commands_stop(void)
{
    scoped_arena arena = ARENA_INIT;
    if (!on_runner)
        return 0;
    secret_nonce(stop_token);
    return put(arena_format(&arena, "::stop-commands::%s\n", stop_token));
}

void commands_resume(bool at_line_start)
{
    scoped_arena arena = ARENA_INIT;
    const char *line_feed = at_line_start ? "" : "\n";
    put(on_runner ? arena_format(&arena, "%s::%s::\n", line_feed, stop_token) : line_feed);
}

void command_text(const char *text)
{
    scoped_arena arena = ARENA_INIT;
    put(make_inert(&arena, text));
}

void command_group(const char *title, const char *text)
{
    scoped_arena arena = ARENA_INIT;
    put(on_runner
            ? arena_format(&arena, "::group::%s\n%s::endgroup::\n",
                           command_escape_data(&arena, redact(&arena, title)),
                           make_inert(&arena, text))
            : arena_format(&arena, "%s\n%s", redact(&arena, title), make_inert(&arena, text)));
}

/* A line of JSON never begins with a colon, and it has number signs only in strings, where they may
 * be written as escapes (RFC 8259, 7). Each number sign is escaped unless a visible character other
 * than itself follows it. */
int command_json(const char *json)
{
    scoped_arena arena = ARENA_INIT;
    char *inert = arena_allocate(&arena, 6 * strlen(json) + 2);
    char *end = inert;
    for (; *json != '\0'; json++)
        if (*json == '#' && (json[1] == '#' || !is_visible(json[1])))
            end = stpcpy(end, "\\u0023");
        else
            *end++ = *json;
    *end = '\n';
    return write_to(STDOUT_FILENO, inert);
}
