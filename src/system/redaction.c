#include "system/redaction.h"

#include "system/terminal.h"

#include <ctype.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char BLANKS[] = " \t\v\f";
static const char HIDDEN[] = "***";
static const char CUT[] = "...";

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static struct arena known_vault = ARENA_SECRET_INIT;
static struct string_list known_values; /* as added */
static struct string_list known_lines;  /* their lines, in each form that is redacted */

/* A hash table of the lines by their first START_SIZE bytes, to search for all of them at once. */
enum { START_SIZE = 4, START_PAIRS = START_SIZE - 1, START_BITS = 13 };
struct known_line {
    struct known_line *next;
    const char *text;
    size_t length;
};
static struct known_line *known_starts[1 << START_BITS];
/* Which pairs of bytes occur in the first START_SIZE bytes of a line. Most pairs do not. */
static bool known_pairs[1 << (2 * CHAR_BIT)];
static size_t known_longest;

/* Which lines are masked */

enum { SHORTEST = 4 }; /* characters */

static size_t characters(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80; /* UTF-8: not a continuation */
    return count;
}

static bool is_word(unsigned char byte)
{
    return isalnum(byte) || byte >= 0x80;
}

static bool is_telling(const char *text, size_t length)
{
    static const char *const ordinary[] = {"true", "false", "null", "none", "yes", "no"};
    if (characters(text, length) < SHORTEST)
        return false;
    while (length > 0 && !is_word((unsigned char)text[length - 1]))
        length--;
    for (; length > 0 && !is_word((unsigned char)*text); length--)
        text++;
    for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++)
        if (length == strlen(ordinary[i]) && strncasecmp(text, ordinary[i], length) == 0)
            return false;
    return length > 0;
}

static void add_line(struct arena *vault, const char *line, size_t length,
                     struct string_list *lines)
{
    const char *text = line;
    size_t inner = length;
    while (inner > 0 && strchr(BLANKS, text[inner - 1]) != NULL)
        inner--;
    for (; inner > 0 && strchr(BLANKS, *text) != NULL; inner--)
        text++;
    if (!is_telling(text, inner))
        return;
    string_list_add(vault, lines, arena_copy_bytes(vault, line, length));
    if (inner < length)
        string_list_add(vault, lines, arena_copy_bytes(vault, text, inner));
}

void secret_lines(struct arena *vault, const char *value, struct string_list *lines)
{
    while (*value != '\0') {
        size_t length = strcspn(value, "\r\n");
        add_line(vault, value, length, lines);
        value += length;
        value += strspn(value, "\r\n");
    }
}

/* The list */

/* How a text in quotes has its special characters: each between two texts, except for tabs, and for
 * those that Go's JSON writes as numbers because they mean something in HTML. */
static char *quoted(struct arena *vault, const char *line, const char *special, const char *before,
                    const char *after)
{
    char *text = arena_allocate(vault, 6 * strlen(line) + 1);
    char *end = text;
    for (const char *byte = line; *byte != '\0'; byte++)
        if (strchr(special, *byte) == NULL)
            end = mempcpy(end, byte, 1);
        else if (*byte == '\t')
            end = stpcpy(end, "\\t");
        else if (strchr("<>&", *byte) != NULL)
            end += snprintf(end, 7, "\\u%04x", (unsigned)*byte);
        else
            end = stpcpy(mempcpy(stpcpy(end, before), byte, 1), after);
    return text;
}

static void know(const char *line)
{
    char *plain = arena_copy(&known_vault, line);
    terminal_plain(plain, strlen(plain));
    char *spaced = arena_copy(&known_vault, plain);
    for (char *tab = spaced; (tab = strchr(tab, '\t')) != NULL; tab++)
        *tab = ' ';
    const char *const forms[] = {
        is_telling(plain, strlen(plain)) ? plain : line,
        is_telling(spaced, strlen(spaced)) ? spaced : line,
        quoted(&known_vault, line, "\"\\\t", "\\", ""),
        quoted(&known_vault, line, "\"\\\t<>&", "\\", ""),
        quoted(&known_vault, line, "\"", "\"", ""),
        quoted(&known_vault, line, "'", "'\\", "'"),
    };
    string_list_add(&known_vault, &known_lines, line);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i], line) != 0)
            string_list_add(&known_vault, &known_lines, forms[i]);
}

static struct known_line **place_of_start(const char *bytes)
{
    uint32_t start;
    memcpy(&start, bytes, START_SIZE);
    return &known_starts[start * 2654435761U >> (32 - START_BITS)];
}

static bool *pair_at(const char *bytes)
{
    uint16_t pair;
    memcpy(&pair, bytes, sizeof(pair));
    return &known_pairs[pair];
}

