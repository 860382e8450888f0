#include "system/trace.h"

#include "system/clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct event {
    const char *name; /* NULL: the end of a phase */
    long long ns;     /* from the monotonic clock */
    int track;
};

static FILE *file;
static struct event events[TRACE_EVENTS];
static atomic_int event_count;
static atomic_int track_count;
static _Thread_local int track; /* 0: this thread has had no phase yet */

int trace_open(const char *path, struct error *error)
{
    file = fopen(path, "we");
    if (file == NULL)
        return error_set(error, "cannot write the trace `%s`: %s", path, strerror(errno));
    event_count = 0;
    return 0;
}

static void add(const char *name)
{
    if (file == NULL)
        return;
    if (track == 0)
        track = ++track_count;
    int number = event_count++;
    if (number >= TRACE_EVENTS)
        return;
    events[number].name = name;
    events[number].track = track;
    events[number].ns = clock_now_ns();
}

void trace_begin(const char *name)
{
    add(name);
}

void trace_end(void)
{
    add(NULL);
}

static void write_event(const struct event *event, const char *separator)
{
    fprintf(file, "%s\n{\"ph\": \"%c\", \"ts\": %lld.%03lld, \"pid\": %d, \"tid\": %d", separator,
            event->name != NULL ? 'B' : 'E', event->ns / 1000, event->ns % 1000, (int)getpid(),
            event->track);
    if (event->name != NULL)
        fprintf(file, ", \"name\": \"%s\"", event->name);
    fputc('}', file);
}

int trace_close(struct error *error)
{
    if (file == NULL)
        return 0;
    int count = event_count < TRACE_EVENTS ? event_count : TRACE_EVENTS;
    fputs("{\"traceEvents\": [", file);
    for (int i = 0; i < count; i++)
        write_event(&events[i], i > 0 ? "," : "");
    fputs("\n]}\n", file);
    int failed = ferror(file);
    failed |= fclose(file);
    file = NULL;
    return failed != 0 ? error_set(error, "cannot write the trace: %s", strerror(errno)) : 0;
}
