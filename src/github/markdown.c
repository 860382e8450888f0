#include "github/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static size_t longest_run(const char *text)
{
    size_t longest = 0;
    for (const char *tick = strchr(text, '`'); tick != NULL; tick = strchr(tick, '`')) {
        size_t run = strspn(tick, "`");
        longest = run > longest ? run : longest;
        tick += run;
    }
    return longest;
}

static const char *ticks(struct arena *arena, size_t count)
{
    char *run = arena_allocate(arena, count + 1);
    memset(run, '`', count);
    return run;
}

/* In UTF-8: U+0080 to U+009F; U+200E, U+200F, U+2028 to U+202E; U+2066 to U+2069. */
static bool is_control(const unsigned char *byte)
{
    if (byte[0] < ' ' || byte[0] == 0x7f)
        return true;
    if (byte[0] == 0xc2)
        return byte[1] >= 0x80 && byte[1] <= 0x9f;
    if (byte[0] != 0xe2)
        return false;
    if (byte[1] == 0x80)
        return byte[2] == 0x8e || byte[2] == 0x8f || (byte[2] >= 0xa8 && byte[2] <= 0xae);
    return byte[1] == 0x81 && byte[2] >= 0xa6 && byte[2] <= 0xa9;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if (is_control((const unsigned char *)text))
            return true;
    return false;
}

const char *markdown_span(struct arena *arena, const char *text)
{
    if (text == NULL || text[0] == '\0' || has_control(text))
        return NULL;
    const size_t run = longest_run(text) + 1;
    if (strlen(text) + 2 * run > MARKDOWN_SPAN_LIMIT)
        return NULL;
    const char *fence = ticks(arena, run);
    const char last = text[strlen(text) - 1];
    /* One space on each side is not part of the text. It separates backticks from the fence, and it
     * keeps the text's own spaces from being removed as such a pair. */
    const bool padded = strchr("` ", text[0]) != NULL || strchr("` ", last) != NULL;
    const char *pad = padded ? " " : "";
    return arena_format(arena, "%s%s%s%s%s", fence, pad, text, pad, fence);
}

static size_t fence_size(size_t run)
{
    return run < 3 ? 3 : run + 1;
}

/* How many of the lines fit, inside a fence that is long enough for them. */
static size_t lines_within(const struct string_list *lines, size_t limit, size_t *run)
{
    size_t length = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const size_t here = longest_run(lines->items[i]);
        const size_t longest = here > *run ? here : *run;
        length += strlen(lines->items[i]) + 1;
        if (length + 2 * fence_size(longest) > limit)
            return i;
        *run = longest;
    }
    return lines->count;
}

const char *markdown_block(struct arena *arena, const struct string_list *lines, size_t limit)
{
    size_t run = 0;
    struct string_list shown = *lines;
    shown.count = lines_within(lines, limit, &run);
    const size_t rest = lines->count - shown.count;
    const char *left_out = rest == 0
                               ? ""
                               : arena_format(arena, "\n%zu more line%s would not fit here.\n",
                                              rest, rest > 1 ? "s" : "");
    if (shown.count == 0)
        return left_out;
    const char *fence = ticks(arena, fence_size(run));
    return arena_format(arena, "%s\n%s\n%s\n%s", fence, string_list_join(arena, &shown, "\n"),
                        fence, left_out);
}

static bool is_plain(char byte)
{
    return isalnum((unsigned char)byte) || strchr(" .,:;'\"()/-_=%?", byte) != NULL;
}

/* An address in the text becomes a link (GFM: autolinks). */
static bool begins_link(const char *text)
{
    return strncmp(text, "://", 3) == 0 || strncasecmp(text, "www.", 4) == 0;
}

static bool is_inert(const char *text)
{
    if (!isalpha((unsigned char)text[0]))
        return false;
    for (bool quoted = false;; text++) {
        if (*text == '\0')
            return !quoted;
        if (*text == '`') {
            if (text[1] == '`')
                return false;
            quoted = !quoted;
        } else if (!quoted && (!is_plain(*text) || begins_link(text))) {
            return false;
        }
    }
}

const char *markdown_sentence(struct arena *arena, const char *text)
{
    const char *span = markdown_span(arena, text);
    return span != NULL && is_inert(text) ? text : span;
}
