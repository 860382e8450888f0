#include "buildkit/log.h"

#include "unit.h"

static const struct log_row {
    const char *name;
    const char *text;
    const char *failure; /* NULL: there is none */
} LOGS[] = {
    {"nothing", "", NULL},
    {"empty lines", "\n\n\n", NULL},
    {"blank lines", "  \n\t\n \r\n", NULL},
    {"escape sequences and nothing else", "\033[0m\n\033[K\n", NULL},
    {"one line", "a\n", "a"},
    {"a line that has no end", "a\nb", "b"},
    {"the last line", "a\nb\nc\n", "c"},
    {"the last line that is not blank", "a\nb\n\n \t\n", "b"},
    {"an error", "a\nERROR: failed to solve\nb\n", "failed to solve"},
    {"an error in lower case", "error: a\nb\n", "a"},
    {"an error in mixed case", "Error: a\nb\n", "a"},
    {"an error that has no end", "a\nerror: b", "b"},
    {"the last error", "ERROR: a\nb\nERROR: c\nd\n", "c"},
    {"an error with blanks before", "  \t ERROR:   a\nb\n", "a"},
    {"an error without a blank behind its colon", "ERROR:a\nb\n", "a"},
    {"what only holds the word", "the error: a\nb\n", "b"},
    {"what only begins like the word", "errors: a\nb\n", "b"},
    {"the word without a colon", "error a\nb\n", "b"},
    {"colours", "\033[31mERROR:\033[0m \033[1;31ma\033[m b\nc\n", "a b"},
    {"cursor movements", "\033[2K\033[1A\033[?25la\033[?25h\n", "a"},
    {"a sequence that never ends", "a\033[31\n", "a"},
    {"a window title", "\033]0;title\007a\n", "a"},
    {"a link", "\033]8;;https://example.com\033\\a\033]8;;\033\\\n", "a"},
    {"a character set", "\033(Ba\n", "a"},
    {"CRLF", "a\r\nERROR: b\r\n\r\n", "b"},
    {"a progress bar", "10%\r50%\rdone\n", "done"},
    {"an error over a progress bar", "10%\rERROR: a\r\nb\n", "a"},
    {"control characters", "ERROR: a\001\007\010b\177\n", "ab"},
    {"tabs inside", "a\tb\n", "a b"},
    {"letters that are not ASCII", "ERROR: \303\244\342\202\254\n", "\303\244\342\202\254"},
    {"a workflow command", "::error::a\n", "::error::a"},
};

TEST(tells_the_failure_of)
{
    const struct log_row *row = *state;
    struct log log = {0};
    log_feed(&log, row->text, strlen(row->text));
    log_end(&log);
    assert_text(log_failure(&log), row->failure);
}

TEST(tells_the_failure_of_pieces)
{
    const struct log_row *row = *state;
    struct log log = {0};
    for (const char *byte = row->text; *byte != '\0'; byte++)
        log_feed(&log, byte, 1);
    log_end(&log);
    assert_text(log_failure(&log), row->failure);
}

/* Lines of the depot CLI. */
static const struct step_row {
    const char *name;
    const char *text;
    bool began;
} STEPS[] = {
    {"nothing", "", false},
    {"a refusal before all", "missing API token, please run `depot login`\n", false},
    {"the build's address",
     "#1 [depot] build: https://depot.dev/orgs/a/projects/b/builds/c\n#1 DONE 0.0s\n", false},
    {"a machine that is not to be had",
     "#2 [depot] launching amd64 machine\n#2 ERROR: unavailable: none\n", false},
    {"a machine that is connected", "#3 [depot] connecting to amd64 machine\n#3 DONE 0.1s\n",
     false},
    {"a machine in the end's summary", "------\n > [depot] connecting to amd64 machine:\n------\n",
     false},
    {"no number", "# [internal] a\n", false},
    {"a step's end", "#4 DONE 0.0s\n", false},
    {"no digits", "#a [internal] a\n", false},
    {"the middle of a line", "a #4 [internal] a\n", false},
    {"the client's preparations", "#4 [internal] fetching git attributes\n", true},
    {"lint", "#5 [lint]\n", true},
    {"the last line", "#1 [depot] build: a\n#12 [internal] load build definition from Dockerfile",
     true},
    {"colours", "\033[34m#8 [1/3] COPY a b\033[0m\n#8 DONE 0.1s\n", true},
    {"a machine behind a step", "#4 [internal] a\n#5 [depot] a\n", true},
};

TEST(tells_whether_the_build_began)
{
    const struct step_row *row = *state;
    struct log log = {0};
    log_feed(&log, row->text, strlen(row->text));
    log_end(&log);
    assert_int_equal(log.step_began, row->began);
}

TEST(keeps_the_first_verdict_of_checks)
{
    static const char text[] = "#1 a\nCheck complete, 2 warnings have been found!\n\nWARNING: a\n"
                               "Check complete, no warnings found.\n";
    struct log log = {0};
    log_feed(&log, text, strlen(text));
    assert_text(log.verdict, "Check complete, 2 warnings have been found!");
}

TEST(sees_that_a_program_is_of_another_architecture)
{
    static const char text[] = "#9 0.1 exec /bin/sh: exec format error\n";
    struct log log = {0};
    log_feed(&log, "a\n", 2);
    assert_false(log.foreign_program);
    log_feed(&log, text, strlen(text));
    assert_true(log.foreign_program);
}

