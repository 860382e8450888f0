#include "depot/exchange.h"

#include "unit.h"

static char *read_body(const char *body, long status, struct error *error)
{
    return exchange_read(&vault, body, strlen(body), status, error);
}

TEST(takes_the_token_into_the_vault)
{
    struct error error = ERROR_INIT;
    const char *token = read_body("{\"ok\":true,\"token\":\"depot_x\"}", 200, &error);
    assert_text(token, "depot_x");
    assert_true(unit_is_secret_memory(token));
}

TEST(tells_a_refusal_in_the_service_s_words)
{
    struct error error = ERROR_INIT;
    assert_null(read_body("{\"ok\":false,\"error\":\"No\\ntrust\"}", 401, &error));
    assert_has(error.message, "status 401: No?trust)");
}

static const struct answer_row {
    const char *name;
    const char *body;
} ANSWERS[] = {
    {"nothing", ""},
    {"a page", "<html>"},
    {"null", "null"},
    {"a list", "[{\"ok\":true,\"token\":\"hidden\"}]"},
    {"no token", "{\"ok\":true}"},
    {"a token that is no text", "{\"ok\":true,\"token\":[\"hidden\"]}"},
    {"a token that is not ok", "{\"ok\":false,\"token\":\"hidden\"}"},
    {"a token that is ok by its name", "{\"ok\":\"true\",\"token\":\"hidden\"}"},
    {"a token without a word on it", "{\"token\":\"hidden\"}"},
    {"a token of another name", "{\"ok\":true,\"Token\":\"hidden\"}"},
    {"a token and more after it", "{\"ok\":true,\"token\":\"hidden\"}{}"},
    {"a token that is cut off", "{\"ok\":true,\"token\":\"hidden"},
};

TEST(finds_no_token_in)
{
    const struct answer_row *row = *state;
    struct error error = ERROR_INIT;
    assert_null(read_body(row->body, 200, &error));
    assert_has(error.message, "status 200 and no Depot token");
    assert_has_not(error.message, "hidden");
}

TEST(finds_no_token_before_a_nul)
{
    static const char body[] = "{\"ok\":true,\"token\":\"hidden\"}\0";
    struct error error = ERROR_INIT;
    assert_null(exchange_read(&vault, body, sizeof(body) - 1, 200, &error));
}

TEST(finds_no_token_in_what_is_nested_without_end)
{
    struct error error = ERROR_INIT;
    const char *body =
        arena_format(&arena, "{\"ok\":true,\"token\":\"hidden\",\"a\":%s}", unit_nested(100000));
    assert_null(read_body(body, 200, &error));
}

int main(void)
{
    UNIT_TEST(takes_the_token_into_the_vault);
    UNIT_TEST(tells_a_refusal_in_the_service_s_words);
    UNIT_ROWS(finds_no_token_in, ANSWERS);
    UNIT_TEST(finds_no_token_before_a_nul);
    UNIT_TEST(finds_no_token_in_what_is_nested_without_end);
    return unit_run("depot/exchange");
}
