#include "github/claims.h"

#include "unit.h"

#include <sodium.h>

/* A JWT with this payload. */
static char *token_of(const char *payload, size_t length)
{
    size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = arena_allocate(&arena, size);
    sodium_bin2base64(encoded, size, (const unsigned char *)payload, length,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_format(&arena, "eyJhbGciOiJSUzI1NiJ9.%s.c2lnbmF0dXJl", encoded);
}

static const struct description_row {
    const char *name;
    const char *payload;
    const char *described;
} DESCRIPTIONS[] = {
    {"every claim that is matched, in one order",
     "{\"environment\":\"prod\",\"event_name\":\"push\",\"job_workflow_ref\":\"o/r/.github/"
     "workflows/ci.yml@refs/heads/main\",\"ref\":\"refs/heads/"
     "main\",\"repository\":\"o/r\",\"sub\":\"repo:o/r:environment:prod\"}",
     "sub: repo:o/r:environment:prod\nrepository: o/r\nref: refs/heads/main\n"
     "job_workflow_ref: o/r/.github/workflows/ci.yml@refs/heads/main\nevent_name: push\n"
     "environment: prod\n"},
    {"no other claim", "{\"jti\":\"1\",\"sub\":\"s\",\"actor\":\"a\"}", "sub: s\n"},
    {"none", "{}", ""},
    {"no claim that is no string", "{\"sub\":1,\"ref\":null,\"repository\":[\"o/r\"]}", ""},
    {"control characters as what they are not", "{\"sub\":\"a\\n::error::b\\u001b[0m\\u007f\"}",
     "sub: a?::error::b?[0m?\n"},
    {"no payload that is no object", "[\"sub\"]", NULL},
    {"no payload that is no JSON", "sub", NULL},
    {"no payload with more after it", "{} {}", NULL},
};

TEST(describes)
{
    const struct description_row *row = *state;
    const char *token = token_of(row->payload, strlen(row->payload));
    assert_text(claims_describe(&arena, token), row->described);
}

static const struct refusal_row {
    const char *name;
    const char *token;
} REFUSALS[] = {
    {"an empty text", ""},
    {"one part", "eyJzdWIiOiJzIn0"},
    {"two parts", "e30.eyJzdWIiOiJzIn0"},
    {"an empty payload", "e30..c2ln"},
    {"a payload that is no base64url", "e30.ey+/IiOi.c2ln"},
    {"a payload with padding", "e30.e30=.c2ln"},
    {"a payload with a line break", "e30.e3\n0.c2ln"},
};

TEST(describes_nothing_of)
{
    const struct refusal_row *row = *state;
    assert_null(claims_describe(&arena, row->token));
}

static const struct moment_row {
    const char *name;
    const char *payload;
    long long moment;
} MOMENTS[] = {
    {"a number", "{\"exp\":1800000000}", 1800000000},
    {"a fraction of a second", "{\"exp\":1.5}", 1},
    {"no claim of that name", "{\"iat\":1}", -1},
    {"a text", "{\"exp\":\"1800000000\"}", -1},
    {"less than nothing", "{\"exp\":-1}", -1},
    {"beyond every calendar", "{\"exp\":1e300}", -1},
    {"no object", "[1800000000]", -1},
};

TEST(tells_the_moment)
{
    const struct moment_row *row = *state;
    const char *token = token_of(row->payload, strlen(row->payload));
    assert_int_equal(claims_moment(&arena, token, "exp"), row->moment);
}

TEST(tells_no_moment_of_what_is_no_token)
{
    assert_int_equal(claims_moment(&arena, "depot_project_0123", "exp"), -1);
}

TEST(shows_neither_token_nor_signature)
{
    const char *described = claims_describe(&arena, token_of("{\"sub\":\"s\"}", 11));
    assert_has_not(described, "c2lnbmF0dXJl");
    assert_has_not(described, "eyJhbGci");
}

int main(void)
{
    UNIT_ROWS(describes, DESCRIPTIONS);
    UNIT_ROWS(describes_nothing_of, REFUSALS);
    UNIT_ROWS(tells_the_moment, MOMENTS);
    UNIT_TEST(tells_no_moment_of_what_is_no_token);
    UNIT_TEST(shows_neither_token_nor_signature);
    return unit_run("github/claims");
}
