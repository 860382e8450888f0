#include "system/terminal.h"

#include <string.h>

/* The end of the escape sequence at `text`, which starts with ESC (ECMA-35 and ECMA-48). A NUL ends
 * any sequence early. */
static const char *skip_escape(const char *text)
{
    const char kind = text[1];
    if (kind == '\0')
        return text + 1;
    text += 2;
    if (strchr("]PX^_", kind) !=
        NULL) { /* a control string: up to BEL or the ESC of its terminator */
        text += strcspn(text, "\a\033");
        return *text == '\a' ? text + 1 : text;
    }
    if (kind == '[') { /* a control sequence: up to a byte from @ to ~ */
        while (*text != '\0' && (*text < '@' || *text > '~'))
            text++;
    } else if (kind >= ' ' && kind <= '/') { /* intermediate bytes, then a final one */
        while (*text >= ' ' && *text <= '/')
            text++;
    } else {
        return text;
    }
    return *text != '\0' ? text + 1 : text;
}

void terminal_plain(char *line, size_t length)
{
    char *to = line;
    const char *from = line;
    while (from < line + length) {
        if (*from == '\033') {
            from = skip_escape(from);
            continue;
        }
        if (*from == '\t' || ((unsigned char)*from >= ' ' && *from != 0x7f))
            *to++ = *from;
        from++;
    }
    *to = '\0';
}
