#include "buildkit/progress.h"
#include "buildkit/portion.h"

#include "unit.h"

static const char *ended(struct progress *log)
{
    progress_end(log);
    return progress_error(log);
}

static const struct error_row {
    const char *name;
    const char *text;
    const char *error; /* NULL: there is none */
} ERRORS[] = {
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
    {"an error without a blank after its colon", "ERROR:a\nb\n", "a"},
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
    {"tabs inside", "a\tb\n", "a\tb"},
    {"letters that are not ASCII", "ERROR: \303\244\342\202\254\n", "\303\244\342\202\254"},
    {"a workflow command", "::error::a\n", "::error::a"},
    {"an error that goes on", "ERROR: git stderr:\nfatal: b\n: exit status 128\n",
     "git stderr: fatal: b"},
    {"an error that goes on over two lines", "ERROR: a:\nb:\nc\nd\n", "a: b: c"},
    {"an error that does not go on", "ERROR: a:\n\nb\n", "a:"},
};

TEST(tells_the_error_of)
{
    const struct error_row *row = *state;
    struct progress *log = progress_new(&arena);
    progress_feed(log, row->text, strlen(row->text));
    assert_text(ended(log), row->error);
}

TEST(tells_the_error_of_pieces)
{
    const struct error_row *row = *state;
    struct progress *log = progress_new(&arena);
    for (const char *byte = row->text; *byte != '\0'; byte++)
        progress_feed(log, byte, 1);
    assert_text(ended(log), row->error);
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
    {"a machine that is not available",
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
    {"a machine after a step", "#4 [internal] a\n#5 [depot] a\n", true},
};

TEST(tells_whether_the_build_began)
{
    const struct step_row *row = *state;
    struct progress *log = progress_new(&arena);
    progress_feed(log, row->text, strlen(row->text));
    ended(log);
    assert_int_equal(progress_began(log), row->began);
}

TEST(keeps_the_first_verdict_of_checks)
{
    static const char text[] = "#1 a\nCheck complete, 2 warnings have been found!\n\nWARNING: a\n"
                               "Check complete, no warnings found.\n";
    struct progress *log = progress_new(&arena);
    progress_feed(log, text, strlen(text));
    assert_text(progress_verdict(log), "Check complete, 2 warnings have been found!");
}

TEST(sees_that_a_program_is_of_another_architecture)
{
    static const char text[] = "#9 0.1 exec /bin/sh: exec format error\n"
                               "#9 ERROR: process \"/bin/sh -c a\" did not complete "
                               "successfully: exit code: 255\n";
    struct progress *log = progress_new(&arena);
    progress_feed(log, "a\n", 2);
    assert_false(progress_failure_says(log, "exec format error"));
    progress_feed(log, text, strlen(text));
    assert_true(progress_failure_says(log, "exec format error"));
    assert_false(progress_failure_says(log, "exec format error, or so"));
}

TEST(removes_zero_bytes_too)
{
    static const char text[] = "ERROR: a\0b\n";
    struct progress *log = progress_new(&arena);
    progress_feed(log, text, sizeof(text) - 1);
    assert_text(ended(log), "ab");
}

static void feed_many(struct progress *log, char byte, size_t count)
{
    char *bytes = arena_allocate(&arena, count);
    memset(bytes, byte, count);
    progress_feed(log, bytes, count);
}

TEST(keeps_the_beginning_of_a_long_line)
{
    enum { LENGTH = 1000000 };
    struct progress *log = progress_new(&arena);
    progress_feed(log, "ERROR: ", 7);
    feed_many(log, 'a', LENGTH);
    feed_many(log, 'b', LENGTH);
    progress_feed(log, "\nc\n", 3);
    const char *failure = ended(log);
    assert_int_equal(strlen(failure), SEGMENT_SIZE - 1 - 7);
    assert_int_equal(strspn(failure, "a"), strlen(failure));
}

static const struct edge_row {
    const char *name;
    size_t length;
    size_t kept;
} EDGES[] = {
    {"one less than is kept", SEGMENT_SIZE - 2, SEGMENT_SIZE - 2},
    {"as much as is kept", SEGMENT_SIZE - 1, SEGMENT_SIZE - 1},
    {"one more than is kept", SEGMENT_SIZE, SEGMENT_SIZE - 1},
};

TEST(keeps_of_a_line_with)
{
    const struct edge_row *row = *state;
    struct progress *log = progress_new(&arena);
    feed_many(log, 'a', row->length);
    assert_int_equal(strlen(ended(log)), row->kept);
}

TEST(a_long_line_does_not_spoil_the_next)
{
    struct progress *log = progress_new(&arena);
    feed_many(log, 'a', SEGMENT_SIZE * 3);
    progress_feed(log, "\nERROR: b\n", 10);
    assert_text(ended(log), "b");
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

static struct progress *fed(const char *text, size_t piece)
{
    struct progress *log = progress_new(&arena);
    for (size_t length = strlen(text); length > 0;) {
        size_t part = piece < length ? piece : length;
        progress_feed(log, text, part);
        text += part;
        length -= part;
    }
    progress_end(log);
    return log;
}

static struct progress *fed_whole(const char *text)
{
    return fed(text, SIZE_MAX);
}

/* Everything that the reader reports, as a text. */
static const char *told(const struct progress *log)
{
    struct string_list told = {0};
    const struct build_source source = progress_source(log);
    const struct build_step *failed = progress_failed_step(log);
    for (size_t i = 0; i < progress_step_count(log); i++) {
        const struct build_step *step = progress_step(log, i);
        string_list_add(&arena, &told,
                        arena_format(&arena, "%u %d %lld %s", step->number, step->state,
                                     step->time_ms, step->name));
        progress_step_lines(&arena, log, step, &told);
    }
    string_list_add(&arena, &told,
                    arena_format(&arena, "%s|%s|%s|%d|%d|%d|%s|%s|%s|%s", progress_error(log),
                                 progress_verdict(log), progress_build_url(log),
                                 progress_began(log), progress_exit_status(log), source.line,
                                 source.file, source.text, failed != NULL ? failed->name : NULL,
                                 progress_evidence(&arena, log)));
    return string_list_join(&arena, &told, "\n");
}

static void assert_same(const char *text)
{
    static const size_t portions[] = {1, 2, 3, 7, 64, 1000};
    const char *whole = told(fed_whole(text));
    for (size_t i = 0; i < COUNT(portions); i++)
        assert_string_equal(told(fed(text, portions[i])), whole);
}

/* If many lines come at once, the reader takes a shorter path. */
TEST(takes_a_block_as_its_bytes)
{
    const struct block_row *row = *state;
    assert_same(row->text);
}

TEST(a_line_that_is_blank_as_far_as_it_is_kept_is_not_the_last)
{
    assert_same(arena_format(&arena, "one\ntwo\n%*s\n", SEGMENT_SIZE + 10, "far"));
}

/* A step and its last lines: `7 DONE 1200 NAME: line|line`. */
static const char *step_shown(const struct progress *log, size_t index)
{
    static const char *const states[] = {"RUNS", "DONE", "CACHED", "FAILED", "CANCELLED"};
    const struct build_step *step = progress_step(log, index);
    struct string_list lines = {0};
    progress_step_lines(&arena, log, step, &lines);
    return arena_format(&arena, "%u %s %lld %s: %s", step->number, states[step->state],
                        step->time_ms, step->name, joined(&lines));
}

static const char *steps_shown(const struct progress *log)
{
    struct string_list steps = {0};
    for (size_t i = 0; i < progress_step_count(log); i++)
        string_list_add(&arena, &steps, step_shown(log, i));
    return string_list_join(&arena, &steps, "\n");
}

#define TEN_TIMES(text) text text text text text text text text text text

static const struct steps_row {
    const char *name;
    const char *text;
    const char *steps;
} STEPS_READ[] = {
    {"none", "a\n\nb\n", ""},
    {"one that runs", "#1 [1/2] RUN a\n", "1 RUNS 0 [1/2] RUN a: "},
    {"one that prints", "#1 [1/2] RUN a\n#1 0.412 b\n#1 12.34\n#1 12.5  c d \n",
     "1 RUNS 12500 [1/2] RUN a: b| c d "},
    {"seconds of all lengths", "#1 [1/2] RUN a\n#1 1234. b\n", "1 RUNS 1234000 [1/2] RUN a: b"},
    {"one that is done", "#1 [1/2] RUN a\n#1 0.1 b\n#1 DONE 1.2s\n", "1 DONE 1200 [1/2] RUN a: "},
    {"one of the cache", "#1 [1/2] RUN a\n#1 CACHED\n", "1 CACHED 0 [1/2] RUN a: "},
    {"one that is cancelled", "#1 [1/2] RUN a\n#1 0.5 b\n#1 CANCELED\n",
     "1 CANCELLED 500 [1/2] RUN a: "},
    {"one that fails", "#1 [1/2] RUN a\n#1 0.5 b\n#1 ERROR: c\n", "1 FAILED 500 [1/2] RUN a: b"},
    {"statuses", "#1 [internal] load a\n#1 transferring a: 2B done\n#1 DONE 0.0s\n",
     "1 DONE 0 [internal] load a: "},
    {"one that is resumed",
     "#1 [1/2] RUN a\n#1 0.1 b\n#1 ...\n\n#2 [2/2] RUN c\n#2 0.2 d\n#2 ...\n\n#1 [1/2] RUN a\n"
     "#1 0.3 e\n\n#2 [2/2] RUN c\n#2 0.4 f\n",
     "1 RUNS 300 [1/2] RUN a: b|e\n2 RUNS 400 [2/2] RUN c: d|f"},
    {"one that goes on after its end", "#1 a\n#1 DONE 0.0s\n\n#1 a\n#1 DONE 0.2s\n",
     "1 DONE 200 a: "},
    {"interleaved lines", "#1 [1/2] RUN a\n\n#2 [2/2] RUN c\n#1 0.1 b\n#2 0.2 d\n#1 0.3 e\n",
     "1 RUNS 300 [1/2] RUN a: b|e\n2 RUNS 200 [2/2] RUN c: d"},
    {"two names of one", "#7 [one 2/6] RUN a\n\n#7 [two 2/6] RUN a\n#7 CACHED\n",
     "7 CACHED 0 [one 2/6] RUN a: "},
    {"the end of a log", "#7 0.4 a\n#7 ERROR: b\n", "7 FAILED 400 : a"},
    {"indented ones", "  #7 [1/2] RUN a\n  #7 0.4 a\n", "7 RUNS 400 [1/2] RUN a: a"},
    {"ones with CRLF", "#7 [1/2] RUN a\r\n#7 0.4 a\r\n#7 0.4 \r\n#7 ERROR: b\r\n",
     "7 FAILED 400 [1/2] RUN a: a"},
    {"a name like an end", "#7 DONE 1.0s\n\n#8 DONE 1.0s\n#8 0.1 a\n\n#8 DONE 1.0s\n#8 0.2 b\n",
     "7 DONE 1000 : \n8 RUNS 200 DONE 1.0s: a|b"},
    {"a name like output", "\n#7 0.1 a\n#7 0.2 b\n", "7 RUNS 200 0.1 a: b"},
    {"a name like an error", "\n#7 ERROR: a\n#7 DONE 0.1s\n", "7 DONE 100 ERROR: a: "},
    {"a name with escapes", "\n#7 \033[31ma\001b\tc\033[0m\n", "7 RUNS 0 ab\tc: "},
    {"a name with a tab", "\n#7 a\tb\n", "7 RUNS 0 a\tb: "},
    {"a tab after an escape", "#7 [1/2] RUN a\n#7 0.1 \033[31ma\tb\033[0m\n",
     "7 RUNS 100 [1/2] RUN a: a\tb"},
    {"tabs in output", "#7 [1/2] RUN a\n#7 0.1 \ta\tb\n#7 0.2 \t\n",
     "7 RUNS 200 [1/2] RUN a: \ta\tb"},
    {"more blank output than lines are kept",
     "#7 [1/2] RUN a\n#7 0.1 b\n" TEN_TIMES("#7 0.2 \n") TEN_TIMES("#7 0.3 \033[0m \n"),
     "7 RUNS 300 [1/2] RUN a: b"},
    {"a name with a carriage return", "\n#7 a\rERROR: b\n", "7 RUNS 0 a: "},
    {"numbers that are not numbers", "#a b\n#\n#1\n# 1 a\n#1a b\n#12345678901 a\n", ""},
    {"progress bars", "#7 [1/2] RUN a\n#7 0.1 10%\r50%\r100%\n#7 0.2 b\r\n#7 0.3 \rc\n",
     "7 RUNS 300 [1/2] RUN a: 100%|b|c"},
    {"escapes in output", "#7 [1/2] RUN a\n#7 0.1 \033[1mb\033[0m \033[Kc\n",
     "7 RUNS 100 [1/2] RUN a: b c"},
    {"output with the number of none",
     "#0 building with a\n\n#7 [1/2] RUN a\n#0 0.1 b\n#7 0.2 c\n#0 0.3 d\n#7 DONE 0.4s\n",
     "0 RUNS 0 building with a: \n7 DONE 400 [1/2] RUN a: "},
    {"output with the number of none, of one that fails",
     "#6 a\n#6 DONE 0.1s\n\n#7 [1/2] RUN a\n#0 0.1 b\n#0 0.2 c\n#7 ERROR: d\n",
     "6 DONE 100 a: \n7 FAILED 200 [1/2] RUN a: b|c"},
    {"a failed one shown again",
     "#7 [1/2] RUN a\n#7 0.1 b\n#7 ERROR: c\n------\n > [1/2] RUN a:\n0.1 b\n#7 0.1 b\n------\n",
     "7 FAILED 100 [1/2] RUN a: b"},
    {"what begins like one shown again", "------\n#7 [1/2] RUN a\n#7 0.1 b\n------\n",
     "7 RUNS 100 [1/2] RUN a: b"},
};

TEST(reads_the_steps)
{
    const struct steps_row *row = *state;
    assert_string_equal(steps_shown(fed_whole(row->text)), row->steps);
    assert_same(row->text);
}

#define RUN_A "#7 [2/3] RUN a\n"
#define EXIT "process \"/bin/sh -c a\" did not complete successfully: exit code: 3"
#define RESET "read: connection reset by peer"

/* Nothing that a step prints is mistaken for anything else. */
static const struct printed_row {
    const char *name;
    const char *text;
} PRINTED[] = {
    {"an error", "#7 0.1 ERROR: no\n"},
    {"an error after a carriage return", "#7 0.1 a\rERROR: no\n"},
    {"an error after two", "#7 0.1 a\r\rERROR: no\r\n"},
    {"an error after nothing", "#7 0.1 \rERROR: no\n"},
    {"an error without time", "#7 0.1\rERROR: no\n"},
    {"an error after a status", "#7 a 1.0s\rERROR: no\n"},
    {"a step after a carriage return", "#7 0.1 a\r#8 [3/3] RUN no\n"},
    {"a step's error after a carriage return", "#7 0.1 a\r#7 ERROR: no\n"},
    {"a verdict", "#7 0.1 Check complete, no\n#7 0.1 a\rCheck complete, no\n"},
    {"a build's address", "#7 0.1 a\r#1 [depot] build: https://depot.dev/no\n"},
    {"a place", "#7 0.1 Dockerfile:9\n#7 0.1 --------------------\n"
                "#7 0.1 a\rDockerfile:9\n#7 0.1 a\r--------------------\n"},
    {"a number of warnings", "#7 0.1 9 warnings found\n#7 0.1 a\r9 warnings found\n"},
    {"a frame", "#7 0.1 ------\n#7 0.1 a\r------\n#7 0.1 a\r > no:\n"},
    {"an end", "#7 0.1 DONE 1.0s\n#7 0.1 a\r#7 DONE 1.0s\n#7 0.1 CACHED\n"},
};

TEST(takes_for_no_more_than_output)
{
    const struct printed_row *row = *state;
    static const char after[] = "#7 ERROR: " EXIT "\n------\n > [2/3] RUN a:\n0.1 a\rERROR: no\n"
                                "0.1 b\r------\rERROR: no\n------\nDockerfile:2\n"
                                "--------------------\n   2 | >>> RUN a\rERROR: no\n"
                                "--------------------\nERROR: failed to solve: " EXIT "\n";
    const char *text = arena_format(&arena, RUN_A "%s%s", row->text, after);
    struct progress *log = fed_whole(text);
    assert_string_equal(progress_error(log), "failed to solve: " EXIT);
    assert_string_equal(progress_evidence(&arena, log), "failed to solve: " EXIT "\n" EXIT);
    assert_int_equal(progress_step_count(log), 1);
    assert_int_equal(progress_source(log).line, 2);
    assert_int_equal(progress_warnings(log), 0);
    assert_null(progress_verdict(log));
    assert_null(progress_build_url(log));
    assert_same(text);
}

static const struct failure_row {
    const char *name;
    const char *text;
    int step; /* 0: none */
    int exit_status;
    const char *evidence;
} FAILURES_READ[] = {
    {"none", "a\nb\n", 0, -1, "b"},
    {"nothing", "", 0, -1, ""},
    {"a process", RUN_A "#7 ERROR: " EXIT "\nERROR: failed to solve: " EXIT "\n", 7, 3,
     "failed to solve: " EXIT "\n" EXIT},
    {"a process, in Depot's words", RUN_A "#7 ERROR: " EXIT "\nError: failed to solve: " EXIT "\n",
     7, 3, "failed to solve: " EXIT "\n" EXIT},
    {"a process, in compose's words", RUN_A "#7 ERROR: " EXIT "\nfailed to solve: " EXIT "\n", 7, 3,
     "failed to solve: " EXIT "\n" EXIT},
    {"no last words", RUN_A "#7 ERROR: " EXIT "\n", 7, 3, "\n" EXIT},
    {"the exit status of another", RUN_A "#7 ERROR: exit code: 9: not found\nERROR: exit code: a\n",
     7, 9, "exit code: a\nexit code: 9: not found"},
    {"two platforms that fail in the same way",
     RUN_A "#7 ERROR: " EXIT "\n\n#8 [3/3] RUN a\n#8 ERROR: " EXIT "\nERROR: failed to solve: " EXIT
           "\n",
     7, 3, "failed to solve: " EXIT "\n" EXIT},
    {"the one of several that the last words are about",
     RUN_A "#7 ERROR: a: a: not found\n\n#8 [3/3] RUN a\n#8 ERROR: a: b: not found\n\n"
           "#9 [3/3] RUN a\n#9 ERROR: a: c: not found\nERROR: a: b: not found\n",
     8, -1, "a: b: not found\na: b: not found"},
    {"one whose end another caused",
     RUN_A "#7 ERROR: \"/a\": not found\n\n#8 [3/3] RUN a\n#8 ERROR: " RESET
           "\nERROR: failed to solve: \"/a\": not found\n",
     7, -1, "failed to solve: \"/a\": not found\n\"/a\": not found"},
    {"a cache that was not available",
     "#5 importing cache manifest from a\n#5 ERROR: " RESET "\n\n" RUN_A
     "#7 DONE 0.1s\nERROR: something else\n",
     0, -1, "something else"},
    {"a way to load an image that has another",
     "#5 [load] fast load failed; retrying\n#5 ERROR: " RESET
     "\n\n#6 [load] exporting\n#6 DONE 0.1s\nERROR: something else\n",
     0, -1, "something else"},
    {"a cache next to a process",
     "#5 importing cache manifest from a\n#5 ERROR: " RESET "\n\n" RUN_A "#7 ERROR: " EXIT
     "\nERROR: failed to solve: " EXIT "\n",
     7, 3, "failed to solve: " EXIT "\n" EXIT},
    {"a cache that had to be exported",
     "#5 exporting cache\n#5 ERROR: " RESET "\nERROR: failed to solve: " RESET "\n", 5, -1,
     "failed to solve: " RESET "\n" RESET},
    {"an export that ended with the builder",
     "#5 exporting to image\n#5 ERROR: read-only\nERROR: Unavailable: EOF\n", 5, -1,
     "Unavailable: EOF\nread-only"},
    {"one that was tried again", RUN_A "#7 ERROR: " RESET "\n\n" RUN_A "#7 DONE 0.1s\nERROR: a\n",
     0, -1, "a"},
    {"words of several lines", RUN_A "#7 ERROR: a\nb\n\nc\nERROR: d\ne\nf\n\ng\n", 7, -1,
     "d\ne\nf\na\nb"},
    {"words whose first line leads to the next",
     "#1 [internal] load git source a\n#1 ERROR: git stderr:\nfatal: b\n: exit status 128\n"
     "ERROR: failed to solve: git stderr:\nfatal: b\n: exit status 128\n",
     1, -1,
     "failed to solve: git stderr: fatal: b\n: exit status 128\n"
     "git stderr: fatal: b\n: exit status 128"},
    {"last words in the frame",
     RUN_A "#7 ERROR: a\n------\nfailed to solve: b: a\n > [2/3] RUN a:\n"
           "0.1 c\n------\nmake: *** Error 1\n",
     7, -1, "failed to solve: b: a\na"},
    {"what the runner says about the end",
     RUN_A "#7 ERROR: a\nERROR: b\nError: Process completed with exit code 2.\n", 7, -1, "b\na"},
    {"a warning that is not one", "WARNING: " RESET "\nwarning: " RESET "\nERROR: a\n", 0, -1, "a"},
};

TEST(knows_what_failed_of)
{
    const struct failure_row *row = *state;
    struct progress *log = fed_whole(row->text);
    const struct build_step *step = progress_failed_step(log);
    assert_int_equal(step != NULL ? (int)step->number : 0, row->step);
    assert_int_equal(progress_exit_status(log), row->exit_status);
    assert_string_equal(progress_evidence(&arena, log), row->evidence);
    assert_same(row->text);
}

/* A heredoc may be many pages long, and what matters comes after it. */
TEST(reads_the_end_of_a_long_error)
{
    const char *command = arena_format(&arena, "%05000d", 0);
    const char *text = arena_format(
        &arena,
        RUN_A
        "#7 ERROR: process \"%s\" did not complete successfully: exit code: 42\n"
        "ERROR: failed to solve: process \"%s\" did not complete successfully: exit code: 42\n",
        command, command);
    struct progress *log = fed_whole(text);
    assert_int_equal(progress_exit_status(log), 42);
    assert_int_equal(progress_failed_step(log)->number, 7);
    assert_has(progress_evidence(&arena, log), "did not complete successfully: exit code: 42");
    assert_same(text);
}

static const struct source_row {
    const char *name;
    const char *text;
    struct build_source source;
} SOURCES[] = {
    {"none", "ERROR: a\n", {0}},
    {"a block",
     "Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RUN b\n   3 |     \n"
     "--------------------\nERROR: c\n",
     {2, "Dockerfile", "RUN b"}},
    {"a block of several lines",
     "a.b:12\n--------------------\n  12 | >>> RUN b \\\n  13 | >>>   c\n--------------------\n",
     {12, "a.b", "RUN b \\"}},
    {"a block with CRLF",
     "Dockerfile:2\r\n\r\n--------------------\r\n\r\n   2 | >>> RUN "
     "b\r\n\r\n--------------------\r\n",
     {2, "Dockerfile", "RUN b"}},
    {"a block of a name with blanks and colons",
     "a b:3:4\n--------------------\n   4 | >>> RUN b\n--------------------\n",
     {4, "a b:3", "RUN b"}},
    {"a block without a mark",
     "Dockerfile:6\n--------------------\nERROR: a\n",
     {6, "Dockerfile", ""}},
    {"a place without a block",
     "Dockerfile:2\nmake: *** [Makefile:47: build] Error 1\nMakefile:47\n",
     {0}},
    {"a block without a place",
     "--------------------\n   2 | >>> RUN b\n--------------------\n",
     {0}},
    {"no line zero", "Dockerfile:0\n--------------------\n   0 | >>> RUN b\n", {0}},
    {"a parse error", "ERROR: failed to solve: dockerfile parse error on line 12: unknown\n", {12}},
    {"a parse error in a block",
     "Dockerfile:3\n--------------------\n   3 | >>> FOO\n--------------------\n"
     "ERROR: failed to solve: dockerfile parse error on line 3: unknown\n",
     {3, "Dockerfile", "FOO"}},
    {"a parse error of no line", "ERROR: dockerfile parse error on line x\n", {0}},
};

TEST(knows_where_the_failure_is_by)
{
    const struct source_row *row = *state;
    const struct build_source source = progress_source(fed_whole(row->text));
    assert_int_equal(source.line, row->source.line);
    assert_string_equal(source.file, row->source.file);
    assert_string_equal(source.text, row->source.text);
    assert_same(row->text);
}

TEST(keeps_no_more_of_a_step_than_has_room)
{
    struct progress *log = progress_new(&arena);
    progress_feed(log, "#7 ", 3);
    feed_many(log, 'n', 199);
    progress_feed(log, "\303\244z\n", 4);
    for (int i = 0; i < 50; i++) {
        const char *line = arena_format(&arena, "#7 0.1 %d %0500d %0500d\n", i, 0, 0);
        progress_feed(log, line, strlen(line));
    }
    const struct build_step *step = progress_step(log, 0);
    struct string_list lines = {0};
    progress_step_lines(&arena, log, step, &lines);
    assert_int_equal(strlen(step->name), 199);
    assert_int_equal(lines.count, 20);
    assert_true(strncmp(lines.items[0], "30 0", 4) == 0);
    assert_int_equal(strlen(lines.items[0]), 503);
}

TEST(keeps_no_part_of_a_word_that_does_not_fit)
{
    struct progress *log = progress_new(&arena);
    const char *text =
        arena_format(&arena, "#7 [1/1] RUN a\n#7 0.1 %0600d\n#7 0.1 b %0600d\n", 0, 0);
    struct string_list lines = {0};
    progress_feed(log, text, strlen(text));
    progress_step_lines(&arena, log, progress_step(log, 0), &lines);
    assert_text(joined(&lines), "...|b");
}

TEST(counts_the_steps_that_it_has_no_room_for)
{
    struct progress *log = progress_new(&arena);
    for (int i = 1; i <= PROGRESS_STEPS + 7; i++) {
        const char *text = arena_format(&arena, "\n#%d [1/2] RUN a\n#%d 0.1 b\n", i, i);
        progress_feed(log, text, strlen(text));
    }
    progress_feed(log, "\n#505 [1/2] RUN a\n#505 DONE 0.1s\n", 33);
    progress_feed(log, "\n#3 [1/2] RUN a\n#3 DONE 0.1s\n", 29);
    assert_int_equal(progress_step_count(log), PROGRESS_STEPS);
    assert_int_equal(progress_steps_beyond(log), 7);
    assert_int_equal(progress_step(log, 2)->state, BUILD_STEP_DONE);
}

#define LAUNCH "#2 [depot] launching amd64 machine\n"

static const struct wait_row {
    const char *name;
    const char *text;
    bool waits;
} WAITS[] = {
    {"nothing", "", false},
    {"the build's address", "#1 [depot] build: https://depot.dev/a\n#1 DONE 0.0s\n", false},
    {"a machine that is launched", "#1 [depot] build: a\n#1 DONE 0.0s\n\n" LAUNCH, true},
    {"a machine that is there", LAUNCH "#2 DONE 1.0s\n", false},
    {"a machine that is connected to",
     LAUNCH "#2 DONE 1.0s\n\n#3 [depot] connecting to amd64 machine\n", true},
    {"a machine that failed", LAUNCH "#2 ERROR: a\n", false},
    {"a context next to it", LAUNCH "\n#3 [internal] load build context\n", false},
    {"a context that was loaded", LAUNCH "\n#3 [internal] load build context\n#3 DONE 1.0s\n",
     true},
    {"a second platform's",
     LAUNCH "#2 DONE 1.0s\n\n#3 [depot] launching arm64 machine\n\n#4 [linux/amd64 1/2] RUN a\n"
            "#4 DONE 0.1s\n",
     true},
    {"a step that is shown again", LAUNCH "\n#3 a\n#3 DONE 1.0s\n\n#3 a\n", false},
};

TEST(knows_whether_it_waits_for)
{
    const struct wait_row *row = *state;
    assert_int_equal(progress_waits_for_machine(fed_whole(row->text)), row->waits);
}

#define BUILD "#1 [depot] build: "

static const struct url_row {
    const char *name;
    const char *text;
    const char *url;
} URLS[] = {
    {"an address", BUILD "https://depot.dev/orgs/a-1/projects/B_2/builds/c\n",
     "https://depot.dev/orgs/a-1/projects/B_2/builds/c"},
    {"another host", BUILD "https://depot.dev.example/a\n", NULL},
    {"another scheme", BUILD "http://depot.dev/a\n", NULL},
    {"a user", BUILD "https://depot.dev@example.com/a\n", NULL},
    {"a port", BUILD "https://depot.dev:1/a\n", NULL},
    {"a query", BUILD "https://depot.dev/a?b\n", NULL},
    {"markup", BUILD "https://depot.dev/a)[b](c\n", NULL},
    {"two words", BUILD "https://depot.dev/a b\n", NULL},
    {"no words", BUILD "\n", NULL},
    {"the first of two", BUILD "https://depot.dev/a\n\n#2 [depot] build: https://depot.dev/b\n",
     "https://depot.dev/a"},
    {"a name of the build's own", "#1 [internal] a\n\n#2 [depot] build: https://depot.dev/b\n",
     NULL},
    {"what is no step", "[depot] build: https://depot.dev/a\n", NULL},
};

TEST(knows_the_build_s_address_from)
{
    const struct url_row *row = *state;
    assert_text(progress_build_url(fed_whole(row->text)), row->url);
}

static const struct warnings_row {
    const char *name;
    const char *text;
    int count;
} WARNINGS[] = {
    {"none", "a\n", 0},
    {"one", " 1 warning found (use docker --debug to expand):\n", 1},
    {"several, in colours", "\033[33m 12 warnings found\033[0m (use docker --debug)\n", 12},
    {"those of a step", "#1 [internal] a\n#1 WARN: b\n#1 WARN: c\n", 2},
    {"those of a step, counted", "#1 [internal] a\n#1 WARN: b\n 1 warning found\n", 1},
    {"what is no number", "a 1 warning found\n1 warnings were found\n", 0},
};

TEST(counts_the_warnings)
{
    const struct warnings_row *row = *state;
    assert_int_equal(progress_warnings(fed_whole(row->text)), row->count);
}

static const struct growth_row {
    const char *name;
    const char *repeated;
    const char *before;
} GROWTH[] = {
    {"line feeds", "\n", ""},
    {"carriage returns", "\r", ""},
    {"both", "\r\n", ""},
    {"short lines", "a\n", ""},
    {"a progress bar", "50%\r", "#1 0.1 "},
    {"a progress bar of nobody", "50%\r", ""},
    {"one long line", "a", ""},
    {"steps", "\n#12 a\n", ""},
    {"frames", "------\n", ""},
    {"escapes", "\033[", ""},
    {"a line's end far away", "\r\r\r\r\r\r\r\r\r\r\r\r\r\r\r\n", ""},
};

/* Each byte is examined twice, for a line feed and for a carriage return. */
TEST(does_no_more_work_than_there_are_bytes_for)
{
    enum { SIZE = 1024 * 1024, PORTION = 64 * 1024 };
    const struct growth_row *row = *state;
    struct progress *log = progress_new(&arena);
    char *text = arena_allocate(&arena, SIZE);
    const size_t length = strlen(row->repeated);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = row->repeated[i % length];
    progress_feed(log, row->before, strlen(row->before));
    for (size_t at = 0; at < SIZE; at += PORTION)
        progress_feed(log, text + at, PORTION);
    assert_true(progress_work(log) <= 2 * SIZE + 4 * (SIZE / PORTION + 1));
    assert_true(progress_work(log) >= SIZE);
}

/* Logs of the engines that the end-to-end tests run, from `docker buildx build` and `depot
 * build`. */
static const struct recorded_row {
    const char *name;
    const char *failed;
    int exit_status;
    const char *lines;
    int line; /* docker's */
    size_t steps;
    int warnings;
} RECORDED[] = {
    {"run", "[3/3] RUN echo one; echo two >&2; exit 7", 7, "one|two", 4, 10, 0},
    {"continuation", "[3/4] RUN echo a &&     exit 3", 3, "a", 7, 10, 1},
    {"heredoc", "[3/4] RUN <<EOF (echo a...)", 4, "a", 4, 10, 0},
    {"copy", "[4/4] COPY missing /", -1, "", 5, 11, 0},
    {"unnamed", "[stage-2 2/2] RUN false", 1, "", 8, 12, 0},
    {"named", "[first 1/1] RUN echo a && false", 1, "a", 5, 10, 0},
    {"parse", NULL, -1, NULL, 4, 5, 0},
    {"mount", "[base 3/3] RUN --mount=type=secret,id=a,required=true cat /run/secrets/a", -1, "", 4,
     10, 0},
    {"no-image", "[internal] load metadata for 127.0.0.1:36763/none:1", -1, "", 1, 6, 0},
    {"onbuild", "[4/2] RUN echo own && false", 1, "own", 2, 12, 0},
    {"parallel", "[a 1/1] RUN for i in 1 2 3 4 5 6 7 8; do echo a$i; sleep 0.2; done; false", 1,
     "a1|a2|a3|a4|a5|a6|a7|a8", 5, 11, 0},
    {"long", "[3/3] RUN true && true", 9, "", 4, 10, 0},
    {"success", NULL, -1, NULL, 0, 11, 0},
};

static const char *recorded(const char *cli, const char *name)
{
    return unit_read(arena_format(&arena, "tests/unit/buildkit/logs/%s/%s", cli, name));
}

static void check_recorded(const struct recorded_row *row, const struct progress *log)
{
    const struct build_step *failed = progress_failed_step(log);
    struct string_list lines = {0};
    assert_int_equal(failed != NULL, row->failed != NULL);
    assert_int_equal(progress_exit_status(log), row->exit_status);
    assert_int_equal(progress_warnings(log), row->warnings);
    assert_true(progress_began(log));
    if (failed == NULL)
        return;
    progress_step_lines(&arena, log, failed, &lines);
    assert_int_equal(strncmp(failed->name, row->failed, strlen(row->failed)), 0);
    assert_string_equal(joined(&lines), row->lines);
}

TEST(reads_a_recorded_log_of_docker)
{
    const struct recorded_row *row = *state;
    const char *text = recorded("docker", row->name);
    const struct progress *log = fed_whole(text);
    const struct build_source source = progress_source(log);
    check_recorded(row, log);
    assert_int_equal(source.line, row->line);
    assert_string_equal(source.file, row->line > 0 ? "Dockerfile" : "");
    assert_null(progress_build_url(log));
    assert_same(text);
}

TEST(reads_a_recorded_log_of_depot)
{
    const struct recorded_row *row = *state;
    const char *text = recorded("depot", row->name);
    const struct progress *log = fed_whole(text);
    check_recorded(row, log);
    assert_int_equal(progress_step_count(log), row->steps);
    assert_has(progress_build_url(log), "https://depot.dev/orgs/demo/projects/demoproject/builds/");
    assert_false(progress_waits_for_machine(log));
    assert_same(text);
}

static const struct rewritten_row {
    const char *name;
    const char *text;
    bool rewritten;
} REWRITTEN[] = {
    {"plain", "\n#7 [1/2] RUN a\n", false},
    {"tabs", "\n#7 [1/2] RUN\ta\n", false},
    {"beyond ASCII", "\n#7 [1/2] RUN \xc3\xa9\n", false},
    {"an escape sequence", "\n#7 [1/2] RUN \033[31ma\n", true},
    {"a control character", "\n#7 [1/2] RUN a\001\n", true},
    {"a control character that is output", "\n#7 [1/2] RUN a\n#7 0.1 \001\n", false},
};

TEST(knows_a_name_of_which_it_took_something)
{
    const struct rewritten_row *row = *state;
    struct progress *progress = fed(row->text, strlen(row->text));
    assert_int_equal(progress_step(progress, 0)->rewritten, row->rewritten);
}

int main(void)
{
    UNIT_ROWS(knows_a_name_of_which_it_took_something, REWRITTEN);
    UNIT_ROWS(tells_the_error_of, ERRORS);
    UNIT_ROWS(tells_the_error_of_pieces, ERRORS);
    UNIT_ROWS(tells_whether_the_build_began, STEPS);
    UNIT_TEST(removes_zero_bytes_too);
    UNIT_TEST(keeps_the_first_verdict_of_checks);
    UNIT_TEST(sees_that_a_program_is_of_another_architecture);
    UNIT_TEST(keeps_the_beginning_of_a_long_line);
    UNIT_ROWS(keeps_of_a_line_with, EDGES);
    UNIT_TEST(a_long_line_does_not_spoil_the_next);
    UNIT_ROWS(takes_a_block_as_its_bytes, BLOCKS);
    UNIT_TEST(a_line_that_is_blank_as_far_as_it_is_kept_is_not_the_last);
    UNIT_ROWS(reads_the_steps, STEPS_READ);
    UNIT_ROWS(takes_for_no_more_than_output, PRINTED);
    UNIT_ROWS(knows_what_failed_of, FAILURES_READ);
    UNIT_TEST(reads_the_end_of_a_long_error);
    UNIT_ROWS(knows_where_the_failure_is_by, SOURCES);
    UNIT_TEST(keeps_no_more_of_a_step_than_has_room);
    UNIT_TEST(keeps_no_part_of_a_word_that_does_not_fit);
    UNIT_TEST(counts_the_steps_that_it_has_no_room_for);
    UNIT_ROWS(knows_whether_it_waits_for, WAITS);
    UNIT_ROWS(knows_the_build_s_address_from, URLS);
    UNIT_ROWS(counts_the_warnings, WARNINGS);
    UNIT_ROWS(does_no_more_work_than_there_are_bytes_for, GROWTH);
    UNIT_ROWS(reads_a_recorded_log_of_docker, RECORDED);
    UNIT_ROWS(reads_a_recorded_log_of_depot, RECORDED);
    return unit_run("buildkit/progress");
}
