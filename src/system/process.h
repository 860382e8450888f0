/*
 * Runs child processes, and handles the signals that the runner sends us.
 */
#ifndef SYSTEM_PROCESS_H
#define SYSTEM_PROCESS_H

#include "system/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT are remembered instead of ending the process,
 * and SIGPIPE and SIGXFSZ are ignored, so that the caller's clean-up always runs. Call once.
 */
int signals_catch(struct error *error);

/* The first ending signal that arrived, or 0. It is never reset. */
int signals_received(void);

/* How long ago that was, in ms; -1 if none has arrived. */
long long signals_age_ms(void);

/* Waits for `milliseconds`. Returns false if an ending signal arrives, or did before. */
bool signals_wait(long long milliseconds);

/*
 * `action` runs before anything else when the first ending signal arrives, on any thread, when
 * nobody reads the output of process_run any more, and at exit(). It may run more than once, and
 * may only do what a signal handler may (POSIX: async-signal-safe functions).
 */
void signals_do_first(void (*action)(void));

/* Readable once a signal has arrived: for poll, with other descriptors. Never read it. */
int signals_descriptor(void);

enum { PROCESS_GRACE_MS = 1500 };

struct process {
    const char *program; /* absolute path */
    char *const *arguments;
    char *const *environment;
    int output; /* descriptor */
    void (*on_output)(void *context, const char *bytes, size_t length);
    long long (*patience_ms)(void *context); /* or NULL */
    void *context;                           /* of both functions */
    void (*on_end)(
        void); /* when the program has ended, before its last output is passed; or NULL */
};

/*
 * Runs a program to its end, in its own process group, with our standard input. Its standard output
 * and standard error are one pipe, so their order is kept. The bytes go to `output` as they arrive,
 * and `on_output` sees them. If they can no longer be written (EPIPE, a full disk), the child is
 * ended as if we had received SIGTERM.
 *
 * A signal that reaches us is forwarded to the group (GitHub: cancelling a workflow run: SIGINT,
 * 7.5 s later SIGTERM, 2.5 s later SIGKILL). What is still running PROCESS_GRACE_MS after a SIGTERM
 * is killed, so that clean-up has time before the runner's SIGKILL. When the program ends, the rest
 * of its group is killed too, and waited for. After a signal, remaining output is passed on for
 * only PROCESS_GRACE_MS.
 *
 * `patience_ms` is called before each wait and returns how long the program may continue, in ms; a
 * negative number means without limit. At 0, the child is ended as if we had received SIGTERM.
 *
 * Returns the exit status (128 + N if signal N ended it), or -1 with an error if the program could
 * not be started. `*mid_line` then says whether `output` ended in the middle of a line: a reader
 * that is too slow misses the end of a cancelled program's output. signals_catch must have run: it
 * also reports the child's end.
 */
int process_run(const struct process *process, bool *mid_line, struct error *error);

#endif
