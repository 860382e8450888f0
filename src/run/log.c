#include "run/log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char ERROR_PREFIX[] = "error:";

/* Behind the escape sequence at `text`, which begins with ESC (ECMA-48: a control sequence `ESC [`
 * ends with a byte from @ to ~, a control string `ESC ]` with BEL or ESC). */
static const char *skip_escape(const char *text)
{
    const char kind = text[1];
    if (kind != '[' && kind != ']')
        return text + (kind != '\0' ? 2 : 1);
    text += 2;
    if (kind == ']') {
        text += strcspn(text, "\a\033");
        return *text == '\a' ? text + 1 : text;
    }
    while (*text != '\0' && (*text < '@' || *text > '~'))
        text++;
    return *text != '\0' ? text + 1 : text;
}

/* Removes escape sequences and control characters, in place. */
static void clean(char *line)
{
    char *to = line;
    const char *from = line;
    while (*from != '\0') {
        if (*from == '\033') {
            from = skip_escape(from);
            continue;
        }
        if (*from == '\t')
            *to++ = ' ';
        else if ((unsigned char)*from >= ' ' && *from != 0x7f)
            *to++ = *from;
        from++;
    }
    *to = '\0';
}

static void end_line(struct log *log)
{
    log->line[log->length] = '\0';
    log->length = 0;
    clean(log->line);
    const char *text = log->line + strspn(log->line, " ");
    if (*text == '\0')
        return;
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

void log_feed(struct log *log, const char *bytes, size_t length)
{
    if (length > 0)
        log->at_line_start = bytes[length - 1] == '\n';
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

const char *log_failure(struct log *log)
{
    if (log->length > 0)
        end_line(log);
    if (log->error[0] == '\0')
        return log->last[0] != '\0' ? log->last : NULL;
    const char *text = log->error + sizeof(ERROR_PREFIX) - 1;
    return text + strspn(text, " ");
}
