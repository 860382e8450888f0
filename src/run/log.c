#include "run/log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char ERROR_PREFIX[] = "error:";

/* Removes CSI sequences (ECMA-48: ESC [ … a byte from @ to ~) and control characters, in place. */
static void clean(char *line)
{
    char *to = line;
    for (const char *from = line; *from != '\0'; from++) {
        if (from[0] == '\033' && from[1] == '[') {
            from += 2;
            while (*from != '\0' && (*from < '@' || *from > '~'))
                from++;
            if (*from == '\0')
                break;
        } else if ((unsigned char)*from >= ' ' && *from != 0x7f) {
            *to++ = *from;
        } else if (*from == '\t') {
            *to++ = ' ';
        }
    }
    *to = '\0';
}

static void end_line(struct log *log)
{
    log->line[log->length < LOG_LINE_SIZE ? log->length : LOG_LINE_SIZE - 1] = '\0';
    log->length = 0;
    clean(log->line);
    const char *text = log->line + strspn(log->line, " ");
    if (*text == '\0')
        return;
    snprintf(log->last, sizeof(log->last), "%s", text);
    if (strncasecmp(text, ERROR_PREFIX, sizeof(ERROR_PREFIX) - 1) == 0)
        snprintf(log->error, sizeof(log->error), "%s", text);
}

void log_feed(struct log *log, const char *bytes, size_t length)
{
    while (length > 0) {
        const char *line_break = memchr(bytes, '\n', length);
        size_t piece = line_break != NULL ? (size_t)(line_break - bytes) : length;
        size_t room = log->length < LOG_LINE_SIZE - 1 ? LOG_LINE_SIZE - 1 - log->length : 0;
        memcpy(log->line + log->length, bytes, piece < room ? piece : room);
        log->length += piece < room ? piece : room;
        if (line_break == NULL)
            return;
        end_line(log);
        bytes += piece + 1;
        length -= piece + 1;
    }
}

bool log_at_line_start(const struct log *log)
{
    return log->length == 0;
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
