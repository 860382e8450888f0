/* Measures how long it takes to read long inputs, without starting a process each time: a list with
 * more items than one variable can hold, and a build's log. Prints the median, shortest and longest
 * time of ROUNDS readings for each shape and size, in ns. */
#include "buildkit/progress.h"
#include "plan/list.h"
#include "plan/source.h"
#include "system/arena.h"
#include "system/redaction.h"
#include "system/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 11 };

struct shape {
    const char *name;
    enum list_kind kind;
    const char *item;
    const char *separator;
};

static const int LIST_SIZES[] = {10, 100, 1000, 10000, 100000};

static const struct shape LISTS[] = {
    {"split list, commas", LIST_SPLIT, "registry.example/app:1", ","},
    {"split list, lines", LIST_SPLIT, "registry.example/app:1", "\n"},
    {"whole list", LIST_WHOLE, "org.opencontainers.image.title=app", "\n"},
    {"whole list, quoted", LIST_WHOLE, "\"type=local,\"\"dest=a, b\"\"\"", "\n"},
    {"whole list, one record", LIST_WHOLE, "\"a,b\"", ","},
    {"agents of ssh, keys of one", LIST_AGENTS, "k", ","},
    {"whole list, quotes kept", LIST_LINES, "type=image,\"name=a,b\",push=true", "\n"},
};

static const int LOG_SIZES[] = {20000, 200000, 2000000, 20000000};

/* The size is the length of the log in bytes, so each item is one byte. */
static const struct shape LOGS[] = {
    {.name = "log, line feeds", .item = "\n"},
    {.name = "log, carriage returns", .item = "\r"},
    {.name = "log, one line", .item = "x"},
    {.name = "log, escapes", .item = "\033"},
};

/* The size is the number of items in a `context`. */
static const struct shape CONTEXTS[] = {
    {.name = "context, braces", .item = "{{"},
    {.name = "context, the default", .item = "{{defaultContext}}"},
};

/* The size is the number of the secret's lines. */
static const struct shape SECRETS[] = {
    {.name = "secret's lines, a log of 600 KB", .item = "\n"},
};

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

static char *make_text(struct arena *arena, const struct shape *shape, int count)
{
    const char *separator = shape->separator != NULL ? shape->separator : "";
    size_t item = strlen(shape->item) + strlen(separator);
    char *text = arena_allocate(arena, item * (size_t)count + 1);
    for (int i = 0; i < count; i++)
        snprintf(text + item * (size_t)i, item + 1, "%s%s", shape->item, separator);
    text[item * (size_t)count - strlen(separator)] = '\0';
    return text;
}

static void read_list(struct arena *arena, const struct shape *shape, const char *text)
{
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    if (list_parse(arena, shape->kind, text, &list, &error) != 0)
        exit(1);
}

static void leave(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
}

static void expand(struct arena *arena, const struct shape *shape, const char *text)
{
    (void)shape;
    source_expand(arena, text, "https://github.com/octo/app.git#refs/heads/main");
}

/* A log of ordinary lines, with a secret of that many lines to look for. */
static void redact_log(struct arena *arena, const struct shape *shape, const char *text)
{
    static const char line[] = "#12 1.234 Get:12 http://mirror.example/debian bookworm/main\n";
    struct redacted_stream stream = {.take = leave};
    struct string_list lines = {0};
    (void)shape;
    for (size_t i = 0; i < strlen(text); i++)
        string_list_add(arena, &lines, arena_format(arena, "%zu of many lines", i));
    redaction_forget();
    redaction_add(string_list_join(arena, &lines, "\n"));
    for (int i = 0; i < 10000; i++)
        redact_stream(&stream, line, sizeof(line) - 1);
    redact_stream_end(&stream);
}

/* In portions, as they come through a pipe. */
static void read_log(struct arena *arena, const struct shape *shape, const char *text)
{
    enum { PORTION = 64 * 1024 };
    struct progress *progress = progress_new(arena);
    (void)shape;
    for (size_t left = strlen(text); left > 0;) {
        const size_t portion = left < PORTION ? left : PORTION;
        progress_feed(progress, text, portion);
        text += portion;
        left -= portion;
    }
    progress_end(progress);
}

typedef void read_shape(struct arena *arena, const struct shape *shape, const char *text);

static long long time_of(read_shape *read, const struct shape *shape, const char *text)
{
    struct arena arena = ARENA_INIT;
    const long long began = now();
    read(&arena, shape, text);
    const long long ended = now();
    arena_free(&arena);
    return ended - began;
}

static int compare(const void *left, const void *right)
{
    long long a = *(const long long *)left;
    long long b = *(const long long *)right;
    return (a > b) - (a < b);
}

static void measure(read_shape *read, const struct shape *shape, int count)
{
    struct arena arena = ARENA_INIT;
    const char *text = make_text(&arena, shape, count);
    long long times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        times[i] = time_of(read, shape, text);
    qsort(times, ROUNDS, sizeof(times[0]), compare);
    printf("%s\t%d\t%lld\t%lld\t%lld\n", shape->name, count, times[ROUNDS / 2], times[0],
           times[ROUNDS - 1]);
    arena_free(&arena);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    secret_start();
    for (size_t shape = 0; shape < COUNT(LISTS); shape++)
        for (size_t size = 0; size < COUNT(LIST_SIZES); size++)
            measure(read_list, &LISTS[shape], LIST_SIZES[size]);
    for (size_t shape = 0; shape < COUNT(CONTEXTS); shape++)
        for (size_t size = 0; size < COUNT(LIST_SIZES); size++)
            measure(expand, &CONTEXTS[shape], LIST_SIZES[size]);
    for (size_t size = 0; size < COUNT(LIST_SIZES) - 1; size++)
        measure(redact_log, &SECRETS[0], LIST_SIZES[size]);
    for (size_t shape = 0; shape < COUNT(LOGS); shape++)
        for (size_t size = 0; size < COUNT(LOG_SIZES); size++)
            measure(read_log, &LOGS[shape], LOG_SIZES[size]);
    return 0;
}
