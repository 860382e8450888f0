/* How the time to read a list grows with its items, for lists longer than one variable can hold:
 * prints for each shape and number of items the median time of ROUNDS readings, in ns. */
#include "plan/list.h"
#include "system/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 11 };

static const int COUNTS[] = {10, 100, 1000, 10000, 100000};

static const struct shape {
    const char *name;
    enum list_kind kind;
    const char *item;
    const char *separator;
} SHAPES[] = {
    {"split list, commas", LIST_SPLIT, "registry.example/app:1", ","},
    {"split list, lines", LIST_SPLIT, "registry.example/app:1", "\n"},
    {"whole list", LIST_WHOLE, "org.opencontainers.image.title=app", "\n"},
    {"whole list, quoted", LIST_WHOLE, "\"type=local,\"\"dest=a, b\"\"\"", "\n"},
    {"whole list, one record", LIST_WHOLE, "\"a,b\"", ","},
    {"whole list, quotes kept", LIST_LINES, "type=image,\"name=a,b\",push=true", "\n"},
};

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

static char *make_text(struct arena *arena, const struct shape *shape, int count)
{
    size_t item = strlen(shape->item) + strlen(shape->separator);
    char *text = arena_allocate(arena, item * (size_t)count + 1);
    for (int i = 0; i < count; i++)
        snprintf(text + item * (size_t)i, item + 1, "%s%s", shape->item, shape->separator);
    text[item * (size_t)count - strlen(shape->separator)] = '\0';
    return text;
}

static long long time_of(const struct shape *shape, const char *text)
{
    struct arena arena = ARENA_INIT;
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    const long long began = now();
    int outcome = list_parse(&arena, shape->kind, text, &list, &error);
    const long long ended = now();
    arena_free(&arena);
    if (outcome != 0)
        exit(1);
    return ended - began;
}

static int compare(const void *left, const void *right)
{
    long long a = *(const long long *)left;
    long long b = *(const long long *)right;
    return (a > b) - (a < b);
}

static void measure(const struct shape *shape, int count)
{
    struct arena arena = ARENA_INIT;
    const char *text = make_text(&arena, shape, count);
    long long times[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        times[i] = time_of(shape, text);
    qsort(times, ROUNDS, sizeof(times[0]), compare);
    printf("%s\t%d\t%lld\t%lld\t%lld\n", shape->name, count, times[ROUNDS / 2], times[0],
           times[ROUNDS - 1]);
    arena_free(&arena);
}

int main(void)
{
    for (size_t shape = 0; shape < sizeof(SHAPES) / sizeof(SHAPES[0]); shape++)
        for (size_t count = 0; count < sizeof(COUNTS) / sizeof(COUNTS[0]); count++)
            measure(&SHAPES[shape], COUNTS[count]);
    return 0;
}
