/*
 * Child processes, and the signals that the runner sends us meanwhile.
 */
#ifndef SYSTEM_PROCESS_H
#define SYSTEM_PROCESS_H

#include "system/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * From here on SIGINT, SIGTERM, SIGHUP and SIGQUIT are remembered instead of ending the process,
 * and SIGPIPE and SIGXFSZ are ignored, so that every way out passes through the caller's clean-up.
 * Call once.
 */
int signals_catch(struct error *error);

/* The first ending signal that came, 0 where none has. It is never forgotten. */
int signals_received(void);

/* How long ago that was, in ms; -1 if none has come. */
long long signals_age_ms(void);

/* Waits for `milliseconds`. Whether they are over: false if an ending signal came, then or before.
 */
bool signals_wait(long long milliseconds);

/*
 * `action` is done before anything else when the first ending signal comes, on whatever thread,
 * when nobody takes the output of process_run any more, and at exit(). It may be done more than
 * once, and may only do what a signal handler may (POSIX: async-signal-safe functions).
 */
void signals_do_first(void (*action)(void));

/* Readable when a signal has come: for poll, beside what else is waited for. Never read it. */
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
 * Runs a program to its end, in a process group of its own, with our standard input. Its standard
 * output and standard error are one pipe, so that their order is kept. The bytes go to `output` as
 * they come, and `on_output` sees them. Where nobody takes them any more (EPIPE, a full disk), the
 * child is ended as by a SIGTERM to us.
 *
 * A signal that reaches us is forwarded to the group (GitHub: cancelling a workflow run: SIGINT,
 * 7.5 s later SIGTERM, 2.5 s later SIGKILL). What has not ended PROCESS_GRACE_MS after a SIGTERM
 * is killed, so that clean-up has time before the runner's SIGKILL. When the program ends, what is
 * left of its group is killed too, and waited for; after a signal, the rest of its output is passed
 * for PROCESS_GRACE_MS only.
 *
 * `patience_ms` is asked before each wait how long the program may go on as it does, in ms;
 * negative: as long as it likes. At 0 the child is ended as by a SIGTERM to us.
 *
 * Returns the exit status (128 + N where signal N ended it), or -1 with an error where the program
 * could not be started. `*mid_line` then tells whether `output` stands in the middle of a line: a
 * reader that is too slow misses the end of what a cancelled program printed. signals_catch must
 * have run: it tells of the child's end too.
 */
int process_run(const struct process *process, bool *mid_line, struct error *error);

#endif
