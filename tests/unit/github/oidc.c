#include "github/oidc.h"

#include "unit.h"

static char *read_body(const char *body, long status, struct error *error)
{
    return oidc_read(&vault, body, strlen(body), status, error);
}

TEST(takes_the_token_into_the_vault)
{
    struct error error = ERROR_INIT;
    const char *token = read_body("{\"count\":1,\"value\":\"e30.e30.c2ln\"}", 200, &error);
    assert_text(token, "e30.e30.c2ln");
    assert_true(unit_is_secret_memory(token));
}

static const struct answer_row {
    const char *name;
    const char *body;
} ANSWERS[] = {
    {"nothing", ""},
    {"a page", "<html>"},
    {"null", "null"},
    {"a list", "[\"hidden\"]"},
    {"no token", "{\"count\":1}"},
    {"a token that is no text", "{\"value\":{\"value\":\"hidden\"}}"},
    {"a token of another name", "{\"Value\":\"hidden\"}"},
    {"a token and more after it", "{\"value\":\"hidden\"}."},
    {"a token that is cut off", "{\"value\":\"hidden"},
};

TEST(finds_no_token_in)
{
    const struct answer_row *row = *state;
    struct error error = ERROR_INIT;
    assert_null(read_body(row->body, 200, &error));
    assert_has(error.message, "status 200 but no token");
    assert_has_not(error.message, "hidden");
}

static const struct status_row {
    const char *name;
    long status;
    const char *told;
} STATUSES[] = {
    {"201", 201, "status 201"},
    {"302", 302, "status 302"},
    {"403", 403, "status 403"},
    {"500", 500, "status 500"},
};

TEST(finds_no_token_in_an_answer_of_status)
{
    const struct status_row *row = *state;
    struct error error = ERROR_INIT;
    assert_null(read_body("{\"value\":\"hidden\"}", row->status, &error));
    assert_has(error.message, row->told);
    assert_has_not(error.message, "hidden");
}

TEST(finds_no_token_in_what_is_nested_without_end)
{
    struct error error = ERROR_INIT;
    const char *body = arena_format(&arena, "{\"value\":\"hidden\",\"a\":%s}", unit_nested(100000));
    assert_null(read_body(body, 200, &error));
}

int main(void)
{
    UNIT_TEST(takes_the_token_into_the_vault);
    UNIT_ROWS(finds_no_token_in, ANSWERS);
    UNIT_ROWS(finds_no_token_in_an_answer_of_status, STATUSES);
    UNIT_TEST(finds_no_token_in_what_is_nested_without_end);
    return unit_run("github/oidc");
}
