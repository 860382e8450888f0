#include "github/outputs.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

/* Reads as the runner does: NAME<<DELIMITER, the value, DELIMITER. Returns what follows. */
static const char *read_output(const char *text, const char **name, const char **value,
                               const char **delimiter)
{
    const char *arrows = strstr(text, "<<");
    assert_non_null(arrows);
    const char *end = strchr(arrows, '\n');
    assert_non_null(end);
    *name = arena_copy_bytes(&arena, text, (size_t)(arrows - text));
    *delimiter = arena_copy_bytes(&arena, arrows + 2, (size_t)(end - arrows - 2));
    const char *last = strstr(end, arena_format(&arena, "\n%s\n", *delimiter));
    assert_non_null(last);
    *value = last == end ? "" : arena_copy_bytes(&arena, end + 1, (size_t)(last - end - 1));
    return last + strlen(*delimiter) + 2;
}

static const struct value_row {
    const char *name;
    const char *value;
} VALUES[] = {
    {"a line", "sha256:abc"},
    {"nothing", ""},
    {"several lines", "{\n  \"a\": 1\n}"},
    {"a line break at the end", "a\n"},
    {"only line breaks", "\n\n"},
    {"CRLF", "a\r\nb"},
    {"what looks like an output", "a\nb<<EOF\nc\nEOF"},
    {"what looks like a command", "::set-output name=a::b"},
    {"an equals sign", "a=b"},
};

TEST(writes_a_value_of)
{
    const struct value_row *row = *state;
    const char *name;
    const char *value;
    const char *delimiter;
    const char *text = outputs_format(&arena, &(struct output){"digest", row->value}, 1);
    assert_text(read_output(text, &name, &value, &delimiter), "");
    assert_text(name, "digest");
    assert_text(value, row->value);
    assert_true(strlen(delimiter) >= 32);
}

TEST(leaves_out_what_has_no_value)
{
    const struct output outputs[] = {{"a", NULL}, {"b", "1"}, {"c", NULL}, {"d", "2"}};
    const char *name;
    const char *value;
    const char *delimiter;
    const char *text = outputs_format(&arena, outputs, COUNT(outputs));
    text = read_output(text, &name, &value, &delimiter);
    assert_text(name, "b");
    assert_text(value, "1");
    text = read_output(text, &name, &value, &delimiter);
    assert_text(name, "d");
    assert_text(value, "2");
    assert_text(text, "");
}

TEST(draws_each_delimiter_anew)
{
    const struct output outputs[] = {{"a", "1"}, {"b", "2"}};
    const char *name;
    const char *value;
    const char *delimiters[3];
    const char *text = outputs_format(&arena, outputs, 2);
    text = read_output(text, &name, &value, &delimiters[0]);
    read_output(text, &name, &value, &delimiters[1]);
    read_output(outputs_format(&arena, outputs, 2), &name, &value, &delimiters[2]);
    assert_string_not_equal(delimiters[0], delimiters[1]);
    assert_string_not_equal(delimiters[0], delimiters[2]);
}

TEST(no_outputs_are_no_text)
{
    assert_text(outputs_format(&arena, NULL, 0), "");
}

static char **output_to(const char *path)
{
    return STRINGS(arena_format(&arena, "GITHUB_OUTPUT=%s", path));
}

TEST(appends_to_the_file)
{
    const char *path = unit_path("output");
    const char *name;
    const char *value;
    const char *delimiter;
    struct error error = ERROR_INIT;
    unit_write(path, "before=1\n");
    assert_int_equal(outputs_write(output_to(path), &(struct output){"a", "1"}, 1, &error), 0);
    assert_int_equal(outputs_write(output_to(path), &(struct output){"b", "2"}, 1, &error), 0);
    const char *text = unit_read(path);
    assert_memory_equal(text, "before=1\n", 9);
    text = read_output(text + 9, &name, &value, &delimiter);
    assert_text(name, "a");
    text = read_output(text, &name, &value, &delimiter);
    assert_text(name, "b");
    assert_text(text, "");
}

TEST(does_nothing_where_no_file_is_set)
{
    struct error error = ERROR_INIT;
    struct output output = {"a", "1"};
    assert_int_equal(outputs_write(STRINGS(NULL), &output, 1, &error), 0);
    assert_int_equal(outputs_write(STRINGS("GITHUB_OUTPUT="), &output, 1, &error), 0);
}

