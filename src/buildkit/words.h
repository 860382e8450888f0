/*
 * An error in the builder's words: its first line, and those that go on with it.
 */
#ifndef BUILDKIT_WORDS_H
#define BUILDKIT_WORDS_H

#include "buildkit/portion.h"
#include "system/arena.h"

#include <stdbool.h>
#include <stddef.h>

enum { WORDS_MORE_SIZE = 513 };

struct words {
    char text[SEGMENT_SIZE]; /* the first line; empty: no error */
    bool cut;
    char end[SEGMENT_END_SIZE]; /* of the first line, if that is cut */
    char more[WORDS_MORE_SIZE]; /* the lines after it, each after a line feed */
    int exit_status;            /* that it ends with, `exit code: 1`; -1: with none */
};

/* `text` is the error, `segment` the line that it ends. */
void words_set(struct words *words, const char *text, const struct segment *segment);

/* One more line; what has no room is cut. */
void words_add(struct words *words, const char *text);

/* How many bytes two errors have in common at the ends of their first lines. */
size_t words_common_end(const struct words *one, const struct words *other);

/* All of it; if the first line was cut, with its beginning and end. Lives in `arena`. */
const char *words_all(struct arena *arena, const struct words *words);

#endif
