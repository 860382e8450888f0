#include "system/http_client.h"

#include "unit.h"

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

TEST(knows_this_machine)
{
    assert_true(http_is_loopback("http://localhost:8080/a"));
    assert_true(http_is_loopback("https://127.1.2.3/"));
    assert_true(http_is_loopback("http://[::1]/"));
    assert_false(http_is_loopback("http://localhost.example/"));
    assert_false(http_is_loopback("https://example.com/localhost"));
    assert_false(http_is_loopback(""));
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

TEST(may_be_closed_twice)
{
    struct http http = {0};
    http_close(&http);
    http_close(&http);
}

int main(void)
{
    UNIT_ROWS(allows_https_and_loopback_only, URLS);
    UNIT_TEST(knows_this_machine);
    UNIT_TEST(escapes_a_part_of_a_url);
    UNIT_ROWS(never_leads_from_https_to_less, LEADS);
    UNIT_TEST(may_be_closed_twice);
    return unit_run("system/http_client");
}
