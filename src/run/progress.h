/*
 * Lines in the log that show that a long download goes on; none for one that is soon over.
 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include "depot/cli.h"

#include <stddef.h>

enum { PROGRESS_FIRST_MS = 1000, PROGRESS_EVERY_MS = 2000 };

struct progress {
    long long shown; /* when the last line was, in ms of the download; 0 before the first */
};

/* The line for a moment of the download; NULL where none is due. `line` is its memory. */
const char *progress_line(struct progress *progress, const struct cli_progress *now, char *line,
                          size_t size);

/* For struct cli_wanted, with a struct progress as context: prints the lines. */
void progress_show(void *context, const struct cli_progress *now);

#endif
