/*
 * Runs a program and shows its output in the log. A program whose output others control must be
 * run this way: the runner then obeys nothing that it prints.
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
    const struct string_list *command; /* argv; the log shows it first, quoted as for a shell */
    char *const *environment;
    struct progress *progress; /* reads its output */
    int patience_s;            /* how long it may do nothing but wait for machines; 0: forever */
    void (*on_end)(void);      /* called as soon as it has ended; or NULL */
    bool timed_out;            /* set by execute: it was ended because it waited too long */
    long long waited_ms;       /* how long it has waited so far */
    long long
        looked_at; /* when `waited_ms` was updated, by the monotonic clock; 0: it does not wait */
    struct redacted_stream redacted; /* takes secrets out of its output before `progress`, which
                                        cuts and rewrites it */
};

/* Runs it until it ends. Returns the exit status, or -1 with an error if it could not be started,
 * or if the runner could not be kept from obeying its output. */
int execute(struct execution *execution, struct error *error);

#endif
