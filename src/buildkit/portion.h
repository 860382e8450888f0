/*
 * Turns bytes, in portions of any size, into lines, and into parts of lines that end with a
 * carriage return. Takes linear time and constant memory, whatever the bytes.
 */
#ifndef BUILDKIT_PORTION_H
#define BUILDKIT_PORTION_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SEGMENT_SIZE = 2048,    /* of a segment that came in several portions, with a NUL */
    SEGMENT_END_SIZE = 257, /* of the end of a longer one, with a NUL */
};

/* A line, or a part of one that ends with a carriage return. It may be empty, and it does not
 * include its end. */
struct segment {
    const char *text; /* without a NUL */
    size_t length;
    bool cut;        /* it is longer than SEGMENT_SIZE allows; `text` may still hold all of it */
    const char *end; /* its last bytes, cut or not */
    size_t end_length;
};

/* All zero at the start. */
struct portions {
    /* A segment whose end has not been fed yet. */
    char text[SEGMENT_SIZE];
    size_t length;
    bool cut;
    char end[SEGMENT_END_SIZE];
    size_t end_length;
    size_t work; /* how many bytes were examined to find the ends */
};

/* Who receives the segments. */
struct segment_taker {
    void (*take)(void *context, const struct segment *segment);
    void (*end_line)(void *context); /* the line that the segments belong to is complete */
    void (*settle)(void *context);   /* what was taken so far becomes invalid after this */
    void *context;
};

void portions_feed(struct portions *portions, const char *bytes, size_t length,
                   const struct segment_taker *taker);

/* If the last bytes have no line end, they are a line, too. */
void portions_end(struct portions *portions, const struct segment_taker *taker);

#endif