static const struct failure_row {
    const char *name;
    const char *path; /* NULL: the test's directory */
    int reason;
} FAILURES[] = {
    {"a full disk", "/dev/full", ENOSPC},
    {"a directory", NULL, EISDIR},
    {"a file in no directory", "/not/there/output", ENOENT},
};

TEST(names_the_file_that_cannot_be_written)
{
    const struct failure_row *row = *state;
    const char *path = row->path != NULL ? row->path : unit_path("");
    struct error error = ERROR_INIT;
    assert_int_equal(outputs_write(output_to(path), &(struct output){"a", "1"}, 1, &error), -1);
    assert_has(error.message, "GITHUB_OUTPUT");
    assert_has(error.message, path);
    assert_has(error.message, strerror(row->reason));
}

TEST(writes_nothing_where_not_all_fits)
{
    enum { VALUE_SIZE = 4096, ROOM = 1024 };
    const char *path = unit_path("output");
    char *value = arena_allocate(&arena, VALUE_SIZE + 1);
    memset(value, 'x', VALUE_SIZE);
    unit_write(path, "before=1\n");
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ROOM, limit.rlim_max});
    const struct output outputs[] = {{"a", "1"}, {"b", value}};
    struct error error = ERROR_INIT;
    int outcome = outputs_write(output_to(path), outputs, COUNT(outputs), &error);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, before);
    assert_int_equal(outcome, -1);
    /* Compares the length first, because the text of a failure would be long. */
    assert_int_equal(strlen(unit_read(path)), strlen("before=1\n"));
    assert_text(unit_read(path), "before=1\n");
}

TEST(exports_variables_to_later_steps)
{
    const struct output variable = {"DEPOT_TOKEN", "one\ntwo"};
    const char *path = unit_path("env");
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_ENV=%s", path));
    unit_write(path, "BEFORE=1\n");
    assert_int_equal(exports_write(&vault, environment, &variable, 1, &error), 0);

    const char *name;
    const char *value;
    const char *delimiter;
    const char *text = unit_read(path);
    assert_has(text, "BEFORE=1\n");
    assert_text(read_output(text + strlen("BEFORE=1\n"), &name, &value, &delimiter), "");
    assert_text(name, "DEPOT_TOKEN");
    assert_text(value, "one\ntwo");
}

TEST(adds_a_directory_to_path)
{
    const char *path = unit_path("path");
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_PATH=%s", path));
    assert_int_equal(path_write(environment, "/tools/a b", &error), 0);
    assert_int_equal(path_write(environment, "/tools/c", &error), 0);
    assert_text(unit_read(path), "/tools/a b\n/tools/c\n");
}

TEST(adds_no_second_directory)
{
    static const char *const directories[] = {"/tools\n/evil", "/tools\r/evil", "/tools:/evil"};
    const char *path = unit_path("path");
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_PATH=%s", path));
    for (size_t i = 0; i < COUNT(directories); i++) {
        assert_int_equal(path_write(environment, directories[i], &error), -1);
        assert_has(error.message, "a line break or a colon");
    }
    assert_int_equal(access(path, F_OK), -1);
}

TEST(names_the_files_for_later_steps_that_cannot_be_written)
{
    const struct output variable = {"A", "b"};
    struct error error = ERROR_INIT;
    char **environment = STRINGS("GITHUB_ENV=/dev/full", "GITHUB_PATH=/dev/full");
    assert_int_equal(exports_write(&arena, environment, &variable, 1, &error), -1);
    assert_has(error.message, "GITHUB_ENV");
    assert_int_equal(path_write(environment, "/a", &error), -1);
    assert_has(error.message, "GITHUB_PATH");
}

int main(void)
{
    UNIT_ROWS(writes_a_value_of, VALUES);
    UNIT_TEST(leaves_out_what_has_no_value);
    UNIT_TEST(draws_each_delimiter_anew);
    UNIT_TEST(no_outputs_are_no_text);
    UNIT_TEST(appends_to_the_file);
    UNIT_TEST(does_nothing_where_no_file_is_set);
    UNIT_ROWS(names_the_file_that_cannot_be_written, FAILURES);
    UNIT_TEST(writes_nothing_where_not_all_fits);
    UNIT_TEST(exports_variables_to_later_steps);
    UNIT_TEST(adds_a_directory_to_path);
    UNIT_TEST(adds_no_second_directory);
    UNIT_TEST(names_the_files_for_later_steps_that_cannot_be_written);
    return unit_run("github/outputs");
}
