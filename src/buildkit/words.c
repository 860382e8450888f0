#include "buildkit/words.h"

#include "buildkit/grammar.h"

#include <stdio.h>
#include <string.h>

static int exit_status_in(const char *text)
{
    static const char said[] = "exit code: ";
    const char *found = NULL;
    for (const char *at = text; (at = strstr(at, said)) != NULL; at++)
        found = at + sizeof(said) - 1;
    const int status = found != NULL ? positive(found) : 0;
    return status > 0 ? status : -1;
}

static const char *words_end(const struct words *words)
{
    return words->cut ? words->end : words->text;
}

void words_set(struct words *words, const char *text, const struct segment *segment)
{
    snprintf(words->text, sizeof(words->text), "%s", text);
    words->cut = segment->cut;
    words->more[0] = '\0';
    plain_text(words->end, sizeof(words->end), segment->end, segment->end_length);
    words->exit_status = exit_status_in(words_end(words));
}

void words_add(struct words *words, const char *text)
{
    const size_t used = strlen(words->more);
    const size_t length = strlen(words->text);
    /* The errors of git come after a line that ends with `git stderr:`, which alone says nothing.
     */
    if (used == 0 && !words->cut && length > 0 && words->text[length - 1] == ':') {
        snprintf(words->text + length, sizeof(words->text) - length, " %s", text);
        return;
    }
    snprintf(words->more + used, sizeof(words->more) - used, "\n%s", text);
}

static size_t common_end(const char *one, const char *other)
{
    const char *first = one + strlen(one);
    const char *second = other + strlen(other);
    size_t length = 0;
    while (first > one && second > other && *--first == *--second)
        length++;
    return length;
}

size_t words_common_end(const struct words *one, const struct words *other)
{
    return common_end(words_end(one), words_end(other));
}

const char *words_all(struct arena *arena, const struct words *words)
{
    return arena_format(arena, "%s%s%s%s", words->text, words->cut ? " … " : "",
                        words->cut ? words->end : "", words->more);
}
