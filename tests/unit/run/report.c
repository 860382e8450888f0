#include "run/report.h"

#include "run/example_report.h"
#include "system/json.h"

/* The report, parsed. The caller frees it. */
static cJSON *parsed(const struct report *report)
{
    const char *text = report_json(&arena, report);
    assert_non_null(text);
    assert_true(strlen(text) <= REPORT_LIMIT);
    assert_null(strpbrk(text, "\r\n"));
    cJSON *root = json_parse(text, strlen(text));
    assert_non_null(root);
    return root;
}

static const char *member(const cJSON *object, const char *path)
{
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        const cJSON *item = json_member(object, path);
        assert_non_null(item);
        char *printed = cJSON_PrintUnformatted(item);
        const char *copy = arena_copy(&arena, printed);
        cJSON_free(printed);
        return copy;
    }
    const char *name = arena_copy_bytes(&arena, path, (size_t)(dot - path));
    return member(json_member(object, name), dot + 1);
}

static const struct member_row {
    const char *name; /* the path of a member */
    const char *of_success;
    const char *of_failure;
} MEMBERS[] = {
    {"version", "1", "1"},
    {"result", "\"success\"", "\"failure\""},
    {"builder", "\"depot\"", "\"docker\""},
    {"fallback", "null", "\"unavailable: connection refused\""},
    {"tries", "1", "2"},
    {"times.started", "\"2027-01-15T08:00:00Z\"", "\"2027-01-15T08:00:00Z\""},
    {"times.total", "73.2", "42"},
    {"times.build", "70.1", "0"},
    {"times.machine", "2.1", "0"},
    {"steps.total", "18", "5"},
    {"steps.cached", "14", "3"},
    {"failed_step", "null",
     "{\"instruction\":\"RUN npm test\",\"stage\":\"test\",\"platform\":null,"
     "\"exit_code\":1,\"lines\":[\"1 passing\",\"2 failing\"]}"},
    {"error", "null",
     "{\"message\":\"process \\\"/bin/sh -c npm test\\\" did not complete: exit code: 1\","
     "\"advice\":\"Set `push: false`\",\"file\":\"app/Dockerfile\",\"line\":12}"},
    {"image",
     "{\"names\":[\"ghcr.io/acme/app:latest\",\"ghcr.io/acme/app:1.4.2\"],"
     "\"digest\":\"sha256:dddd\",\"id\":\"sha256:1111\","
     "\"platforms\":[\"linux/amd64\",\"linux/arm64\"],\"attestations\":[\"provenance\",\"sbom\"],"
     "\"size\":84123456}",
     "null"},
    {"build.id", "\"build1\"", "null"},
    {"build.project", "\"project1\"", "null"},
    {"build.url", "\"https://depot.dev/orgs/acme/projects/project1/builds/build1\"", "null"},
    {"truncated", "false", "false"},
};

TEST(tells)
{
    const struct member_row *row = *state;
    const struct report success = example_success();
    const struct report failure = example_failure();
    cJSON *of_success = parsed(&success);
    cJSON *of_failure = parsed(&failure);
    assert_text(member(of_success, row->name), row->of_success);
    assert_text(member(of_failure, row->name), row->of_failure);
    cJSON_Delete(of_success);
    cJSON_Delete(of_failure);
}

TEST(tells_the_slowest_steps)
{
    const struct report report = example_success();
    cJSON *root = parsed(&report);
    const cJSON *slowest = json_member(json_member(root, "steps"), "slowest");
    assert_int_equal(cJSON_GetArraySize(slowest), 3);
    assert_text(member(cJSON_GetArrayItem(slowest, 0), "instruction"), "\"RUN npm ci\"");
    assert_text(member(cJSON_GetArrayItem(slowest, 0), "platform"), "\"linux/amd64\"");
    assert_text(member(cJSON_GetArrayItem(slowest, 2), "seconds"), "0.4");
    cJSON_Delete(root);
}

TEST(has_no_failed_step_if_none_failed)
{
    struct report report = example_failure();
    report.failure.step.instruction = NULL;
    report.failure.lines = (struct string_list){0};
    cJSON *root = parsed(&report);
    assert_text(member(root, "failed_step"), "null");
    assert_text(member(root, "error.line"), "12");
    cJSON_Delete(root);
}

