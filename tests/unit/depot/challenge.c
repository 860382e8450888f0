#include "depot/challenge.h"

#include "unit.h"

#define URL "https://service.example/exchange/1"
#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONGEST HUNDRED HUNDRED TEN TEN TEN TEN TEN "012345"

static int read_body(const char *body, long status, struct challenge_claim *claim,
                     struct error *error)
{
    char *copy = arena_copy(&arena, body);
    const struct http_response response = {.status = status, .body = copy, .length = strlen(copy)};
    return challenge_read(&arena, "https://service.example/claim", &response, claim, error);
}

static const struct code_row {
    const char *name;
    bool valid;
} CODES[] = {
    {"abc", true},    {"A-b_c.d~e+f/g=", true}, {LONGEST, true},           {LONGEST "6", false},
    {"", false},      {"two words", false},     {"a\\n::error::b", false}, {"a\\u001b[0m", false},
    {"::x::", false}, {"\\u00e9", false},       {"##[error]", false},
};

TEST(takes_a_code_that_is_one_word)
{
    const struct code_row *row = *state;
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    const char *body =
        arena_format(&arena, "{\"challengeCode\":\"%s\",\"exchangeURL\":\"" URL "\"}", row->name);
    assert_int_equal(read_body(body, 200, &claim, &error), row->valid ? 0 : -1);
    assert_text(claim.code, row->valid ? row->name : NULL);
    assert_text(claim.exchange_url, row->valid ? URL : NULL);
}

static const struct answer_row {
    const char *name;
    const char *body;
} ANSWERS[] = {
    {"nothing", ""},
    {"a page", "<html>"},
    {"null", "null"},
    {"no code", "{\"exchangeURL\":\"" URL "\"}"},
    {"no address", "{\"challengeCode\":\"abc\"}"},
    {"numbers", "{\"challengeCode\":1,\"exchangeURL\":2}"},
    {"more after it", "{\"challengeCode\":\"abc\",\"exchangeURL\":\"" URL "\"},"},
};

TEST(finds_no_challenge_in)
{
    const struct answer_row *row = *state;
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    assert_int_equal(read_body(row->body, 200, &claim, &error), -1);
    assert_has(error.message, "status 200 and no challenge");
}

TEST(tells_a_refusal_in_the_service_s_words)
{
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    assert_int_equal(read_body("{\"error\":\"Not\\nopen\"}", 403, &claim, &error), -1);
    assert_has(error.message, "status 403: Not?open)");
    assert_int_equal(read_body("<html>", 502, &claim, &error), -1);
    assert_has(error.message, "status 502: no reason given)");
}

TEST(finds_no_challenge_in_what_is_nested_without_end)
{
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    const char *body =
        arena_format(&arena, "{\"challengeCode\":\"abc\",\"exchangeURL\":\"" URL "\",\"a\":%s}",
                     unit_nested(100000));
    assert_int_equal(read_body(body, 200, &claim, &error), -1);
}

static const struct lead_row {
    const char *name; /* the address of the exchange */
    const char *asked;
    bool allowed;
} LEADS[] = {
    {"https://service.example/1", "https://service.example/claim", true},
    {"https://other.example/1", "https://service.example/claim", true},
    {"https://service.example/1", "http://127.0.0.1:1/claim", true},
    {"http://localhost:1/1", "http://127.0.0.1:1/claim", true},
    {"http://127.0.0.1:1/1", "https://service.example/claim", false},
    {"http://localhost/1", "https://localhost/claim", false},
    {"http://service.example/1", "https://service.example/claim", false},
    {"http://service.example/1", "http://127.0.0.1:1/claim", false},
    {"ftp://service.example/1", "https://service.example/claim", false},
    {"//service.example/1", "https://service.example/claim", false},
};

TEST(follows_to_no_less_than_https)
{
    const struct lead_row *row = *state;
    struct challenge_claim claim = {0};
    struct error error = ERROR_INIT;
    char *body =
        arena_format(&arena, "{\"challengeCode\":\"abc\",\"exchangeURL\":\"%s\"}", row->name);
    const struct http_response response = {.status = 200, .body = body, .length = strlen(body)};
    assert_int_equal(challenge_read(&arena, row->asked, &response, &claim, &error),
                     row->allowed ? 0 : -1);
    assert_text(claim.exchange_url, row->allowed ? row->name : NULL);
    if (!row->allowed)
        assert_has(error.message, "not https");
}

int main(void)
{
    UNIT_ROWS(takes_a_code_that_is_one_word, CODES);
    UNIT_ROWS(finds_no_challenge_in, ANSWERS);
    UNIT_TEST(tells_a_refusal_in_the_service_s_words);
    UNIT_TEST(finds_no_challenge_in_what_is_nested_without_end);
    UNIT_ROWS(follows_to_no_less_than_https, LEADS);
    return unit_run("depot/challenge");
}
