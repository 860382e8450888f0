/*
 * Where a run's time goes: named phases, written as Chrome's trace events, which chrome://tracing
 * and Perfetto show (Trace Event Format: duration events).
 *
 *     trace_open("trace.json", &error);
 *     int get_token(void)
 *     {
 *         TRACE_SCOPE("token");
 *         …
 *     }
 *     trace_close(&error);
 *
 * Without trace_open nothing is kept and nothing is written. Any thread may have phases of its own,
 * one within another; each thread is a track. Times are of CLOCK_MONOTONIC, in microseconds.
 */
#ifndef SYSTEM_TRACE_H
#define SYSTEM_TRACE_H

#include "system/error.h"

enum { TRACE_EVENTS = 512 }; /* beginnings and ends; what comes later is left out */

/* Makes the file, so that a wrong path is known before anything is done. 0, or -1 with an error. */
int trace_open(const char *path, struct error *error);

/* `name` is written as it is and kept as a pointer: a constant of the program, never an input. */
void trace_begin(const char *name);

/* Ends the phase that this thread has begun last. */
void trace_end(void);

static inline void trace_leave(const int *scope)
{
    (void)scope;
    trace_end();
}

/* A phase from here to the end of the block, however that is left. */
#define TRACE_SCOPE(name)                                                                          \
    __attribute__((cleanup(trace_leave), unused)) const int trace_scope = (trace_begin(name), 0)

/* Writes what there is; other threads must have ended. 0, also where nothing is open, or -1 with an
 * error. */
int trace_close(struct error *error);

#endif
