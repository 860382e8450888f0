#include "github/commands.h"

#include "system/redaction.h"
#include "unit.h"

static const char *const RUNNER[] = {"GITHUB_ACTIONS=true", NULL};
static const char *const ELSEWHERE[] = {"GITHUB_ACTIONS=1", NULL};

/* Everything that `print` has written to the log when it returns. */
static const char *log_of(const char *const *environment, void (*print)(const void *),
                          const void *context)
{
    int log = open(unit_path(""), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(log >= 0);
    commands_start(log, unit_strings(environment));
    redaction_forget();
    print(context);
    off_t length = lseek(log, 0, SEEK_END);
    char *text = arena_allocate(&arena, (size_t)length + 1);
    assert_int_equal(pread(log, text, (size_t)length, 0), length);
    close(log);
    return text;
}

static const struct escape_row {
    const char *name;
    const char *text;
    const char *data;
    const char *property;
} ESCAPES[] = {
    {"nothing special", "a b=c;d", "a b=c;d", "a b=c;d"},
    {"nothing", "", "", ""},
    {"a percent sign", "100%", "100%25", "100%25"},
    {"what is escaped already", "%0A", "%250A", "%250A"},
    {"line breaks", "a\r\nb\n", "a%0D%0Ab%0A", "a%0D%0Ab%0A"},
    {"colons and commas", "a:b,c", "a:b,c", "a%3Ab%2Cc"},
    {"a command", "\n::error::a", "%0A::error::a", "%0A%3A%3Aerror%3A%3Aa"},
    {"other bytes", "\303\244\t\001", "\303\244\t\001", "\303\244\t\001"},
};

TEST(escapes_data)
{
    const struct escape_row *row = *state;
    assert_text(command_escape_data(&arena, row->text), row->data);
}

TEST(escapes_properties)
{
    const struct escape_row *row = *state;
    assert_text(command_escape_property(&arena, row->text), row->property);
}

static const struct annotation_row {
    const char *name;
    void (*annotate)(const char *title, const char *message);
    const char *title;
    const char *message;
    const char *runner;
    const char *elsewhere;
} ANNOTATIONS[] = {
    {"an error", command_error, "Title", "message", "::error title=Title::message\n",
     "error: Title: message\n"},
    {"a warning", command_warning, "Title", "message", "::warning title=Title::message\n",
     "warning: Title: message\n"},
    {"a notice", command_notice, "Title", "message", "::notice title=Title::message\n",
     "notice: Title: message\n"},
    {"a title with syntax", command_error, "a,file=b::c\n", "d",
     "::error title=a%2Cfile=b%3A%3Ac%0A::d\n", "error: a,file=b::c\n: d\n"},
    {"a message with syntax", command_error, "a", "b\r\n::set-output name=c::d%",
     "::error title=a::b%0D%0A::set-output name=c::d%25\n",
     "error: a: b\r\n::set-output name=c::d%\n"},
};

static void print_annotation(const void *context)
{
    const struct annotation_row *row = context;
    row->annotate(row->title, row->message);
}

TEST(annotates_on_the_runner)
{
    const struct annotation_row *row = *state;
    assert_text(log_of(RUNNER, print_annotation, row), row->runner);
}

TEST(annotates_in_plain_lines_elsewhere)
{
    const struct annotation_row *row = *state;
    assert_text(log_of(ELSEWHERE, print_annotation, row), row->elsewhere);
    assert_text(log_of((const char *const[]){NULL}, print_annotation, row), row->elsewhere);
}

static void print_thirteen(const void *context)
{
    const struct annotation_row *row = context;
    for (int i = 0; i < 13; i++)
        row->annotate("T", i < 10 ? "a" : "::error::b\nc");
    row->annotate == command_error ? command_warning("U", "d") : command_error("U", "d");
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* The runner would drop them without telling anybody. */
TEST(writes_what_is_beyond_the_limit_to_the_log)
{
    const struct annotation_row *row = *state;
    const char *log = log_of(RUNNER, print_thirteen, row);
    assert_int_equal(count_of(log, " title=T::a\n"), 10);
    assert_int_equal(count_of(log, ": T: ::error::b\nc\n"), 3);
    assert_int_equal(count_of(log, "::stop-commands::"), 3);
    assert_int_equal(count_of(log, " title=U::d\n"), 1);
}

static void print_warnings(const void *context)
{
    (void)context;
    assert_int_equal(command_warnings_left(), 10);
    command_error("T", "a");
    for (int left = 10; left > 0; left--) {
        assert_int_equal(command_warnings_left(), left);
        command_warning_at("T", "a", NULL, 0, 0);
    }
    command_warning("T", "a");
    assert_int_equal(command_warnings_left(), 0);
}

TEST(counts_the_warnings_that_are_left)
{
    log_of(RUNNER, print_warnings, NULL);
}

static const struct place_row {
    const char *name;
    const char *file;
    int line;
    int end_line;
    const char *runner;
} PLACES[] = {
    {"lines", "a/Dockerfile", 3, 5, "::warning title=T,file=a/Dockerfile,line=3,endLine=5::m%0A\n"},
    {"one line", "a", 3, 0, "::warning title=T,file=a,line=3,endLine=3::m%0A\n"},
    {"a file", "a", 0, 0, "::warning title=T,file=a::m%0A\n"},
    {"a file with syntax", "a,line=1::b", 0, 0, "::warning title=T,file=a%2Cline=1%3A%3Ab::m%0A\n"},
    {"nothing", NULL, 3, 5, "::warning title=T::m%0A\n"},
};

static void print_place(const void *context)
{
    const struct place_row *row = context;
    command_warning_at("T", "m\n", row->file, row->line, row->end_line);
}

TEST(warns_on_lines_of_a_file)
{
    const struct place_row *row = *state;
    assert_text(log_of(RUNNER, print_place, row), row->runner);
    assert_text(log_of(ELSEWHERE, print_place, row), "warning: T: m\n\n");
}

static void print_debug(const void *context)
{
    command_debug(context);
}

TEST(debugs_on_the_runner_only)
{
    assert_text(log_of(RUNNER, print_debug, "a\nb"), "::debug::a%0Ab\n");
    assert_text(log_of(ELSEWHERE, print_debug, "a\nb"), "");
}

static const struct mask_row {
    const char *name;
    const char *value;
    const char *masks;
} MASKS[] = {
    {"one line", "secret", "::add-mask::secret\n"},
    {"several lines", "first\nsecond\nthird",
     "::add-mask::first\n::add-mask::second\n::add-mask::third\n"},
    {"CRLF", "first\r\nsecond\r\n", "::add-mask::first\n::add-mask::second\n"},
    {"nothing", "", ""},
    {"what is no secret", "{\ntrue\n1\n}", ""},
    {"blanks around", "  word ", "::add-mask::  word \n::add-mask::word\n"},
    {"a percent sign", "50% of it", "::add-mask::50%25 of it\n"},
    {"what looks like a command", "::error::a", "::add-mask::::error::a\n"},
};

static void print_mask(const void *context)
{
    command_mask(context);
}

TEST(masks_each_line)
{
    const struct mask_row *row = *state;
    assert_text(log_of(RUNNER, print_mask, row->value), row->masks);
}

TEST(shows_no_mask_elsewhere)
{
    const struct mask_row *row = *state;
    assert_text(log_of(ELSEWHERE, print_mask, row->value), "");
}

static const char *tail_from(const char *text, const char *start)
{
    const char *found = strstr(text, start);
    assert_non_null(found);
    return found + strlen(start);
}

/* The token of the first `::stop-commands::` in the log. */
static const char *stop_token(const char *log)
{
    const char *token = tail_from(log, "::stop-commands::");
    size_t length = strspn(token, "0123456789abcdef");
    assert_true(length >= 32);
    assert_int_equal(token[length], '\n');
    return arena_copy_bytes(&arena, token, length);
}

static void print_stopped(const void *context)
{
    const bool *at_line_start = context;
    assert_int_equal(commands_stop(), 0);
    commands_resume(*at_line_start);
}

TEST(stops_and_resumes_with_one_token)
{
    const char *log = log_of(RUNNER, print_stopped, &(bool){true});
    const char *token = stop_token(log);
    assert_text(log, arena_format(&arena, "::stop-commands::%s\n::%s::\n", token, token));
}

TEST(resumes_on_a_line_of_its_own)
{
    const char *log = log_of(RUNNER, print_stopped, &(bool){false});
    const char *token = stop_token(log);
    assert_text(log, arena_format(&arena, "::stop-commands::%s\n\n::%s::\n", token, token));
}

TEST(stops_nothing_elsewhere)
{
    assert_text(log_of(ELSEWHERE, print_stopped, &(bool){true}), "");
    assert_text(log_of(ELSEWHERE, print_stopped, &(bool){false}), "\n");
}

TEST(draws_each_stop_token_anew)
{
    const char *one = stop_token(log_of(RUNNER, print_stopped, &(bool){true}));
    const char *other = stop_token(log_of(RUNNER, print_stopped, &(bool){true}));
    assert_string_not_equal(one, other);
}

static const struct group_row {
    const char *name;
    const char *title;
    const char *text;
    const char *runner; /* with TOKEN in place of the stop token */
    const char *elsewhere;
} GROUPS[] = {
    {"a line", "Title", "a\n", "::group::Title\na\n::endgroup::\n", "Title\na\n"},
    {"a line that has no end", "Title", "a", "::group::Title\na\n::endgroup::\n", "Title\na\n"},
    {"no text", "Title", "", "::group::Title\n::endgroup::\n", "Title\n"},
    {"a title with a line break", "a\n::error::b", "c\n",
     "::group::a%0A::error::b\nc\n::endgroup::\n", "a\n::error::b\nc\n"},
    {"a command", "Title", "a\n::error::b\n",
     "::group::Title\n::stop-commands::TOKEN\na\n::error::b\n::TOKEN::\n::endgroup::\n",
     "Title\na\n::error::b\n"},
    {"a command in a line that has no end", "Title", "::endgroup::",
     "::group::Title\n::stop-commands::TOKEN\n::endgroup::\n::TOKEN::\n::endgroup::\n",
     "Title\n::endgroup::\n"},
    {"an old command", "Title", "a ##[error]b\n",
     "::group::Title\n::stop-commands::TOKEN\na ##[error]b\n::TOKEN::\n::endgroup::\n",
     "Title\na ##[error]b\n"},
};

static void print_group(const void *context)
{
    const struct group_row *row = context;
    command_group(row->title, row->text);
}

static const char *with_token(const char *text, const char *token)
{
    const char *replaced = arena_copy(&arena, "");
    for (const char *at; (at = strstr(text, "TOKEN")) != NULL; text = at + 5)
        replaced = arena_format(&arena, "%s%.*s%s", replaced, (int)(at - text), text, token);
    return arena_format(&arena, "%s%s", replaced, text);
}

TEST(groups_text_in_which_nothing_is_obeyed)
{
    const struct group_row *row = *state;
    const char *log = log_of(RUNNER, print_group, row);
    const char *token = strstr(row->runner, "TOKEN") != NULL ? stop_token(log) : "";
    assert_text(log, with_token(row->runner, token));
}

TEST(groups_in_plain_lines_elsewhere)
{
    const struct group_row *row = *state;
    assert_text(log_of(ELSEWHERE, print_group, row), row->elsewhere);
}

static const struct inert_row {
    const char *name;
    const char *text;
    bool guarded;
} TEXTS[] = {
    {"two colons anywhere", "a: b # [c] ::", true},
    {"nothing to obey", "a: b # c ## [d]", false},
    {"several lines", "a\n\tb\n", false},
    {"a command", "::error::a", true},
    {"a command after white space", " \t\v::error::a", true},
    {"a command in a later line", "a\n::add-mask::a", true},
    {"a command after a carriage return", "a\r::add-mask::a", true},
    {"an old command", "nope ##[stop-commands]x", true},
    {"a command after a space of Unicode", "\342\200\203::error::a", true},
    {"a command after a byte order mark", "\357\273\277::error::a", true},
    {"a command with a soft hyphen in it", ":\302\255:error::a", true},
    {"an old command with a zero-width space in it", "#\342\200\213#[error]a", true},
    {"an old command with a control character in it", "##\001[error]a", true},
    {"an old command with a delete character in it", "#\177#[error]a", true},
};

static void print_text(const void *context)
{
    command_text(context);
}

TEST(writes_text_of_which_nothing_is_obeyed)
{
    const struct inert_row *row = *state;
    const char *end = row->text[strlen(row->text) - 1] == '\n' ? "" : "\n";
    const char *text = arena_format(&arena, "%s%s", row->text, end);
    const char *log = log_of(RUNNER, print_text, row->text);
    if (row->guarded)
        assert_text(log, arena_format(&arena, "::stop-commands::%s\n%s::%s::\n", stop_token(log),
                                      text, stop_token(log)));
    else
        assert_text(log, text);
    assert_text(log_of(ELSEWHERE, print_text, row->text), text);
}

static const struct json_row {
    const char *name;
    const char *json;
    const char *inert;
} JSON[] = {
    {"nothing to obey", "[\"::error::a\"]", "[\"::error::a\"]"},
    {"an old command", "[\"a ##[error]b\"]", "[\"a \\u0023#[error]b\"]"},
    {"many signs", "[\"####[error]\"]", "[\"\\u0023\\u0023\\u0023#[error]\"]"},
    {"a Git context", "[\"https://a/b.git#sha\"]", "[\"https://a/b.git#sha\"]"},
    {"a sign at the end", "[\"#\"]", "[\"#\"]"},
    {"what is invisible", "[\"#\342\200\213#[error]\"]", "[\"\\u0023\342\200\213#[error]\"]"},
};

TEST(writes_json_of_which_nothing_is_obeyed)
{
    const struct json_row *row = *state;
    int log = open(unit_path(""), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int before = dup(STDOUT_FILENO);
    char text[200] = "";
    fflush(stdout);
    dup2(log, STDOUT_FILENO);
    int outcome = command_json(row->json);
    dup2(before, STDOUT_FILENO);
    close(before);
    assert_int_equal(outcome, 0);
    assert_true(pread(log, text, sizeof(text) - 1, 0) > 0);
    close(log);
    assert_text(text, arena_format(&arena, "%s\n", row->inert));
}

static void print_long(const void *context)
{
    for (int i = 0; i < 100; i++)
        command_text(context);
}

static const struct pipe_row {
    const char *name;
    int flags;
} PIPES[] = {{"a pipe that waits", 0}, {"a pipe that does not wait", O_NONBLOCK}};

/* A slow reader, in another process. */
TEST(writes_all_of_it_to)
{
    enum { LENGTH = 10000 };
    const struct pipe_row *row = *state;
    static char bytes[3000];
    int ends[2];
    int status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(fcntl(ends[1], F_SETFL, row->flags), 0);
    pid_t reader = fork();
    if (reader == 0) {
        size_t total = 0;
        close(ends[1]);
        for (ssize_t got; (got = read(ends[0], bytes, sizeof(bytes))) > 0; total += (size_t)got)
            usleep(500);
        _exit(total == (LENGTH + 1) * 100 ? 0 : 1);
    }
    close(ends[0]);
    commands_start(ends[1], unit_strings(RUNNER));
    char *text = arena_allocate(&arena, LENGTH + 1);
    memset(text, 'x', LENGTH);
    print_long(text);
    close(ends[1]);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

TEST(tells_that_a_pause_could_not_be_written)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    commands_start(full, unit_strings(RUNNER));
    assert_int_equal(commands_stop(), -1);
    commands_start(full, unit_strings(ELSEWHERE));
    assert_int_equal(commands_stop(), 0);
    close(full);
}

/* A secret that every rewriting would break up. */
#define SECRET "user\t50%: a, b"

static void print_secret(const void *context)
{
    (void)context;
    redaction_add(SECRET);
    command_error("about " SECRET, "it is " SECRET);
    command_warning_at("T", SECRET, "dir/" SECRET, 1, 2);
    command_debug(SECRET);
    command_text("text " SECRET "\n");
    command_group("a " SECRET, SECRET);
}

TEST(shows_no_secret_that_was_rewritten)
{
    const char *log = log_of(RUNNER, print_secret, NULL);
    assert_has_not(log, "user");
    assert_has(log, "::error title=about ***::it is ***\n");
    assert_has(log, "::warning title=T,file=dir/***,line=1,endLine=2::***\n");
    assert_has(log, "::debug::***\n");
    assert_has(log, "text ***\n");
    assert_has(log, "::group::a ***\n***\n::endgroup::\n");
    assert_has_not(log_of(ELSEWHERE, print_secret, NULL), "user");
}

static void print_after_mask(const void *context)
{
    (void)context;
    command_mask("secret\n}");
    command_text("a secret } and more");
}

TEST(redacts_what_was_masked)
{
    assert_text(log_of(RUNNER, print_after_mask, NULL), "::add-mask::secret\na *** } and more\n");
    assert_text(log_of(ELSEWHERE, print_after_mask, NULL), "a *** } and more\n");
}

int main(void)
{
    UNIT_TEST(shows_no_secret_that_was_rewritten);
    UNIT_TEST(redacts_what_was_masked);
    UNIT_ROWS(escapes_data, ESCAPES);
    UNIT_ROWS(escapes_properties, ESCAPES);
    UNIT_ROWS(annotates_on_the_runner, ANNOTATIONS);
    UNIT_ROWS(annotates_in_plain_lines_elsewhere, ANNOTATIONS);
    UNIT_ROWS(writes_what_is_beyond_the_limit_to_the_log, ANNOTATIONS);
    UNIT_TEST(counts_the_warnings_that_are_left);
    UNIT_ROWS(warns_on_lines_of_a_file, PLACES);
    UNIT_TEST(debugs_on_the_runner_only);
    UNIT_ROWS(masks_each_line, MASKS);
    UNIT_ROWS(shows_no_mask_elsewhere, MASKS);
    UNIT_TEST(stops_and_resumes_with_one_token);
    UNIT_TEST(resumes_on_a_line_of_its_own);
    UNIT_TEST(stops_nothing_elsewhere);
    UNIT_TEST(draws_each_stop_token_anew);
    UNIT_ROWS(groups_text_in_which_nothing_is_obeyed, GROUPS);
    UNIT_ROWS(groups_in_plain_lines_elsewhere, GROUPS);
    UNIT_ROWS(writes_text_of_which_nothing_is_obeyed, TEXTS);
    UNIT_ROWS(writes_json_of_which_nothing_is_obeyed, JSON);
    UNIT_ROWS(writes_all_of_it_to, PIPES);
    UNIT_TEST(tells_that_a_pause_could_not_be_written);
    return unit_run("github/commands");
}
