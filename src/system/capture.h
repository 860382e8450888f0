/*
 * A child process that is asked something: what it prints is its answer. Several can be asked at
 * once, beside other work.
 */
#ifndef SYSTEM_CAPTURE_H
#define SYSTEM_CAPTURE_H

#include "system/arena.h"
#include "system/child.h"

#include <stdbool.h>

struct capture {
    struct child *child; /* NULL if it could not be started */
    int output;
    int grace_ms; /* how long the wait goes on after a signal that asks us to end; 0 at first */
};

/* Starts `program`. Its standard error goes nowhere. */
struct capture capture_start(const char *program, char *const *arguments, char *const *environment);

/*
 * Waits for the answer, `*text` in `arena`: at most `limit` bytes of it, at most `milliseconds`,
 * and no longer than `grace_ms` after a signal that asks us to end. What has not ended then is
 * killed. Returns the exit status (128 + N where signal N ended it), or -1 where there is none.
 */
int capture_finish(struct arena *arena, struct capture *capture, size_t limit, int milliseconds,
                   char **text);

/* Whether there is some answer by now. */
bool capture_has_output(const struct capture *capture);

/* Ends the child; nobody wants to know any more. */
void capture_dismiss(struct capture *capture);

#endif
