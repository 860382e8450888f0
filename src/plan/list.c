#include "plan/list.h"

#include <string.h>

/* How many bytes of white space are at `text`; 0: none (ECMAScript: String.prototype.trim). Text
 * copied from a web page may contain the wide ones. */
static size_t white_space(const char *text)
{
    static const char *const spaces[] = {
        " ",      "\t",     "\r",     "\n",     "\v",     "\f",     "\u00A0", "\u1680", "\u2000",
        "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008", "\u2009",
        "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF",
    };
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (strncmp(text, spaces[i], strlen(spaces[i])) == 0)
            return strlen(spaces[i]);
    return 0;
}

char *text_trim(struct arena *arena, const char *text)
{
    size_t space;
    while ((space = white_space(text)) > 0)
        text += space;
    const char *end = text;
    for (const char *at = text; *at != '\0';) {
        space = white_space(at);
        at += space > 0 ? space : 1;
        if (space == 0)
            end = at;
    }
    return arena_copy_bytes(arena, text, (size_t)(end - text));
}

static size_t line_break(const char *text)
{
    if (text[0] == '\n')
        return 1;
    return text[0] == '\r' && text[1] == '\n' ? 2 : 0;
}

static bool ends_field(const char *text)
{
    return text[0] == '\0' || text[0] == ',' || line_break(text) > 0;
}

/* The closing quote of the field that opens at `open`; NULL if there is none. */
static const char *closing_quote(const char *open)
{
    const char *byte = open + 1;
    while (*byte != '\0' && (*byte != '"' || byte[1] == '"'))
        byte += *byte == '"' ? 2 : 1;
    return *byte == '"' ? byte : NULL;
}

/* The bytes between two quotes, with each pair of quotes turned into one. */
static char *unquote(struct arena *arena, const char *open, const char *close)
{
    char *text = arena_allocate(arena, (size_t)(close - open));
    char *end = text;
    for (const char *byte = open + 1; byte < close; byte += *byte == '"' ? 2 : 1)
        *end++ = *byte;
    return text;
}

static const char *field_end(const char *text)
{
    while (!ends_field(text))
        text++;
    return text;
}

/* Reads one field at *cursor and leaves *cursor at the byte that ends it. NULL: a quote is never
 * closed. */
static char *read_field(struct arena *arena, const char **cursor)
{
    const char *start = *cursor;
    if (*start != '"') {
        *cursor = field_end(start);
        return arena_copy_bytes(arena, start, (size_t)(*cursor - start));
    }
    const char *close = closing_quote(start);
    if (close == NULL)
        return NULL;
    const char *rest = close + 1;
    char *quoted = unquote(arena, start, close);
    *cursor = field_end(rest);
    if (*cursor == rest)
        return quoted;
    return arena_format(arena, "\"%s\"%.*s", quoted, (int)(*cursor - rest), rest);
}

/* Reads the record at *cursor and leaves *cursor after its line break. -1: a quote is never closed.
 */
static int read_record(struct arena *arena, const char **cursor, struct string_list *fields)
{
    for (;;) {
        char *field = read_field(arena, cursor);
        if (field == NULL)
            return -1;
        string_list_add(arena, fields, field);
        if (**cursor != ',') {
            *cursor += line_break(*cursor);
            return 0;
        }
        (*cursor)++;
    }
}

static void add_item(struct arena *arena, enum list_kind kind, const char *item,
                     struct string_list *list)
{
    const char *trimmed = text_trim(arena, item);
    if (trimmed[0] != '\0')
        string_list_add(arena, list, kind == LIST_UNTRIMMED ? item : trimmed);
}

static void add_split(struct arena *arena, const char *text, struct string_list *list)
{
    for (;;) {
        size_t length = strcspn(text, ",");
        add_item(arena, LIST_SPLIT, arena_copy_bytes(arena, text, length), list);
        if (text[length] == '\0')
            return;
        text += length + 1;
    }
}

/* A comma in a path or between keys does not start an agent, and a path may contain `=`. */
static bool begins_agent(const char *piece)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.-";
    size_t name = strspn(piece, letters);
    return (name > 0 && piece[name] == '=') || strcmp(piece, "default") == 0;
}

static void add_agents(struct arena *arena, const char *text, struct string_list *list)
{
    struct string_list pieces = {0};
    add_split(arena, text, &pieces);
    for (size_t i = 0; i < pieces.count;) {
        struct string_list agent = {0};
        do
            string_list_add(arena, &agent, pieces.items[i++]);
        while (i < pieces.count && !begins_agent(pieces.items[i]));
        string_list_add(arena, list, string_list_join(arena, &agent, ","));
    }
}

static void add_record(struct arena *arena, enum list_kind kind, const struct string_list *fields,
                       struct string_list *list)
{
    if (kind == LIST_AGENTS)
        add_agents(arena, string_list_join(arena, fields, ","), list);
    else if (kind != LIST_SPLIT)
        add_item(arena, kind, string_list_join(arena, fields, ","), list);
    else if (fields->count == 1)
        add_split(arena, fields->items[0], list);
    else
        for (size_t i = 0; i < fields->count; i++)
            add_item(arena, kind, fields->items[i], list);
}

static void parse_lines(struct arena *arena, const char *text, struct string_list *list)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        add_item(arena, LIST_LINES, arena_copy_bytes(arena, text, length), list);
        text += length;
        text += *text == '\n';
    }
}

static int line_number(const char *text, const char *position)
{
    int number = 1;
    for (; text < position; text++)
        number += *text == '\n';
    return number;
}

int list_parse(struct arena *arena, enum list_kind kind, const char *text, struct string_list *list,
               struct error *error)
{
    if (kind == LIST_LINES) {
        parse_lines(arena, text, list);
        return 0;
    }
    const char *cursor = text;
    struct string_list fields = {0};
    while (*cursor != '\0') {
        size_t empty = line_break(cursor);
        if (empty > 0) {
            cursor += empty;
            continue;
        }
        fields.count = 0;
        if (read_record(arena, &cursor, &fields) != 0)
            return error_set(error, "the quote opened on line %d is never closed",
                             line_number(text, cursor));
        add_record(arena, kind, &fields, list);
    }
    return 0;
}

int list_fields(struct arena *arena, const char *text, struct string_list *fields)
{
    struct string_list raw = {0};
    do {
        if (read_record(arena, &text, &raw) != 0)
            return -1;
        while (line_break(text) > 0)
            text += line_break(text);
    } while (*text != '\0');
    for (size_t i = 0; i < raw.count; i++)
        string_list_add(arena, fields, text_trim(arena, raw.items[i]));
    return 0;
}

char *list_quote(struct arena *arena, const char *field)
{
    if (strpbrk(field, ",\"\r\n") == NULL)
        return arena_copy(arena, field);
    char *quoted = arena_allocate(arena, 2 * strlen(field) + 3);
    char *end = quoted;
    *end++ = '"';
    for (const char *byte = field; *byte != '\0'; byte++) {
        if (*byte == '"')
            *end++ = '"';
        *end++ = *byte;
    }
    *end = '"';
    return quoted;
}
