#include "system/http.h"

#include "unit.h"

#include <limits.h>

static const struct url_row {
    const char *name; /* the URL */
    bool allowed;
} URLS[] = {
    {"https://github.depot.dev/auth", true},
    {"HTTPS://github.depot.dev", true},
    {"https://10.0.0.1:8443/a?b=c", true},
    {"http://localhost", true},
    {"http://LOCALHOST:8080/a", true},
    {"HTTP://localhost/", true},
    {"http://127.0.0.1:80/", true},
    {"http://127.255.0.3/", true},
    {"http://[::1]:3000/a", true},
    {"http://user@127.0.0.1/", true},
    {"http://github.depot.dev/auth", false},
    {"http://localhost.example/", false},
    {"http://mylocalhost/", false},
    {"http://127.0.0.1.example/", false},
    {"http://127.0.0.1@example.com/", false},
    {"http://example.com/@localhost", false},
    {"http://example.com/?127.0.0.1", false},
    {"http://example.com#127.0.0.1", false},
    {"http://128.0.0.1/", false},
    {"http://0.0.0.0/", false},
    {"http://[::]/", false},
    {"http://[::2]/", false},
    {"ftp://localhost/", false},
    {"file:///etc/passwd", false},
    {"localhost", false},
    {"github.depot.dev", false},
    {"//localhost", false},
    {"https://", false},
    {"http://", false},
    {"", false},
};

TEST(allows_https_and_loopback_only)
{
    const struct url_row *row = *state;
    assert_int_equal(http_allowed(row->name), row->allowed);
}

TEST(escapes_a_part_of_a_url)
{
    assert_text(http_escape(&arena, "2.102.12"), "2.102.12");
    assert_text(http_escape(&arena, ">=2 ../?#%"), "%3E%3D2%20..%2F%3F%23%25");
    assert_text(http_escape(&arena, ""), "");
}

static const struct lead_row {
    const char *name;
    const char *from;
    const char *to;
    bool allowed;
} LEADS[] = {
    {"https to https", "https://a.example", "https://b.example/c?d", true},
    {"https to http", "https://a.example", "http://b.example", false},
    {"https to loopback", "https://a.example", "http://127.0.0.1:80/", false},
    {"loopback to loopback", "http://127.0.0.1:1", "http://127.0.0.1:2", true},
    {"loopback to https", "http://127.0.0.1:1", "https://a.example", true},
    {"loopback to http", "http://127.0.0.1:1", "http://a.example", false},
    {"https to a file", "https://a.example", "file:///etc/passwd", false},
    {"https to ftp", "https://a.example", "ftp://a.example", false},
};

TEST(never_leads_from_https_to_less)
{
    const struct lead_row *row = *state;
    assert_int_equal(http_may_lead_to(row->from, row->to), row->allowed);
}

TEST(sends_nothing_to_what_is_not_allowed)
{
    const struct http_request request = {
        .method = "GET",
        .url = "http://service.example/path?secret=hidden",
        .bearer = "hidden",
    };
    struct http http = HTTP_INIT;
    struct http_response response;
    struct error error = ERROR_INIT;
    assert_int_equal(http_send(&http, &vault, &request, &response, &error), -1);
    assert_has(error.message, "https://");
    assert_has_not(error.message, "hidden");
    assert_int_equal(response.status, 0);
    http_close(&http);
}

static int send_abandoned(void)
{
    const atomic_bool abandoned = true;
    struct http http = {.abandoned = &abandoned, .kept = ARENA_INIT};
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

TEST(may_be_closed_twice)
{
    struct http http = HTTP_INIT;
    http_close(&http);
    http_close(&http);
}

static const struct status_row {
    const char *name;
    long status;
    bool retry;
} STATUSES[] = {
    {"200", 200, false}, {"204", 204, false}, {"301", 301, false}, {"302", 302, false},
    {"400", 400, false}, {"401", 401, false}, {"403", 403, false}, {"404", 404, false},
    {"407", 407, false}, {"408", 408, true},  {"409", 409, false}, {"424", 424, false},
    {"425", 425, true},  {"426", 426, false}, {"428", 428, false}, {"429", 429, true},
    {"430", 430, false}, {"499", 499, false}, {"500", 500, true},  {"502", 502, true},
    {"503", 503, true},  {"504", 504, true},  {"599", 599, true},
};

TEST(retries_the_status)
{
    const struct status_row *row = *state;
    assert_int_equal(http_retry_status(row->status), row->retry);
}

static const struct delay_row {
    const char *name;
    int attempt;
    double jitter;
    long retry_after;
    long delay;
} DELAYS[] = {
    {"before the second attempt", 2, 0, 0, 250},
    {"before the third", 3, 0, 0, 500},
    {"before the fourth", 4, 0, 0, 1000},
    {"before the fifth", 5, 0, 0, 2000},
    {"up to 8 s", 7, 0, 0, 8000},
    {"no more than 8 s", 8, 0, 0, 8000},
    {"no more than 8 s ever", 1000, 0, 0, 8000},
    {"jitter takes away half", 2, 1, 0, 125},
    {"jitter takes away a quarter", 3, 0.5, 0, 375},
    {"jitter takes away half of 8 s", 9, 1, 0, 4000},
    {"at least what the server asks for", 2, 0, 1, 1000},
    {"at least what the server asks for, whatever the jitter", 5, 1, 2, 2000},
    {"more than the server asks for", 6, 0, 1, 4000},
    {"much that the server asks for", 2, 0, 3600, 3600000},
};

TEST(waits)
{
    const struct delay_row *row = *state;
    assert_int_equal(http_retry_delay(row->attempt, row->jitter, row->retry_after), row->delay);
}

static int wait_for_ever(void)
{
    return http_retry_delay(2, 0, LONG_MAX) > 1000000000 ? 0 : 1;
}

TEST(waits_no_less_where_the_server_asks_for_more_than_a_number_holds)
{
    assert_int_equal(unit_in_child(wait_for_ever), 0);
}

int main(void)
{
    UNIT_ROWS(allows_https_and_loopback_only, URLS);
    UNIT_TEST(escapes_a_part_of_a_url);
    UNIT_ROWS(never_leads_from_https_to_less, LEADS);
    UNIT_TEST(sends_nothing_to_what_is_not_allowed);
    UNIT_TEST(gives_up_what_another_thread_has_abandoned);
    UNIT_TEST(may_be_closed_twice);
    UNIT_ROWS(retries_the_status, STATUSES);
    UNIT_ROWS(waits, DELAYS);
    UNIT_TEST(waits_no_less_where_the_server_asks_for_more_than_a_number_holds);
    return unit_run("system/http");
}
