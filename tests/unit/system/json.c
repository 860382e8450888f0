#include "system/json.h"

#include "unit.h"

static const struct parse_row {
    const char *name;
    const char *text;
    bool valid;
} TEXTS[] = {
    {"an object", "{\"a\":1}", true},
    {"an array", "[1,2]", true},
    {"a string", "\"a\"", true},
    {"null", "null", true},
    {"white space around", " \r\n\t{}\r\n\t ", true},
    {"nothing", "", false},
    {"white space", " \n", false},
    {"words", "hello", false},
    {"an open object", "{\"a\":1", false},
    {"an open string", "\"a", false},
    {"another value after it", "{}{}", false},
    {"words after it", "{} hello", false},
    {"a comma after it", "{},", false},
    {"a comment", "{} // a", false},
    {"single quotes", "{'a':1}", false},
    {"an escaped NUL", "{\"a\":\"b\\u0000c\"}", false},
    {"an escaped NUL after an escaped backslash", "\"\\\\\\u0000\"", false},
    {"an escaped backslash before u0000", "\"\\\\u0000\"", true},
    {"an escaped NUL before a digit", "\"\\u0001\\u00000\"", false},
    {"other escapes", "\"\\u0001\\n\\\"\"", true},
    {"a backslash at the end", "\"\\", false},
};

TEST(reads_strictly)
{
    const struct parse_row *row = *state;
    cJSON *root = json_parse(row->text, strlen(row->text));
    bool valid = root != NULL;
    cJSON_Delete(root);
    assert_int_equal(valid, row->valid);
}

static const struct replacing_row {
    const char *name;
    const char *text;
    const char *read; /* NULL: not at all */
} REPLACED[] = {
    {"no NUL", "\"a\\u0001\"", "a\x01"},
    {"an escaped NUL", "\"b\\u0000c\"", "b\uFFFDc"},
    {"two of them", "\"\\u0000\\u0000\"", "\uFFFD\uFFFD"},
    {"one after an escaped backslash", "\"\\\\\\u0000\"", "\\\uFFFD"},
    {"an escaped backslash before u0000", "\"\\\\u0000\"", "\\u0000"},
    {"words", "hello \\u0000", NULL},
};

TEST(replaces_escaped_nuls)
{
    const struct replacing_row *row = *state;
    scoped_json root = json_parse_replacing(row->text, strlen(row->text));
    assert_text(cJSON_GetStringValue(root), row->read);
}

static bool parses(const char *text, size_t length)
{
    cJSON *root = json_parse(text, length);
    bool valid = root != NULL;
    cJSON_Delete(root);
    return valid;
}

TEST(refuses_a_nul_behind_the_value)
{
    static const char text[] = "{}\0{}";
    assert_false(parses(text, sizeof(text) - 1));
}

TEST(refuses_a_nul_inside_a_string)
{
    static const char text[] = "{\"a\":\"b\0c\"}";
    assert_false(parses(text, sizeof(text) - 1));
}

static bool parses_nested(size_t depth)
{
    return parses(unit_nested(depth), 2 * depth);
}

TEST(refuses_nesting_beyond_the_limit)
{
    assert_true(parses_nested(CJSON_NESTING_LIMIT));
    assert_false(parses_nested(CJSON_NESTING_LIMIT + 1));
    assert_false(parses_nested(1000000));
}

static const struct member_row {
    const char *name; /* the member */
    bool there;
    const char *text;
} MEMBERS[] = {
    {"text", true, "a"},    {"empty", true, ""},   {"number", true, NULL}, {"null", true, NULL},
    {"object", true, NULL}, {"Text", false, NULL}, {"inner", false, NULL}, {"", false, NULL},
};

TEST(gives_the_member)
{
    static const char text[] = "{\"text\":\"a\",\"empty\":\"\",\"number\":1,\"null\":null,"
                               "\"object\":{\"inner\":\"b\"}}";
    const struct member_row *row = *state;
    cJSON *root = json_parse(text, strlen(text));
    assert_non_null(root);
    const char *value = json_text(root, row->name);
    char *copy = value != NULL ? arena_copy(&arena, value) : NULL;
    bool there = json_member(root, row->name) != NULL;
    cJSON_Delete(root);
    assert_int_equal(there, row->there);
    assert_text(copy, row->text);
}

TEST(has_no_member_of_what_is_no_object)
{
    cJSON *root = json_parse("[\"a\"]", 5);
    assert_non_null(root);
    assert_null(json_member(root, "a"));
    assert_null(json_text(root, "a"));
    cJSON_Delete(root);
    assert_null(json_member(NULL, "a"));
    assert_null(json_text(NULL, "a"));
}

TEST(copies_a_text_that_says_something)
{
    static const char text[] = "{\"text\":\"a\",\"empty\":\"\",\"number\":1}";
    const char *copy;
    {
        scoped_json root = json_parse(text, strlen(text));
        copy = json_text_copy(&arena, root, "text");
        assert_null(json_text_copy(&arena, root, "empty"));
        assert_null(json_text_copy(&arena, root, "number"));
        assert_null(json_text_copy(&arena, root, "missing"));
    }
    assert_text(copy, "a");
}

TEST(prints_on_one_line)
{
    static const char text[] = "{ \"a\":\n[1, \"\\n\"] }";
    scoped_json root = json_parse(text, strlen(text));
    assert_text(json_print(&arena, root), "{\"a\":[1,\"\\n\"]}");
}

int main(void)
{
    UNIT_ROWS(reads_strictly, TEXTS);
    UNIT_ROWS(replaces_escaped_nuls, REPLACED);
    UNIT_TEST(refuses_a_nul_behind_the_value);
    UNIT_TEST(refuses_a_nul_inside_a_string);
    UNIT_TEST(refuses_nesting_beyond_the_limit);
    UNIT_ROWS(gives_the_member, MEMBERS);
    UNIT_TEST(has_no_member_of_what_is_no_object);
    UNIT_TEST(copies_a_text_that_says_something);
    UNIT_TEST(prints_on_one_line);
    return unit_run("system/json");
}
