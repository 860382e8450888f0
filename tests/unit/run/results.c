#include "run/results.h"

#include "unit.h"

#define DIGEST "\"containerimage.digest\":\"sha256:abc\""
#define BUILD "\"depot.build\":{\"buildID\":\"b1\",\"projectID\":\"p1\"}"

static const struct metadata_row {
    const char *name;
    const char *text;
    bool valid;
    bool kept; /* as the output `metadata` */
    const char *digest;
    const char *build_id;
    const char *project_id;
} METADATA[] = {
    {"all members", "{" DIGEST "," BUILD "}", true, true, "sha256:abc", "b1", "p1"},
    {"docker's members", "{" DIGEST ",\"buildx.build.ref\":\"a\"}", true, true, "sha256:abc", NULL,
     NULL},
    {"no digest", "{" BUILD "}", true, true, NULL, "b1", "p1"},
    {"no members", "{}", true, true, NULL, NULL, NULL},
    {"white space around", " \n{" DIGEST "}\n\n", true, true, "sha256:abc", NULL, NULL},
    {"empty values", "{\"containerimage.digest\":\"\",\"depot.build\":{\"buildID\":\"\"}}", true,
     true, NULL, NULL, NULL},
    {"values that are no strings",
     "{\"containerimage.digest\":1,\"depot.build\":{\"buildID\":null,\"projectID\":{}}}", true,
     true, NULL, NULL, NULL},
    {"a build that is no object", "{" DIGEST ",\"depot.build\":\"buildID\"}", true, true,
     "sha256:abc", NULL, NULL},
    {"a build that is null", "{\"depot.build\":null}", true, true, NULL, NULL, NULL},
    {"members in another case", "{\"Containerimage.Digest\":\"a\"}", true, true, NULL, NULL, NULL},
    {"a path that is no member", "{\"containerimage\":{\"digest\":\"a\"}}", true, true, NULL, NULL,
     NULL},
    {"nothing", "", true, false, NULL, NULL, NULL},
    {"blanks", " \r\n\t", true, false, NULL, NULL, NULL},
    {"null", "null", true, false, NULL, NULL, NULL},
    {"null on a line", "null\n", true, false, NULL, NULL, NULL},
    {"an array", "[]", false, false, NULL, NULL, NULL},
    {"a string", "\"a\"", false, false, NULL, NULL, NULL},
    {"a number", "1", false, false, NULL, NULL, NULL},
    {"words", "no metadata", false, false, NULL, NULL, NULL},
    {"an object that never ends", "{" DIGEST, false, false, NULL, NULL, NULL},
    {"an object with words behind it", "{" DIGEST "} and more", false, false, NULL, NULL, NULL},
    {"two objects", "{}{}", false, false, NULL, NULL, NULL},
};

static void check_results(const struct metadata_row *row, const struct results *results)
{
    assert_text(results->metadata, row->kept ? row->text : NULL);
    assert_text(results->digest, row->digest);
    assert_text(results->build_id, row->build_id);
    assert_text(results->project_id, row->project_id);
    assert_int_equal(results->pretty != NULL, row->kept);
}

TEST(parses_metadata_of)
{
    const struct metadata_row *row = *state;
    struct results results = {0};
    int outcome = results_parse(&arena, row->text, strlen(row->text), &results);
    assert_int_equal(outcome, row->valid ? 0 : -1);
    check_results(row, &results);
}

static struct plan plan_in_directory(void)
{
    return (struct plan){
        .image_id_file = unit_path("image-id"),
        .metadata_file = unit_path("metadata.json"),
    };
}

TEST(reads_a_file_of)
{
    const struct metadata_row *row = *state;
    struct plan plan = plan_in_directory();
    struct results results;
    unit_write(plan.metadata_file, row->text);
    results_read(&arena, &plan, &results);
    check_results(row, &results);
    assert_int_equal(results.warning != NULL, !row->valid);
}

TEST(shows_a_member_a_line)
{
    static const char text[] = "{\"a\":1,\"b\":{\"c\":\"d\"}}";
    struct results results = {0};
    assert_int_equal(results_parse(&arena, text, strlen(text), &results), 0);
    assert_text(results.metadata, text);
    size_t lines = 0;
    for (const char *at = results.pretty; *at != '\0'; at++)
        lines += *at == '\n';
    assert_true(lines >= 4);
    assert_has(results.pretty, "\"a\"");
    assert_has(results.pretty, "\"d\"");
}

static const struct image_id_row {
    const char *name;
    const char *text; /* NULL: no file */
    const char *image_id;
} IMAGE_IDS[] = {
    {"a digest", "sha256:abc", "sha256:abc"},
    {"a digest on a line", "sha256:abc\n", "sha256:abc"},
    {"an empty file", "", NULL},
    {"a blank file", " \n", NULL},
    {"no file", NULL, NULL},
};

TEST(reads_an_image_id_of)
{
    const struct image_id_row *row = *state;
    struct plan plan = plan_in_directory();
    struct results results;
    if (row->text != NULL)
        unit_write(plan.image_id_file, row->text);
    results_read(&arena, &plan, &results);
    assert_text(results.image_id, row->image_id);
    assert_null(results.warning);
}

TEST(has_no_image_id_where_the_plan_has_no_file)
{
    struct plan plan = plan_in_directory();
    struct results results;
    plan.image_id_file = NULL;
    results_read(&arena, &plan, &results);
    assert_null(results.image_id);
}

TEST(has_nothing_where_the_build_left_nothing)
{
    static const struct results nothing;
    struct plan plan = plan_in_directory();
    struct results results;
    memset(&results, 'x', sizeof(results));
    results_read(&arena, &plan, &results);
    assert_memory_equal(&results, &nothing, sizeof(results));
}

TEST(has_the_image_id_though_the_metadata_is_malformed)
{
    struct plan plan = plan_in_directory();
    struct results results;
    unit_write(plan.image_id_file, "sha256:abc");
    unit_write(plan.metadata_file, "{");
    results_read(&arena, &plan, &results);
    assert_text(results.image_id, "sha256:abc");
    assert_non_null(results.warning);
    assert_has(results.warning, "JSON");
}

TEST(says_what_cannot_be_read)
{
    struct plan plan = plan_in_directory();
    struct results results;
    plan.metadata_file = unit_path("");
    results_read(&arena, &plan, &results);
    assert_non_null(results.warning);
    assert_has(results.warning, plan.metadata_file);
    assert_null(results.metadata);
}

int main(void)
{
    UNIT_ROWS(parses_metadata_of, METADATA);
    UNIT_ROWS(reads_a_file_of, METADATA);
    UNIT_TEST(shows_a_member_a_line);
    UNIT_ROWS(reads_an_image_id_of, IMAGE_IDS);
    UNIT_TEST(has_no_image_id_where_the_plan_has_no_file);
    UNIT_TEST(has_nothing_where_the_build_left_nothing);
    UNIT_TEST(has_the_image_id_though_the_metadata_is_malformed);
    UNIT_TEST(says_what_cannot_be_read);
    return unit_run("run/results");
}
