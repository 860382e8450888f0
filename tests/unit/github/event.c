#include "github/event.h"

#include "unit.h"

#define REPOSITORY "\"repository\":{\"full_name\":\"octo/app\",\"private\":false}"
#define PRIVATE "\"repository\":{\"full_name\":\"octo/app\",\"private\":true}"
#define HEAD(repo) "\"pull_request\":{\"head\":{\"sha\":\"def\",\"repo\":" repo "}}"
#define OWN "{\"full_name\":\"octo/app\"}"
#define FORK "{\"full_name\":\"hubber/app\"}"

static const struct event_row {
    const char *name;
    const char *event;
    const char *payload;
    bool fork;
    bool private_repository;
    const char *head_sha;
} EVENTS[] = {
    {"a push", "push", "{" REPOSITORY "}", false, false, NULL},
    {"a push to a private repository", "push", "{" PRIVATE "}", false, true, NULL},
    {"a pull request", "pull_request", "{" REPOSITORY "," HEAD(OWN) "}", false, false, "def"},
    {"a pull request in a private repository", "pull_request", "{" PRIVATE "," HEAD(OWN) "}", false,
     true, "def"},
    {"a pull request whose repository is written in another case", "pull_request",
     "{" REPOSITORY "," HEAD("{\"full_name\":\"Octo/App\"}") "}", false, false, "def"},
    {"a fork's pull request", "pull_request", "{" REPOSITORY "," HEAD(FORK) "}", true, false,
     "def"},
    {"a fork's pull request to a private repository", "pull_request",
     "{" PRIVATE "," HEAD(FORK) "}", true, true, "def"},
    {"a pull request whose fork is private", "pull_request",
     "{" REPOSITORY "," HEAD("{\"full_name\":\"hubber/app\",\"private\":true}") "}", true, false,
     "def"},
    {"a pull request whose fork is gone", "pull_request", "{" REPOSITORY "," HEAD("null") "}", true,
     false, "def"},
    {"a pull request whose fork has no name", "pull_request", "{" REPOSITORY "," HEAD("{}") "}",
     true, false, "def"},
    {"a pull request whose fork's name is no string", "pull_request",
     "{" REPOSITORY "," HEAD("{\"full_name\":1}") "}", true, false, "def"},
    {"a pull request whose repository has no name", "pull_request", "{" HEAD(OWN) "}", true, false,
     "def"},
    {"a pull request without a head", "pull_request", "{" REPOSITORY ",\"pull_request\":{}}", true,
     false, NULL},
    {"a pull request's fork with the flag of GitHub off", "pull_request",
     "{" REPOSITORY "," HEAD("{\"full_name\":\"hubber/app\",\"fork\":false}") "}", true, false,
     "def"},
    {"a pull request in a repository that is a fork itself", "pull_request",
     "{" REPOSITORY "," HEAD("{\"full_name\":\"octo/app\",\"fork\":true}") "}", false, false,
     "def"},
    {"a fork's pull request with the rights of its target", "pull_request_target",
     "{" REPOSITORY "," HEAD(FORK) "}", false, false, "def"},
    {"a review of a fork's pull request", "pull_request_review", "{" REPOSITORY "," HEAD(FORK) "}",
     true, false, "def"},
    {"a comment of a review of a fork's pull request", "pull_request_review_comment",
     "{" PRIVATE "," HEAD(FORK) "}", true, true, "def"},
    {"a review of a pull request", "pull_request_review", "{" REPOSITORY "," HEAD(OWN) "}", false,
     false, "def"},
    {"a review of a pull request whose fork is gone", "pull_request_review",
     "{" REPOSITORY "," HEAD("null") "}", true, false, "def"},
    {"a comment on a pull request", "issue_comment",
     "{" REPOSITORY ",\"issue\":{\"pull_request\":{}}}", false, false, NULL},
    {"a schedule", "schedule", "{\"schedule\":\"0 0 * * *\"}", false, false, NULL},
    {"a head that is no string", "push", "{\"pull_request\":{\"head\":{\"sha\":1}}}", false, false,
     NULL},
    {"privacy that is no boolean", "push", "{\"repository\":{\"private\":\"true\"}}", false, false,
     NULL},
    {"an empty payload", "push", "{}", false, false, NULL},
    {"white space around", "push", " \n{}\n ", false, false, NULL},
};

static int parse(const char *name, const char *payload, struct event *event, struct error *error)
{
    return event_parse(&arena, name, payload, strlen(payload), event, error);
}