static void find_by_start(const char *line)
{
    struct known_line **place = place_of_start(line);
    for (const struct known_line *other = *place; other != NULL; other = other->next)
        if (strcmp(other->text, line) == 0)
            return;
    struct known_line *known = arena_allocate(&known_vault, sizeof(*known));
    *known = (struct known_line){.next = *place, .text = line, .length = strlen(line)};
    *place = known;
    for (size_t i = 0; i < START_PAIRS; i++)
        *pair_at(line + i) = true;
    if (known->length > known_longest)
        known_longest = known->length;
}

void redaction_add(const char *value)
{
    pthread_mutex_lock(&one_at_a_time);
    if (!string_list_has(&known_values, value)) {
        const size_t first = known_lines.count;
        struct string_list lines = {0};
        string_list_add(&known_vault, &known_values, arena_copy(&known_vault, value));
        secret_lines(&known_vault, value, &lines);
        for (size_t i = 0; i < lines.count; i++)
            know(lines.items[i]);
        for (size_t i = first; i < known_lines.count; i++)
            find_by_start(known_lines.items[i]);
    }
    pthread_mutex_unlock(&one_at_a_time);
}

void redaction_forget(void)
{
    pthread_mutex_lock(&one_at_a_time);
    known_values = (struct string_list){0};
    known_lines = (struct string_list){0};
    memset(known_starts, 0, sizeof(known_starts));
    memset(known_pairs, 0, sizeof(known_pairs));
    known_longest = 0;
    arena_free(&known_vault);
    pthread_mutex_unlock(&one_at_a_time);
}

/* Texts */

/* The length of the longest secret that these bytes start with; 0 if there is none. */
static size_t secret_at(const char *bytes, size_t length)
{
    size_t longest = 0;
    if (length < START_SIZE)
        return 0;
    for (const struct known_line *known = *place_of_start(bytes); known != NULL;
         known = known->next)
        if (known->length > longest && known->length <= length &&
            memcmp(known->text, bytes, known->length) == 0)
            longest = known->length;
    return longest;
}

/* How many bytes at the end of the text are the beginning of the secret; at most `most`. */
static size_t end_that_begins(const char *text, size_t length, const char *secret, size_t most)
{
    size_t part = most < length ? most : length;
    while (part > 0 &&
           (text[length - part] != *secret || memcmp(text + length - part, secret, part) != 0))
        part--;
    return part;
}

/* The text with one `***` in place of each run of marked bytes. */
static char *without(struct arena *arena, const char *text, size_t length, const bool *marked)
{
    /* At most every second byte begins such a run. */
    char *shown = arena_allocate(arena, length + (length + 1) / 2 * (sizeof(HIDDEN) - 1) + 1);
    char *end = shown;
    for (size_t i = 0; i < length; i++)
        if (!marked[i])
            *end++ = text[i];
        else if (i == 0 || !marked[i - 1])
            end = stpcpy(end, HIDDEN);
    *end = '\0';
    return shown;
}

/* Marks the bytes of every secret in the text, including those that overlap. */
static bool *mark_all(struct arena *arena, const char *text, size_t length)
{
    bool *marked = arena_allocate(arena, (length + 1) * sizeof(*marked));
    for (size_t at = 0, end = 0; at < length; at++) {
        const size_t size = secret_at(text + at, length - at);
        if (at + size > end)
            end = at + size;
        marked[at] = at < end;
    }
    return marked;
}

static char *redact_text(struct arena *arena, const char *text, bool unfinished)
{
    const size_t length = strlen(text);
    pthread_mutex_lock(&one_at_a_time);
    bool *marked = mark_all(arena, text, length);
    for (size_t i = 0; unfinished && i < known_lines.count; i++) {
        const char *secret = known_lines.items[i];
        const size_t part = end_that_begins(text, length, secret, strlen(secret));
        memset(marked + length - part, true, part * sizeof(*marked));
    }
    pthread_mutex_unlock(&one_at_a_time);
    return without(arena, text, length, marked);
}

char *redact(struct arena *arena, const char *text)
{
    return redact_text(arena, text, false);
}

/* The first `most` bytes, without a word that is cut at their end. */
static char *whole_words(struct arena *arena, const char *text, size_t most)
{
    size_t length = strnlen(text, most);
    while (length > 0 && strchr(" \t\r\n", text[length]) == NULL)
        length--;
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    return arena_copy_bytes(arena, text, length);
}

char *redact_unfinished(struct arena *arena, const char *text)
{
    char *shown = redact_text(arena, text, true);
    const size_t last = strlen(shown) > 0 ? strlen(shown) - 1 : 0;
    return arena_format(arena, "%s%s", whole_words(arena, shown, last), CUT);
}

char *redact_cut(struct arena *arena, const char *text, size_t most)
{
    char *shown = redact(arena, text);
    if (strlen(shown) <= most)
        return shown;
    return arena_format(arena, "%s%s", whole_words(arena, shown, most - strlen(CUT)), CUT);
}

