#include "system/http.h"

#include "unit.h"

TEST(sends_nothing_to_what_is_not_allowed)
{
    const struct http_request request = {
        .method = "GET",
        .url = "http://service.example/path?secret=hidden",
        .bearer = "hidden",
    };
    struct http http = {.environment = STRINGS(NULL)};
    struct http_response response;
    struct error error = ERROR_INIT;
    assert_int_equal(http_send(&http, &vault, &request, &response, &error), -1);
    assert_has(error.message, "https://");
    assert_has_not(error.message, "hidden");
    assert_int_equal(response.status, 0);
    http_close(&http);
}

static const struct bearer_row {
    const char *name;
    const char *bearer;
} BEARERS[] = {
    {"a line feed", "hidden\nX-Other: 1"},
    {"a carriage return", "hidden\rX-Other: 1"},
    {"both", "hidden\r\nX-Other: 1"},
    {"a line feed at the end", "hidden\n"},
    {"a tab", "hidden\tmore"},
    {"an escape", "hidden\033[0m"},
    {"a delete", "hidden\177"},
};

TEST(makes_one_header_of_a_credential)
{
    const struct bearer_row *row = *state;
    const struct http_request request = {
        .method = "GET", .url = "http://127.0.0.1:9/", .bearer = row->bearer};
    struct http http = {.environment = STRINGS(NULL)};
    struct http_response response;
    struct error error = ERROR_INIT;
    assert_int_equal(http_send(&http, &vault, &request, &response, &error), -1);
    assert_has(error.message, "the credential for 127.0.0.1 has a line break");
    assert_has_not(error.message, "hidden");
    http_close(&http);
}

static int send_abandoned(void)
{
    const atomic_bool abandoned = true;
    struct http http = {.environment = STRINGS(NULL), .abandoned = &abandoned};
    const struct http_request request = {.method = "GET", .url = "http://127.0.0.1:9/"};
    struct http_response response;
    struct error error = ERROR_INIT;
    int outcome = http_send(&http, &vault, &request, &response, &error);
    http_close(&http);
    arena_free(&vault);
    return outcome == -1 ? 0 : 1;
}

TEST(gives_up_what_another_thread_has_abandoned)
{
    assert_int_equal(unit_in_child(send_abandoned), 0);
}

int main(void)
{
    UNIT_TEST(sends_nothing_to_what_is_not_allowed);
    UNIT_ROWS(makes_one_header_of_a_credential, BEARERS);
    UNIT_TEST(gives_up_what_another_thread_has_abandoned);
    return unit_run("system/http");
}
