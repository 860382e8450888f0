#include "system/capture.h"

#include "unit.h"

static struct capture start(const char *script)
{
    return capture_start("/bin/sh", STRINGS("sh", "-c", script), STRINGS("PATH=/usr/bin:/bin"));
}

static const struct answer_row {
    const char *name;
    const char *script;
    size_t limit;
    int milliseconds;
    int status;
    const char *text;
} ANSWERS[] = {
    {"words", "echo one; echo two", 100, 60000, 0, "one\ntwo\n"},
    {"nothing", ":", 100, 60000, 0, ""},
    {"a failure", "echo no; exit 3", 100, 60000, 3, "no\n"},
    {"without errors", "echo a; echo b >&2", 100, 60000, 0, "a\n"},
    {"more than the limit", "echo 123456789; exec sleep 600", 5, 60000, -1, "12345"},
    {"none in time", "echo a; exec sleep 600", 100, 300, -1, "a\n"},
    {"ended by a signal", "kill -9 $$", 100, 60000, 137, ""},
    {"closed, and its end", "echo a; exec >&-; sleep 0.1; exit 3", 100, 60000, 3, "a\n"},
    {"closed, and no end in time", "echo a; exec >&-; exec sleep 600", 100, 300, -1, "a\n"},
};

TEST(takes_the_answer)
{
    const struct answer_row *row = *state;
    struct capture capture = start(row->script);
    char *text;
    assert_int_equal(capture_finish(&arena, &capture, row->limit, row->milliseconds, &text),
                     row->status);
    assert_text(text, row->text);
}

TEST(a_program_that_is_not_there_has_no_answer)
{
    struct capture capture = capture_start("/no/such/program", STRINGS("a"), STRINGS("A=1"));
    char *text;
    assert_int_equal(capture_finish(&arena, &capture, 10, 1000, &text), -1);
    assert_text(text, "");
    capture_dismiss(&capture);
}

TEST(ends_what_is_dismissed)
{
    struct capture capture = start("exec sleep 600");
    capture_dismiss(&capture);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    UNIT_ROWS(takes_the_answer, ANSWERS);
    UNIT_TEST(a_program_that_is_not_there_has_no_answer);
    UNIT_TEST(ends_what_is_dismissed);
    return unit_run("system/capture");
}