TEST(reads_the_payload_of)
{
    const struct event_row *row = *state;
    struct event event;
    struct error error = ERROR_INIT;
    if (parse(row->event, row->payload, &event, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(event.fork, row->fork);
    assert_int_equal(event.private_repository, row->private_repository);
    assert_text(event.head_sha, row->head_sha);
}

static const struct bad_row {
    const char *name;
    const char *payload;
} BAD[] = {
    {"nothing", ""},
    {"blanks", " \n"},
    {"no JSON", "hello"},
    {"an open object", "{\"repository\":{"},
    {"an open string", "{\"a"},
    {"an array", "[]"},
    {"null", "null"},
    {"a string", "\"a\""},
    {"an object with more after it", "{}{"},
    {"an object with words after it", "{} hello"},
};

TEST(refuses)
{
    const struct bad_row *row = *state;
    struct event event;
    struct error error = ERROR_INIT;
    assert_int_equal(parse("push", row->payload, &event, &error), -1);
    assert_string_not_equal(error.message, "");
}

TEST(refuses_nesting_without_end)
{
    enum { DEPTH = 100000 };
    char *payload = arena_allocate(&arena, DEPTH + 1);
    memset(payload, '[', DEPTH);
    memcpy(payload, "{\"a\":", 5);
    struct event event;
    struct error error = ERROR_INIT;
    assert_int_equal(parse("push", payload, &event, &error), -1);
}

TEST(reads_the_repository)
{
    struct event event;
    struct error error = ERROR_INIT;
    assert_int_equal(parse("push", "{" REPOSITORY "}", &event, &error), 0);
    assert_text(event.repository, "octo/app");
    assert_int_equal(parse("schedule", "{}", &event, &error), 0);
    assert_text(event.repository, NULL);
}

/* A push to a private repository. Nothing is reported for it. */
static void assert_safe(const struct event *event)
{
    assert_false(event->fork);
    assert_true(event->private_repository);
    assert_text(event->repository, NULL);
    assert_text(event->head_sha, NULL);
}

TEST(reads_the_event_of_the_job)
{
    const char *path = unit_path("event.json");
    unit_write(path, "{" PRIVATE "," HEAD(FORK) "}");
    char **environment = STRINGS("GITHUB_EVENT_NAME=pull_request",
                                 arena_format(&arena, "GITHUB_EVENT_PATH=%s", path));
    struct event event;
    struct error error = ERROR_INIT;
    assert_int_equal(event_read(&arena, environment, &event, &error), 0);
    assert_true(event.fork);
    assert_true(event.private_repository);
    assert_text(event.head_sha, "def");
}

TEST(an_event_without_a_name_is_no_pull_request)
{
    const char *path = unit_path("event.json");
    unit_write(path, "{" REPOSITORY "," HEAD(FORK) "}");
    struct event event;
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_EVENT_PATH=%s", path));
    assert_int_equal(event_read(&arena, environment, &event, &error), 0);
    assert_false(event.fork);
}

TEST(names_the_payload_that_is_missing)
{
    const char *path = unit_path("missing.json");
    struct event event;
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_EVENT_PATH=%s", path));
    assert_int_equal(event_read(&arena, environment, &event, &error), -1);
    assert_has(error.message, "GITHUB_EVENT_PATH");
    assert_has(error.message, path);
    assert_has(error.message, "No such file");
    assert_safe(&event);
}

TEST(names_the_payload_that_is_no_json)
{
    const char *path = unit_path("event.json");
    unit_write(path, "hello");
    struct event event;
    struct error error = ERROR_INIT;
    char **environment = STRINGS(arena_format(&arena, "GITHUB_EVENT_PATH=%s", path));
    assert_int_equal(event_read(&arena, environment, &event, &error), -1);
    assert_has(error.message, "GITHUB_EVENT_PATH");
    assert_has(error.message, path);
    assert_has(error.message, "JSON");
    assert_safe(&event);
    assert_has_not(error.message, "\n");
}

TEST(names_the_variable_that_is_not_set)
{
    struct event event;
    struct error error = ERROR_INIT;
    assert_int_equal(event_read(&arena, STRINGS("GITHUB_EVENT_NAME=pull_request"), &event, &error),
                     -1);
    assert_has(error.message, "GITHUB_EVENT_PATH");
    assert_safe(&event);
    assert_int_equal(event_read(&arena, STRINGS("GITHUB_EVENT_PATH="), &event, &error), -1);
    assert_has(error.message, "GITHUB_EVENT_PATH");
}

int main(void)
{
    UNIT_ROWS(reads_the_payload_of, EVENTS);
    UNIT_ROWS(refuses, BAD);
    UNIT_TEST(refuses_nesting_without_end);
    UNIT_TEST(reads_the_repository);
    UNIT_TEST(reads_the_event_of_the_job);
    UNIT_TEST(an_event_without_a_name_is_no_pull_request);
    UNIT_TEST(names_the_payload_that_is_missing);
    UNIT_TEST(names_the_payload_that_is_no_json);
    UNIT_TEST(names_the_variable_that_is_not_set);
    return unit_run("github/event");
}
