#include "buildkit/log.h"

#include "system/terminal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char ERROR_PREFIX[] = "error:";
static const char VERDICT_PREFIX[] = "Check complete,";
static const char FOREIGN_PROGRAM[] = "exec format error";

static bool begins_step(const char *line)
{
    static const char machine[] = "[depot] ";
    if (*line != '#')
        return false;
    size_t digits = strspn(line + 1, "0123456789");
    const char *name = line + 1 + digits;
    return digits > 0 && name[0] == ' ' && name[1] == '[' &&
           strncmp(name + 1, machine, sizeof(machine) - 1) != 0;
}

static void end_line(struct log *log)
{
    log->line[log->length] = '\0';
    terminal_plain(log->line, log->length);
    log->length = 0;
    const char *text = log->line + strspn(log->line, " ");
    if (*text == '\0')
        return;
    log->step_began = log->step_began || begins_step(text);
    log->foreign_program = log->foreign_program || strstr(text, FOREIGN_PROGRAM) != NULL;
    if (log->verdict[0] == '\0' && strncmp(text, VERDICT_PREFIX, sizeof(VERDICT_PREFIX) - 1) == 0)
        snprintf(log->verdict, sizeof(log->verdict), "%s", text);
    snprintf(log->last, sizeof(log->last), "%s", text);
    if (strncasecmp(text, ERROR_PREFIX, sizeof(ERROR_PREFIX) - 1) == 0)
        snprintf(log->error, sizeof(log->error), "%s", text);
}

/* A carriage return ends a line too: what progress bars write before it is no longer to be seen. */
static size_t line_length(const char *bytes, size_t length)
{
    const char *feed = memchr(bytes, '\n', length);
    size_t line = feed != NULL ? (size_t)(feed - bytes) : length;
    const char *carriage_return = memchr(bytes, '\r', line);
    return carriage_return != NULL ? (size_t)(carriage_return - bytes) : line;
}

static void feed(struct log *log, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t line = line_length(bytes, length);
        size_t room = LOG_LINE_SIZE - 1 - log->length;
        size_t kept = line < room ? line : room;
        memcpy(log->line + log->length, bytes, kept);
        log->length += kept;
        if (line == length)
            return;
        end_line(log);
        bytes += line + 1;
        length -= line + 1;
    }
}

/* Whether a line, which ends with a line feed, can tell nothing but that it is the last one. */
static bool is_ordinary(const struct log *log, const char *line)
{
    const size_t blank = strspn(line, " ");
    const char *text = line + blank;
    if (blank >= LOG_LINE_SIZE - 1 || (unsigned char)*text <= ' ' || *text == 0x7f)
        return false;
    return strchr("eE", *text) == NULL && *text != *VERDICT_PREFIX &&
           (log->step_began || !begins_step(text));
}

/* Of whole lines without escape sequences, where hardly one tells anything: no copy is made but of
 * those that do, and of the last. */
static void feed_plain_lines(struct log *log, const char *bytes, size_t length)
{
    const char *last = bytes;
    size_t last_length = 0;
    for (const char *end = bytes + length; bytes < end;) {
        const char *feed_byte = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t line = (size_t)(feed_byte + 1 - bytes);
        if (is_ordinary(log, bytes)) {
            last = bytes;
            last_length = line;
        } else if (line > 1) {
            feed(log, last, last_length);
            feed(log, bytes, line);
            last_length = 0;
        }
        bytes += line;
    }
    feed(log, last, last_length);
}

static bool has_plain_lines(const char *bytes, size_t length)
{
    return memchr(bytes, '\033', length) == NULL && memchr(bytes, '\r', length) == NULL &&
           memmem(bytes, length, FOREIGN_PROGRAM, sizeof(FOREIGN_PROGRAM) - 1) == NULL;
}

void log_feed(struct log *log, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    const char *first = memchr(bytes, '\n', length);
    const char *last = memrchr(bytes, '\n', length);
    if (first == last || !has_plain_lines(bytes, length)) {
        feed(log, bytes, length);
        return;
    }
    feed(log, bytes, (size_t)(first + 1 - bytes));
    feed_plain_lines(log, first + 1, (size_t)(last - first));
    feed(log, last + 1, length - (size_t)(last + 1 - bytes));
}

void log_end(struct log *log)
{
    if (log->length > 0)
        end_line(log);
}

const char *log_failure(const struct log *log)
{
    if (log->error[0] == '\0')
        return log->last[0] != '\0' ? log->last : NULL;
    const char *text = log->error + sizeof(ERROR_PREFIX) - 1;
    text += strspn(text, " ");
    return *text != '\0' ? text : log->last;
}
