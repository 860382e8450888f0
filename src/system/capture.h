/*
 * Runs a child process and captures what it prints. Several can run at once, while the caller does
 * other work.
 */
#ifndef SYSTEM_CAPTURE_H
#define SYSTEM_CAPTURE_H

#include "system/arena.h"
#include "system/child.h"

#include <stdbool.h>

struct capture {
    struct child *child; /* NULL if it could not be started */
    int output;
    int grace_ms; /* how long to wait after a signal that asks us to stop; 0 at first */
};

/* Starts `program`. Its standard error is discarded. */
struct capture capture_start(const char *program, char *const *arguments, char *const *environment);

/*
 * Waits for the output, and puts it into `*text`, in `arena`: at most `limit` bytes. Waits at most
 * `milliseconds`, and no longer than `grace_ms` after a signal that asks us to stop. Then kills a
 * program that is still running. Returns the exit status (128 + N if signal N ended it), or -1 if
 * there is none.
 */
int capture_finish(struct arena *arena, struct capture *capture, size_t limit, int milliseconds,
                   char **text);

/* Whether there is any output yet. */
bool capture_has_output(const struct capture *capture);

/* Ends the child; its output is no longer needed. */
void capture_dismiss(struct capture *capture);

#endif
