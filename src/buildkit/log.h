/*
 * What is kept of a build's log while it passes: its last meaningful line, for the annotation of a
 * failure, and whether the build itself had begun. Constant memory, whatever the log's length and
 * that of its lines.
 */
#ifndef BUILDKIT_LOG_H
#define BUILDKIT_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum { LOG_LINE_SIZE = 2048 }; /* of a line, more is not kept; with the NUL */

struct log {                  /* starts as {0} */
    char line[LOG_LINE_SIZE]; /* the current one, so far */
    size_t length;
    char last[LOG_LINE_SIZE];  /* the last that was not blank */
    char error[LOG_LINE_SIZE]; /* the last that says it is an error */
    /* A step of the build was begun, `#4 [internal] load build definition`, other than those that
     * get a machine, `#2 [depot] launching amd64 machine` (BuildKit: progress plain). From then on
     * a failure is the build's own. */
    bool step_began;
    char verdict[LOG_LINE_SIZE]; /* what `--call check` sums up, its first line; empty: nothing */
    bool foreign_program;        /* a program of another architecture was to be run */
};

void log_feed(struct log *log, const char *bytes, size_t length);

/* Call when all is fed: takes the last line too, if it has no line feed. */
void log_end(struct log *log);

/*
 * The line that says why the build failed: the last that begins with `error:` in any case, without
 * that word; else the last that is not blank; else NULL. Terminal escape sequences and control
 * characters are removed. Lives as long as `log`.
 */
const char *log_failure(const struct log *log);

#endif
