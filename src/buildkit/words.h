/*
 * An error in the builder's words: its first line, and the lines that continue it.
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
    char end[SEGMENT_END_SIZE]; /* the end of the first line, if that is cut */
    char more[WORDS_MORE_SIZE]; /* the lines after it, each preceded by a line feed */
    int exit_status;            /* from its end, `exit code: 1`; -1: none */
};

/* `text` is the error, `segment` the line that it is the end of. */
void words_set(struct words *words, const char *text, const struct segment *segment);

/* Adds one more line, to the first one if that ends with a colon; text without room is cut off. */
void words_add(struct words *words, const char *text);

/* How many bytes the ends of two errors' first lines have in common. */
size_t words_common_end(const struct words *one, const struct words *other);

/* The whole error; if its first line was cut, its beginning and end. Lives in `arena`. */
const char *words_all(struct arena *arena, const struct words *words);

#endif
