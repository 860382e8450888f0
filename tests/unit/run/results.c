#include "run/results.h"

#include "unit.h"

static struct plan plan_in_directory(void)
{
    return (struct plan){
        .image_id_file = unit_path("image-id"),
        .metadata_file = unit_path("metadata.json"),
    };
}

static const struct file_row {
    const char *name;
    const char *text;
    bool valid;
    const char *digest;
} FILES[] = {
    {"members", "{\"containerimage.digest\":\"sha256:abc\"}\n", true, "sha256:abc"},
    {"nothing", "", true, NULL},
    {"null", "null\n", true, NULL},
    {"an array", "[]", false, NULL},
    {"words", "no metadata", false, NULL},
    {"an object that never ends", "{\"containerimage.digest\":\"sha256:abc\"", false, NULL},
};

TEST(reads_a_file_of)
{
    const struct file_row *row = *state;
    struct plan plan = plan_in_directory();
    struct results results;
    unit_write(plan.metadata_file, row->text);
    results_read(&arena, &plan, &results);
    assert_text(results.metadata.digest, row->digest);
    assert_text(results.metadata.text, row->digest != NULL ? row->text : NULL);
    assert_int_equal(results.warning != NULL, !row->valid);
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
    assert_null(results.metadata.text);
}

int main(void)
{
    UNIT_ROWS(reads_a_file_of, FILES);
    UNIT_ROWS(reads_an_image_id_of, IMAGE_IDS);
    UNIT_TEST(has_no_image_id_where_the_plan_has_no_file);
    UNIT_TEST(has_nothing_where_the_build_left_nothing);
    UNIT_TEST(has_the_image_id_though_the_metadata_is_malformed);
    UNIT_TEST(says_what_cannot_be_read);
    return unit_run("run/results");
}
