/*
 * Lines in the log that show that a long download goes on; none for one that is soon over.
 */
#ifndef RUN_TRANSFER_H
#define RUN_TRANSFER_H

#include "depot/cli.h"

#include <stddef.h>

enum { TRANSFER_FIRST_MS = 1000, TRANSFER_EVERY_MS = 2000 };

struct transfer {
    long long shown; /* when the last line was, in ms of the download; 0 before the first */
};

/* The line for a moment of the download; NULL where none is due. `line` is its memory. */
const char *transfer_line(struct transfer *transfer, const struct cli_progress *now, char *line,
                          size_t size);

/* For struct cli_wanted, with a struct transfer as context: prints the lines. */
void transfer_show(void *context, const struct cli_progress *now);

#endif
