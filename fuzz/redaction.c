#include "fuzz.h"

#include "buildkit/progress.h"
#include "system/redaction.h"
#include "system/secret.h"

#include <ctype.h>

/*
 * Wherever a text is cut, and whatever else it contains, no part of a secret is shown. Only the
 * secrets contain capital letters.
 */
static const char SECRET[] = "SECRET\tOF WORDS\nAND=MORE\033[1mOF\"IT\"";

/* The text, with the secret's first line for each 1, and its second for each 2. */
static char *with_secrets(struct arena *arena, const char *text, size_t length)
{
    char *whole = arena_allocate(arena, length * sizeof(SECRET) + 1);
    char *end = whole;
    const size_t first = strcspn(SECRET, "\n");
    for (size_t i = 0; i < length; i++)
        if (text[i] == '1')
            end = mempcpy(end, SECRET, first);
        else if (text[i] == '2')
            end = stpcpy(end, SECRET + first + 1);
        else if (text[i] != '\0')
            *end++ = (char)tolower((unsigned char)text[i]);
    return whole;
}

static void check_shown(const char *text)
{
    for (; *text != '\0'; text++)
        fuzz_assert(!isupper((unsigned char)*text));
}

static void read_progress(void *context, const char *bytes, size_t length)
{
    progress_feed(context, bytes, length);
}

static void check_all(const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        check_shown(list->items[i]);
}

/* What is kept of a build's log that arrived in pieces. */
static void check_log(struct arena *arena, const char *text, size_t length, size_t piece)
{
    struct progress *progress = progress_new(arena);
    struct redacted_stream stream = {.take = read_progress, .context = progress};
    struct string_list lines = {0};
    for (size_t at = 0; at < length; at += piece)
        redact_stream(&stream, text + at, length - at < piece ? length - at : piece);
    redact_stream_end(&stream);
    progress_end(progress);
    string_list_add(arena, &lines, progress_evidence(arena, progress));
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        string_list_add(arena, &lines, step->name);
        progress_step_lines(arena, progress, step, &lines);
    }
    check_all(&lines);
    if (progress_error(progress) != NULL)
        check_shown(progress_error(progress));
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    if (length < 2)
        return;
    const size_t cut = (unsigned char)text[0];
    const char *whole = with_secrets(arena, text + 1, length - 1);
    const size_t all = strlen(whole);
    secret_start();
    redaction_add(SECRET);
    check_shown(redact(arena, whole));
    check_shown(redact_cut(arena, whole, cut + 3));
    fuzz_assert(strlen(redact_cut(arena, whole, cut + 3)) <= cut + 3);
    const size_t part = cut < all ? cut : all;
    check_shown(redact_unfinished(arena, arena_copy_bytes(arena, whole, part)));
    check_log(arena, whole, all, cut + 1);
}
