#include "buildkit/checks.h"

#include "unit.h"

/* What buildx 0.19 writes, with "Bad: no" and "A rule" in Base64. */
#define SHORT "\"short\":\"QmFkOiBubw==\""
#define DETAIL "\"detail\":[\"QSBydWxl\"]"
#define SOURCE "\"sourceInfo\":{\"filename\":\"Dockerfile\",\"data\":\"\"}"
#define RANGE "\"range\":[{\"start\":{\"line\":3},\"end\":{\"line\":4}}]"
#define WARNINGS(...) "{\"buildx.build.warnings\":[" __VA_ARGS__ "]}"

/* What `call: check` of buildx 0.38 writes. */
#define RULE "\"ruleName\":\"Bad\",\"detail\":\"no\""
#define LOCATION(source)                                                                           \
    "\"location\":{\"ranges\":[{\"start\":{\"line\":3},\"end\":{\"line\":4}}]" source "}"
#define RESULT(...)                                                                                \
    "{\"result.json\":{\"warnings\":[" __VA_ARGS__                                                 \
    "],\"sources\":[{\"filename\":\"Dockerfile\"},{\"filename\":\"other\"}]}}"

static const struct check_row {
    const char *name;
    const char *metadata;
    size_t count;
    struct check first;
} CHECKS[] = {
    {"a whole one",
     WARNINGS("{" SHORT "," DETAIL "," SOURCE "," RANGE ",\"url\":\"https://a\"}"),
     1,
     {"A rule", "Bad: no. See https://a", "Dockerfile", 3, 4}},
    {"no more than its words", WARNINGS("{" SHORT "}"), 1, {NULL, "Bad: no", NULL, 0, 0}},
    {"one twice", WARNINGS("{" SHORT "},{" SHORT "}"), 1, {NULL, "Bad: no", NULL, 0, 0}},
    {"two",
     WARNINGS("{" SHORT "," SOURCE "," RANGE "},{" SHORT "," SOURCE "}"),
     2,
     {NULL, "Bad: no", "Dockerfile", 0, 0}},
    {"no words", WARNINGS("{" DETAIL "}"), 0, {0}},
    {"words that are not Base64", WARNINGS("{\"short\":\"***\"}"), 0, {0}},
    {"words that are a number", WARNINGS("{\"short\":1}"), 0, {0}},
    {"no objects", WARNINGS("1,null,\"a\",[]"), 0, {0}},
    {"lines that are not lines",
     WARNINGS("{" SHORT "," SOURCE
              ",\"range\":[{\"start\":{\"line\":-1},\"end\":{\"line\":1e99}}]}"),
     1,
     {NULL, "Bad: no", "Dockerfile", 0, 0}},
    {"one of the checks alone",
     RESULT("{" RULE "," LOCATION("") ",\"description\":\"A rule\",\"url\":\"https://a\"}"),
     1,
     {"A rule", "Bad: no. See https://a", "Dockerfile", 3, 4}},
    {"one of another source",
     RESULT("{" RULE "," LOCATION(",\"sourceIndex\":1") "}"),
     1,
     {NULL, "Bad: no", "other", 3, 4}},
    {"one of a source that is not one",
     RESULT("{" RULE "," LOCATION(",\"sourceIndex\":1e99") "}"),
     1,
     {NULL, "Bad: no", NULL, 3, 4}},
    {"one of no place", RESULT("{" RULE "}"), 1, {NULL, "Bad: no", "Dockerfile", 0, 0}},
    {"one without words", RESULT("{\"ruleName\":\"Bad\"},{\"detail\":\"no\"}"), 0, {0}},
    {"a result that is a text", "{\"result.json\":\"{}\"}", 0, {0}},
    {"an object of them", "{\"buildx.build.warnings\":{}}", 0, {0}},
    {"none", "{}", 0, {0}},
    {"no JSON", "a", 0, {0}},
};

TEST(reads_the_warnings)
{
    const struct check_row *row = *state;
    struct check checks[CHECK_LIMIT];
    assert_int_equal(checks_read(&arena, row->metadata, checks), row->count);
    if (row->count == 0)
        return;
    assert_text(checks[0].title, row->first.title);
    assert_text(checks[0].message, row->first.message);
    assert_text(checks[0].file, row->first.file);
    assert_int_equal(checks[0].line, row->first.line);
    assert_int_equal(checks[0].end_line, row->first.end_line);
}

static const char *at_line(int line)
{
    return arena_format(&arena,
                        "{" SHORT "," SOURCE ",\"range\":[{\"start\":{\"line\":%d},"
                        "\"end\":{\"line\":%d}}]}",
                        line, line);
}

static size_t read_lines(const int *lines, size_t count, struct check checks[CHECK_LIMIT])
{
    struct string_list warnings = {0};
    for (size_t i = 0; i < count; i++)
        string_list_add(&arena, &warnings, at_line(lines[i]));
    return checks_read(&arena,
                       arena_format(&arena, "{\"buildx.build.warnings\":[%s]}",
                                    string_list_join(&arena, &warnings, ",")),
                       checks);
}

/* Each platform has its own. */
TEST(puts_them_in_order_each_once)
{
    static const int lines[] = {9, 3, 12, 3, 9, 1, 12, 2};
    static const int sorted[] = {1, 2, 3, 9, 12};
    struct check checks[CHECK_LIMIT];
    assert_int_equal(read_lines(lines, COUNT(lines), checks), COUNT(sorted));
    for (size_t i = 0; i < COUNT(sorted); i++)
        assert_int_equal(checks[i].line, sorted[i]);
}

TEST(stops_at_the_limit)
{
    int lines[CHECK_LIMIT + 5];
    struct check checks[CHECK_LIMIT];
    for (int i = 0; i < CHECK_LIMIT + 5; i++)
        lines[i] = i + 1;
    assert_int_equal(read_lines(lines, COUNT(lines), checks), CHECK_LIMIT);
}

int main(void)
{
    UNIT_ROWS(reads_the_warnings, CHECKS);
    UNIT_TEST(puts_them_in_order_each_once);
    UNIT_TEST(stops_at_the_limit);
    return unit_run("buildkit/checks");
}