/* Streams */

/* The next known pair at every third place; past the last pair if there is none. */
static size_t next_known_pair(const char *bytes, size_t at, size_t length)
{
    while (at + 1 < length && !*pair_at(bytes + at))
        at += START_PAIRS;
    return at;
}

/* A known line starts with START_PAIRS pairs of bytes, and one of them is at a place that is looked
 * at. */
static bool has_secret(const char *bytes, size_t length)
{
    if (known_lines.count == 0)
        return false;
    for (size_t at = next_known_pair(bytes, START_PAIRS - 1, length); at + 1 < length;
         at = next_known_pair(bytes, at + START_PAIRS, length))
        for (size_t i = 0; i < START_PAIRS; i++)
            if (secret_at(bytes + at - i, length - at + i) > 0)
                return true;
    return false;
}

/* The secret whose beginning is at the end of these bytes: the one of which most is there, or NULL.
 * No secret contains a line feed. */
static const char *begun(const char *bytes, size_t length, size_t *part)
{
    const char *found = NULL;
    const char *line_feed = memrchr(bytes, '\n', length);
    const char *line = line_feed != NULL ? line_feed + 1 : bytes;
    const char *end = bytes + length;
    const size_t rest = (size_t)(end - line);
    for (*part = rest < known_longest ? rest : known_longest; *part >= START_SIZE; --*part)
        for (const struct known_line *known = *place_of_start(end - *part); known != NULL;
             known = known->next)
            if (known->length > *part && memcmp(known->text, end - *part, *part) == 0)
                return known->text;
    *part = 0;
    for (size_t i = 0; rest > 0 && i < known_lines.count; i++) {
        const char *secret = known_lines.items[i];
        const size_t here = end_that_begins(line, rest, secret, START_SIZE - 1);
        if (here > *part) {
            found = secret;
            *part = here;
        }
    }
    return found;
}

size_t redaction_begun(const char *bytes, size_t length)
{
    size_t part;
    pthread_mutex_lock(&one_at_a_time);
    begun(bytes, length, &part);
    pthread_mutex_unlock(&one_at_a_time);
    return part;
}

bool redaction_is_part(const char *bytes, size_t length)
{
    return characters(bytes, length) >= SHORTEST;
}

/* Holds back the beginning of a secret if these bytes end with one. Returns its length. */
static size_t hold_back(struct redacted_stream *stream, const char *bytes, size_t length)
{
    stream->held = begun(bytes, length, &stream->length);
    return stream->length;
}

static void hand_on(struct redacted_stream *stream, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    stream->take(stream->context, bytes, length);
    stream->after_secret = false;
}

static void hide(struct redacted_stream *stream)
{
    if (!stream->after_secret)
        stream->take(stream->context, HIDDEN, strlen(HIDDEN));
    stream->after_secret = true;
}

static void hand_on_marked(struct redacted_stream *stream, const char *bytes, size_t length,
                           const bool *marked)
{
    for (size_t at = 0, end = 0; at < length; at = end) {
        while (end < length && marked[end] == marked[at])
            end++;
        if (marked[at])
            hide(stream);
        else
            hand_on(stream, bytes + at, end - at);
    }
}

/* redact_stream for bytes that contain a secret, or may contain one. */
static void redact_portion(struct redacted_stream *stream, const char *bytes, size_t length)
{
    struct arena arena = ARENA_SECRET_INIT;
    const size_t all = stream->length + length;
    char *whole = arena_allocate(&arena, all);
    if (stream->length > 0)
        memcpy(whole, stream->held, stream->length);
    memcpy(whole + stream->length, bytes, length);
    pthread_mutex_lock(&one_at_a_time);
    bool *marked = mark_all(&arena, whole, all);
    const size_t known = all - hold_back(stream, whole, all);
    pthread_mutex_unlock(&one_at_a_time);
    memset(marked, true, stream->hidden * sizeof(*marked));
    size_t hidden = all;
    while (hidden > known && !marked[hidden - 1])
        hidden--;
    stream->hidden = hidden - known;
    hand_on_marked(stream, whole, known, marked);
    arena_free(&arena);
}

void redact_stream(struct redacted_stream *stream, const char *bytes, size_t length)
{
    pthread_mutex_lock(&one_at_a_time);
    const bool plain = stream->length == 0 && !has_secret(bytes, length);
    const size_t held = plain ? hold_back(stream, bytes, length) : 0;
    pthread_mutex_unlock(&one_at_a_time);
    if (plain)
        hand_on(stream, bytes, length - held);
    else
        redact_portion(stream, bytes, length);
}

void redact_stream_end(struct redacted_stream *stream)
{
    if (stream->hidden > 0 || redaction_is_part(stream->held, stream->length))
        hide(stream);
    else
        hand_on(stream, stream->held, stream->length);
    stream->length = 0;
    stream->hidden = 0;
}
