/*
 * What the unit tests share.
 *
 * A test is a function. Each row of a table is also a test, and finds its row in `*state`, so that
 * a report names each row that fails. Every test starts with an empty arena, vault and (if it asks
 * for one) directory, and leaves none behind.
 *
 *     TEST(skips_empty_lines) { … }
 *
 *     int main(void)
 *     {
 *         UNIT_TEST(skips_empty_lines);
 *         UNIT_ROWS(reads_records, RECORDS);
 *         return unit_run("plan/list");
 *     }
 */
#ifndef UNIT_H
#define UNIT_H

#include "system/arena.h"
#include "system/secret.h"
#include "system/string_list.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka needs some of the above before it. */
#include <cmocka.h>

enum { UNIT_LIMIT = 512, UNIT_NAME_SIZE = 160 };

__attribute__((unused)) static struct arena arena = ARENA_INIT;
__attribute__((unused)) static struct arena vault = ARENA_SECRET_INIT;
static struct CMUnitTest unit_tests[UNIT_LIMIT];
static char unit_names[UNIT_LIMIT][UNIT_NAME_SIZE];
static size_t unit_count;
static char unit_directory[64];

#define TEST(function) static void function(__attribute__((unused)) void **state)

#define UNIT_TEST(function) unit_add(#function, NULL, function, NULL)

/* The rows' type must begin with `const char *name`. */
#define UNIT_ROWS(function, table)                                                                 \
    do {                                                                                           \
        for (size_t unit_row = 0; unit_row < COUNT(table); unit_row++)                             \
            unit_add(#function, (table)[unit_row].name, function, &(table)[unit_row]);             \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Like assert_string_equal, for strings that may be NULL. */
#define assert_text(actual, expected) assert_string_equal(unit_shown(actual), unit_shown(expected))

#define assert_has(text, part)                                                                     \
    do {                                                                                           \
        if (strstr(text, part) == NULL)                                                            \
            fail_msg("`%s` is not in `%s`", part, text);                                           \
    } while (0)

#define assert_has_not(text, part)                                                                 \
    do {                                                                                           \
        if (strstr(text, part) != NULL)                                                            \
            fail_msg("`%s` is in `%s`", part, text);                                               \
    } while (0)

/* A `char **` with a NULL after the last item, like an environment or an argv. */
#define STRINGS(...) unit_strings((const char *const[]){__VA_ARGS__, NULL})

static inline const char *unit_shown(const char *text)
{
    return text != NULL ? text : "(NULL)";
}

/* The items with `|` between them. */
static inline const char *joined(const struct string_list *list)
{
    return string_list_join(&arena, list, "|");
}

static inline struct string_list unit_list(const char *const *strings)
{
    struct string_list list = {0};
    for (; *strings != NULL; strings++)
        string_list_add(&arena, &list, *strings);
    return list;
}

static inline char **unit_strings(const char *const *strings)
{
    struct string_list list = unit_list(strings);
    return list.count > 0 ? list.items : arena_allocate(&arena, sizeof(char *));
}

/* A path in the test's own directory. */
static inline char *unit_path(const char *name)
{
    if (unit_directory[0] == '\0') {
        snprintf(unit_directory, sizeof(unit_directory), "/tmp/unit-XXXXXX");
        assert_non_null(mkdtemp(unit_directory));
    }
    return arena_format(&arena, "%s/%s", unit_directory, name);
}

static inline void unit_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static inline char *unit_read(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = arena_allocate(&arena, 1 << 16);
    assert_true(fread(text, 1, (1 << 16) - 1, file) < (1 << 16) - 1);
    fclose(file);
    return text;
}

/* JSON of arrays in arrays. */
static inline char *unit_nested(size_t depth)
{
    char *text = arena_allocate(&arena, 2 * depth + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

/* Runs `function` in a separate process, without its standard error. Returns what it returned, or
 * 128 + N if signal N ended it. */
static inline int unit_in_child(int (*function)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        /* cmocka's handlers would continue with the tests in this process too. */
        static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
        for (size_t i = 0; i < COUNT(faults); i++)
            signal(faults[i], SIG_DFL);
        int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(nowhere, STDERR_FILENO);
        _exit(function());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Whether core dumps leave this memory out (proc(5): smaps, VmFlags, dd), which distinguishes a
 * secret arena from any other. */
static inline bool unit_is_secret_memory(const void *memory)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    char line[512];
    bool inside = false;
    bool secret = false;
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *end;
        uintptr_t from = strtoul(line, &end, 16);
        if (*end == '-')
            inside = (uintptr_t)memory >= from && (uintptr_t)memory < strtoul(end + 1, NULL, 16);
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            secret = strstr(line, " dd") != NULL;
    }
    fclose(maps);
    return secret;
}

static inline int unit_remove(const char *path, const struct stat *status, int kind,
                              struct FTW *position)
{
    (void)status;
    (void)kind;
    (void)position;
    return remove(path);
}

static inline int unit_teardown(void **state)
{
    (void)state;
    arena_free(&arena);
    arena_free(&vault);
    if (unit_directory[0] != '\0')
        nftw(unit_directory, unit_remove, 16, FTW_DEPTH | FTW_PHYS);
    unit_directory[0] = '\0';
    return 0;
}

static inline void unit_add(const char *test, const char *row, CMUnitTestFunction function,
                            const void *state)
{
    char *name = unit_names[unit_count];
    snprintf(name, UNIT_NAME_SIZE, "%s%s%s", test, row != NULL ? ": " : "", row != NULL ? row : "");
    unit_tests[unit_count++] = (struct CMUnitTest){
        .name = name,
        .test_func = function,
        .teardown_func = unit_teardown,
        .initial_state = (void *)(uintptr_t)state,
    };
}

/* With UNIT_LIST in the environment, it prints the tests' names, one per line, and runs none. */
static inline int unit_run(const char *module)
{
    if (getenv("UNIT_LIST") != NULL) {
        for (size_t i = 0; i < unit_count; i++)
            puts(unit_names[i]);
        return 0;
    }
    secret_start();
    return cmocka_run_group_tests_name(module, unit_tests, NULL, NULL);
}

#endif
