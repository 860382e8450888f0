#include "system/text.h"

#include "system/redaction.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

void text_quote(char *to, size_t size, const char *from)
{
    struct arena arena = ARENA_INIT;
    const char *shown = redact_cut(&arena, from, size - 1);
    char *end = to;
    for (; *shown != '\0'; shown++)
        *end++ = isprint((unsigned char)*shown) ? *shown : '?';
    *end = '\0';
    arena_free(&arena);
}

size_t text_cut(const char *text, size_t length, size_t size)
{
    if (length <= size)
        return length;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

size_t text_cut_at_word(const char *text, size_t length, size_t size)
{
    if (length <= size)
        return length;
    while (size > 0 && text[size] != ' ')
        size--;
    return size;
}

void text_moment(char to[TEXT_MOMENT_SIZE], long long seconds)
{
    struct tm parts;
    const time_t moment = (time_t)seconds;
    strftime(to, TEXT_MOMENT_SIZE, "%Y-%m-%d %H:%M UTC", gmtime_r(&moment, &parts));
}

void text_timestamp(char to[TEXT_MOMENT_SIZE], long long seconds)
{
    struct tm parts;
    const time_t moment = (time_t)seconds;
    strftime(to, TEXT_MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&moment, &parts));
}

/* The length of the character that starts here; 0 if there is none. The table is from RFC 3629,
 * section 4: the first byte, and the range of the second, so that no character has two forms. */
static size_t character_length(const unsigned char *bytes)
{
    static const struct {
        unsigned char lead_from, lead_to, second_from, second_to;
        size_t length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (bytes[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (bytes[0] < forms[i].lead_from || bytes[0] > forms[i].lead_to)
            continue;
        bool whole = bytes[1] >= forms[i].second_from && bytes[1] <= forms[i].second_to;
        for (size_t next = 2; whole && next < forms[i].length; next++)
            whole = (bytes[next] & 0xc0) == 0x80;
        return whole ? forms[i].length : 0;
    }
    return 0;
}

char *text_utf8(struct arena *arena, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *valid = arena_allocate(arena, 3 * strlen(text) + 1);
    char *end = valid;
    while (*text != '\0') {
        size_t length = character_length((const unsigned char *)text);
        end = length > 0 ? mempcpy(end, text, length) : stpcpy(end, replacement);
        text += length > 0 ? length : 1;
    }
    return valid;
}