TEST(removes_zero_bytes_too)
{
    static const char text[] = "ERROR: a\0b\n";
    struct log log = {0};
    log_feed(&log, text, sizeof(text) - 1);
    log_end(&log);
    assert_text(log_failure(&log), "ab");
}

static void feed_many(struct log *log, char byte, size_t count)
{
    char *bytes = arena_allocate(&arena, count);
    memset(bytes, byte, count);
    log_feed(log, bytes, count);
}

TEST(keeps_the_beginning_of_a_long_line)
{
    enum { LENGTH = 1000000 };
    struct log log = {0};
    log_feed(&log, "ERROR: ", 7);
    feed_many(&log, 'a', LENGTH);
    feed_many(&log, 'b', LENGTH);
    log_feed(&log, "\nc\n", 3);
    log_end(&log);
    const char *failure = log_failure(&log);
    assert_int_equal(strlen(failure), LOG_LINE_SIZE - 1 - 7);
    assert_int_equal(strspn(failure, "a"), strlen(failure));
}

static const struct edge_row {
    const char *name;
    size_t length;
    size_t kept;
} EDGES[] = {
    {"one less than is kept", LOG_LINE_SIZE - 2, LOG_LINE_SIZE - 2},
    {"as much as is kept", LOG_LINE_SIZE - 1, LOG_LINE_SIZE - 1},
    {"one more than is kept", LOG_LINE_SIZE, LOG_LINE_SIZE - 1},
};

TEST(keeps_of_a_line_with)
{
    const struct edge_row *row = *state;
    struct log log = {0};
    feed_many(&log, 'a', row->length);
    log_end(&log);
    assert_int_equal(strlen(log_failure(&log)), row->kept);
}

TEST(a_long_line_does_not_spoil_the_next)
{
    struct log log = {0};
    feed_many(&log, 'a', LOG_LINE_SIZE * 3);
    log_feed(&log, "\nERROR: b\n", 10);
    log_end(&log);
    assert_text(log_failure(&log), "b");
}

static const struct block_row {
    const char *name;
    const char *text;
} BLOCKS[] = {
    {"ordinary lines", "one\ntwo\nthree\nfour"},
    {"a blank end", "one\ntwo\n   \n\n \t \n"},
    {"an error in between", "one\ntwo\nERROR: three\nfour\nfive\n"},
    {"an indented error", "one\n  Error: two\nthree\n"},
    {"the beginning of an error, alone", "one\nerror\nelse\n"},
    {"a step", "one\n#1 [internal] load\n#1 DONE\n"},
    {"an indented step", "one\n  #1 [internal] load\ntwo\n"},
    {"a machine", "one\n#1 [depot] launching\n#1 DONE\n"},
    {"a verdict", "one\nCheck complete, 2 warnings\nCheck complete, 3 warnings\nCopy\n"},
    {"a foreign program", "one\n#7 0.1 exec /bin/sh: exec format error\ntwo\n"},
    {"escapes", "one\n\033[31mtwo\033[0m\n\033[0m\n"},
    {"carriage returns", "one\ntwo\r\n10%\r20%\r\nthree\r\n"},
    {"control characters", "one\n\x01two\n\x7fthree\n\tfour\n\x01\n"},
    {"beyond ASCII", "one\n\xc3\xa9\n"},
};

static struct log fed(const char *text, size_t piece)
{
    struct log log = {0};
    for (size_t length = strlen(text); length > 0;) {
        size_t part = piece < length ? piece : length;
        log_feed(&log, text, part);
        text += part;
        length -= part;
    }
    log_end(&log);
    return log;
}

static void assert_same(const char *text)
{
    struct log by_bytes = fed(text, 1);
    struct log at_once = fed(text, strlen(text));
    assert_text(log_failure(&at_once), log_failure(&by_bytes));
    assert_text(at_once.last, by_bytes.last);
    assert_text(at_once.error, by_bytes.error);
    assert_text(at_once.verdict, by_bytes.verdict);
    assert_true(at_once.step_began == by_bytes.step_began);
    assert_true(at_once.foreign_program == by_bytes.foreign_program);
}

/* Many lines at once take a shorter way. */
TEST(takes_a_block_as_its_bytes)
{
    const struct block_row *row = *state;
    assert_same(row->text);
}

TEST(a_line_that_is_blank_as_far_as_it_is_kept_is_not_the_last)
{
    assert_same(arena_format(&arena, "one\ntwo\n%*s\n", LOG_LINE_SIZE + 10, "far"));
}

int main(void)
{
    UNIT_ROWS(tells_the_failure_of, LOGS);
    UNIT_ROWS(tells_the_failure_of_pieces, LOGS);
    UNIT_ROWS(tells_whether_the_build_began, STEPS);
    UNIT_TEST(removes_zero_bytes_too);
    UNIT_TEST(keeps_the_first_verdict_of_checks);
    UNIT_TEST(sees_that_a_program_is_of_another_architecture);
    UNIT_TEST(keeps_the_beginning_of_a_long_line);
    UNIT_ROWS(keeps_of_a_line_with, EDGES);
    UNIT_TEST(a_long_line_does_not_spoil_the_next);
    UNIT_ROWS(takes_a_block_as_its_bytes, BLOCKS);
    UNIT_TEST(a_line_that_is_blank_as_far_as_it_is_kept_is_not_the_last);
    return unit_run("buildkit/log");
}
