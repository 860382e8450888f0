/*
 * A program whose output others control, run with its output in the log. This is the only way to
 * run one: nothing that it prints is obeyed by the runner.
 */
#ifndef RUN_EXECUTION_H
#define RUN_EXECUTION_H

#include "buildkit/progress.h"
#include "system/error.h"
#include "system/redaction.h"
#include "system/string_list.h"

#include <stdbool.h>

struct execution {
    const char *program;               /* absolute path */
    const struct string_list *command; /* argv, which the log shows first, quoted as for a shell */
    char *const *environment;
    struct progress *progress; /* reads its output */
    int patience_s;            /* how long it may do nothing but wait for machines; 0: for ever */
    void (*on_end)(void);      /* when it has ended, at once; or NULL */
    bool timed_out;            /* set by execute: it was ended for that */
    long long waited_ms;       /* how much of that time is over */
    long long looked_at;       /* when that was seen, of the monotonic clock; 0: it does not wait */
    struct redacted_stream
        redacted; /* its output on the way to `progress`, which cuts and rewrites */
};

/* Runs it to its end. Returns the exit status, or -1 with an error if it could not be started, or
 * its output could not be kept from being obeyed. */
int execute(struct execution *execution, struct error *error);

#endif
