/*
 * Records where a run spends its time: named phases, written as Chrome trace events, which
 * chrome://tracing and Perfetto show (Trace Event Format: duration events).
 *
 *     trace_open("trace.json", &error);
 *     int get_token(void)
 *     {
 *         TRACE_SCOPE("token");
 *         …
 *     }
 *     trace_close(&error);
 *
 * Without trace_open nothing is recorded or written. Any thread may have its own phases, and they
 * may be nested; each thread is a track. Times are from CLOCK_MONOTONIC, in microseconds.
 */
#ifndef SYSTEM_TRACE_H
#define SYSTEM_TRACE_H

#include "system/error.h"

enum { TRACE_EVENTS = 512 }; /* starts and ends; later ones are left out */

/* Creates the file, so that a wrong path is reported at the start. 0, or -1 with an error. */
int trace_open(const char *path, struct error *error);

/* `name` is written unchanged and kept as a pointer: a constant of the program, never an input. */
void trace_begin(const char *name);

/* Ends the phase that this thread started last. */
void trace_end(void);

static inline void trace_leave(const int *scope)
{
    (void)scope;
    trace_end();
}

/* A phase from here to the end of the block, however the block is left. */
#define TRACE_SCOPE(name)                                                                          \
    __attribute__((cleanup(trace_leave), unused)) const int trace_scope = (trace_begin(name), 0)

/* Writes all events; other threads must have ended. 0, also if no trace is open, or -1 with an
 * error. */
int trace_close(struct error *error);

#endif
