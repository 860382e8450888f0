/*
 * Lines in the log that show the progress of a long download. A short download has none.
 */
#ifndef RUN_TRANSFER_H
#define RUN_TRANSFER_H

#include "depot/cli.h"

#include <stddef.h>

enum { TRANSFER_FIRST_MS = 1000, TRANSFER_EVERY_MS = 2000 };

struct transfer {
    long long shown; /* when the last line was printed, in ms since the download began; 0 before the
                        first */
};

/* The line for this moment of the download; NULL if none is due. `line` is its memory. */
const char *transfer_line(struct transfer *transfer, const struct cli_progress *now, char *line,
                          size_t size);

/* Prints the lines. For struct cli_wanted, with a struct transfer as context. */
void transfer_show(void *context, const struct cli_progress *now);

#endif