TEST(tells_why_no_builder_was_started)
{
    const struct report report = {.result = REPORT_ERROR, .failure = {.message = "No `depot`"}};
    cJSON *root = parsed(&report);
    assert_text(member(root, "result"), "\"error\"");
    assert_text(member(root, "builder"), "null");
    assert_text(member(root, "error.message"), "\"No `depot`\"");
    assert_text(member(root, "image"), "null");
    cJSON_Delete(root);
}

TEST(keeps_hostile_text_within_its_string)
{
    struct report report = example_failure();
    report.failure.message = "\"},\n\t\033\\ \xff\xc3\xa9";
    cJSON *root = parsed(&report);
    assert_text(json_text(json_member(root, "error"), "message"),
                "\"},\n\t\033\\ \xef\xbf\xbd\xc3\xa9");
    cJSON_Delete(root);
}

TEST(leaves_out_the_slowest_steps_first)
{
    struct report report = example_success();
    report.slowest[1].instruction = repeated("x", REPORT_LIMIT);
    cJSON *root = parsed(&report);
    assert_text(member(root, "steps.slowest"), "[]");
    assert_text(member(root, "steps.cached"), "14");
    assert_text(member(root, "truncated"), "true");
    assert_text(member(root, "reason"), "\"Depot builds, with the token of the input `token`.\"");
    cJSON_Delete(root);
}

TEST(leaves_out_texts_next)
{
    struct report report = example_failure();
    string_list_add(&arena, &report.failure.lines, repeated("\033", REPORT_LIMIT / 6));
    cJSON *root = parsed(&report);
    assert_text(member(root, "failed_step.lines"), "[]");
    assert_text(member(root, "failed_step.instruction"), "\"RUN npm test\"");
    assert_text(member(root, "truncated"), "true");
    cJSON_Delete(root);
}

TEST(takes_as_many_bytes_as_the_limit_allows)
{
    struct report report = example_success();
    report.reason = "";
    const size_t rest = REPORT_LIMIT - strlen(report_json(&arena, &report));
    report.reason = repeated("x", rest);
    cJSON *root = parsed(&report);
    assert_text(member(root, "truncated"), "false");
    cJSON_Delete(root);
    report.reason = repeated("x", rest + 1);
    root = parsed(&report);
    assert_text(member(root, "truncated"), "true");
    cJSON_Delete(root);
}

/* Even if everything has its largest size, there is room for the members of fixed size. */
TEST(always_parses)
{
    const char *large = repeated("\"\033\xff", REPORT_LIMIT);
    const struct report_step step = {large, large, large, 1};
    const struct report_image image = {LIST(large), large, large, LIST(large), LIST("sbom"), 1};
    const struct report report = {
        .result = REPORT_FAILURE,
        .builder = "depot",
        .reason = large,
        .fallback = large,
        .steps = 5,
        .slowest = {step, step},
        .slowest_count = 2,
        .failure = {large, large, large, 1, step, 1, LIST(large)},
        .image = image,
        .build_id = large,
        .project_id = large,
        .url = large,
    };
    struct report success = report;
    success.result = REPORT_SUCCESS;
    cJSON *root = parsed(&report);
    assert_text(member(root, "steps.total"), "5");
    cJSON_Delete(root);
    root = parsed(&success);
    assert_text(member(root, "image.attestations"), "[\"sbom\"]");
    cJSON_Delete(root);
}

int main(void)
{
    UNIT_ROWS(tells, MEMBERS);
    UNIT_TEST(tells_the_slowest_steps);
    UNIT_TEST(has_no_failed_step_if_none_failed);
    UNIT_TEST(tells_why_no_builder_was_started);
    UNIT_TEST(keeps_hostile_text_within_its_string);
    UNIT_TEST(leaves_out_the_slowest_steps_first);
    UNIT_TEST(leaves_out_texts_next);
    UNIT_TEST(takes_as_many_bytes_as_the_limit_allows);
    UNIT_TEST(always_parses);
    return unit_run("run/report");
}
