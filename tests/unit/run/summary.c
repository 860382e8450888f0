#include "run/summary.h"

#include "run/example_report.h"

static const char *summary(const struct report *report)
{
    const char *text = summary_format(&arena, report);
    assert_true(strlen(text) <= SUMMARY_LIMIT);
    return text;
}

TEST(tells_of_a_success)
{
    const struct report report = example_success();
    assert_text(summary(&report),
                "### ✅ `ghcr.io/acme/app:latest` built in 1 min 13 s\n"
                "\n"
                "Depot builds, with the token of the input `token`. [See this build at Depot]"
                "(https://depot.dev/orgs/acme/projects/project1/builds/build1).\n"
                "\n"
                "- `ghcr.io/acme/app:latest`\n"
                "- `ghcr.io/acme/app:1.4.2`\n"
                "\n"
                "| | |\n"
                "|---|---|\n"
                "| Digest | `sha256:dddd` |\n"
                "| Platforms | `linux/amd64`, `linux/arm64` |\n"
                "| Attestations | `provenance`, `sbom` |\n"
                "| Size | 84.1 MB |\n"
                "\n"
                "**14 of 18 steps cached** · 2.1 s until a machine was ready\n"
                "\n"
                "```\n"
                " 31 s  ████████████████████  linux/amd64  RUN npm ci\n"
                " 12 s  ███████▌              linux/arm64  RUN npm run build\n"
                "0.4 s  ▌                     linux/amd64  COPY . .\n"
                "```\n"
                "\n"
                "<details><summary>Inputs</summary>\n"
                "\n"
                "```\n"
                "context: .\n"
                "push: true\n"
                "```\n"
                "\n"
                "</details>\n"
                "\n");
}

TEST(puts_platforms_and_instructions_below_each_other)
{
    struct report report = example_success();
    report.slowest[1].platform = "linux/amd64->arm/v7";
    report.slowest[2].platform = NULL;
    assert_has(summary(&report),
               " 31 s  ████████████████████  linux/amd64          RUN npm ci\n"
               " 12 s  ███████▌              linux/amd64->arm/v7  RUN npm run build\n"
               "0.4 s  ▌                                          COPY . .\n");
}

TEST(tells_of_a_failure)
{
    const struct report report = example_failure();
    assert_text(summary(&report),
                "### ❌ `RUN npm test` failed after 42 s\n"
                "\n"
                "`app/Dockerfile`, line 12 · stage `test` · exit code 1\n"
                "\n"
                "```\n"
                "1 passing\n"
                "2 failing\n"
                "```\n"
                "\n"
                "**What to do:** Set `push: false`\n"
                "\n"
                "No Depot builder is available, and `buildx-fallback: true` asks for docker then.\n"
                "\n"
                "Depot did not build: unavailable: connection refused\n"
                "\n"
                "**3 of 5 steps cached** · 2 tries\n"
                "\n\n");
}

TEST(shows_the_builder_s_words_if_the_step_says_too_little)
{
    struct report report = example_failure();
    report.failure.exit_code = 0;
    assert_has(summary(&report), "2 failing\nprocess \"/bin/sh -c npm test\" did");
    report.failure.exit_code = 1;
    report.failure.lines = (struct string_list){0};
    assert_has(summary(&report), "```\nprocess \"/bin/sh -c npm test\" did");
}

TEST(tells_of_a_cancelled_build)
{
    const struct report report = {.result = REPORT_CANCELLED, .ms = 3000, .tries = 1};
    assert_text(summary(&report), "### ⚪ Build cancelled after 3.0 s\n\n\n\n");
}

static const struct duration_row {
    const char *name;
    long long ms;
} DURATIONS[] = {
    {"0.0 s", 0},
    {"0.4 s", 400},
    {"9.9 s", 9949},
    {"10 s", 9950},
    {"31 s", 31200},
    {"59 s", 59499},
    {"1 min 00 s", 59500},
    {"1 min 13 s", 73200},
    {"59 min 59 s", 3599000},
    {"1 h 00 min", 3599500},
    {"2 h 05 min", 7510000},
};

TEST(tells_the_time_it_took)
{
    const struct duration_row *row = *state;
    const struct report report = {.result = REPORT_SUCCESS, .ms = row->ms};
    assert_has(summary(&report), arena_format(&arena, "built in %s\n", row->name));
}

static const struct size_row {
    const char *name;
    long long bytes;
} SIZES[] = {
    {"0.4 kB", 400},       {"999.9 kB", 999900},   {"1.0 MB", 999960},
    {"84.1 MB", 84123456}, {"1.2 GB", 1234000000}, {"12345.7 GB", 12345678900000},
};

TEST(tells_the_size)
{
    const struct size_row *row = *state;
    const struct report report = {.result = REPORT_SUCCESS, .image = {.size = row->bytes}};
    assert_has(summary(&report), arena_format(&arena, "| %s |\n", row->name));
}

/* A runner that knows `a_b*c<d>|e` as a secret must find this, wherever it comes from. */
#define HOSTILE "a_b*c<d>|e"

static struct report hostile(enum report_result result)
{
    const struct report_step step = {HOSTILE, HOSTILE, HOSTILE, 1};
    return (struct report){
        .result = result,
        .reason = HOSTILE,
        .fallback = HOSTILE,
        .steps = 1,
        .slowest = {step},
        .slowest_count = 1,
        .failure = {HOSTILE, HOSTILE, HOSTILE, 1, step, 0, LIST(HOSTILE)},
        .image = {LIST(HOSTILE, HOSTILE), HOSTILE, HOSTILE, LIST(HOSTILE), LIST(HOSTILE), 1},
        .url = HOSTILE,
        .inputs = LIST(HOSTILE),
        .checks = LIST(HOSTILE),
    };
}

/* Whether the byte is in a code span or a fenced block: an odd number of backticks comes before it,
 * on its line or since a line that is a fence. */
static bool in_code(const char *text, const char *at)
{
    size_t ticks = 0;
    for (; text < at; text++)
        ticks += *text == '`';
    return ticks % 2 == 1;
}

TEST(keeps_foreign_text_in_code_byte_for_byte)
{
    for (enum report_result result = REPORT_SUCCESS; result <= REPORT_CANCELLED; result++) {
        const struct report report = hostile(result);
        const char *text = summary(&report);
        size_t found = 0;
        for (const char *at = text; (at = strpbrk(at, "_*<>")) != NULL; at++) {
            if (strncmp(at, "_b*c<d>|e", 9) == 0) {
                assert_true(in_code(text, at));
                found++;
                at += 8;
            } else if (strncmp(at, "**", 2) == 0) {
                at++;
            } else {
                at = strchr(at, '>');
                assert_non_null(at);
            }
        }
        assert_true(found >= 5);
    }
}

TEST(leaves_out_a_name_with_control_characters)
{
    struct report report = example_success();
    report.image.names = LIST("a\nb", "c\033[31m", "ghcr.io/acme/app:1");
    report.slowest[0].instruction = "RUN \r# x";
    const char *text = summary(&report);
    assert_has(text, "### ✅ Image built in");
    assert_has(text, "\n\n- `ghcr.io/acme/app:1`\n\n|");
    assert_has_not(text, "a\nb");
    assert_has_not(text, "\033");
    assert_has_not(text, "\r");
    assert_has(text, "RUN npm run build");
}

TEST(leaves_out_what_is_no_address_at_depot)
{
    struct report report = example_success();
    report.url = "https://depot.dev/x) [y](https://example.com";
    assert_has_not(summary(&report), "](");
}

TEST(counts_the_names_that_it_does_not_show)
{
    struct report report = example_success();
    report.image.names = (struct string_list){0};
    for (int i = 0; i < 30; i++)
        string_list_add(&arena, &report.image.names, arena_format(&arena, "app:%d", i));
    const char *text = summary(&report);
    assert_has(text, "- `app:9`\n- and 20 more\n");
    assert_has_not(text, "app:10");
}

TEST(shows_checks_that_did_not_fit)
{
    struct report report = example_success();
    report.checks = LIST("Dockerfile:3 JSONArgsRecommended");
    assert_has(summary(&report), "<details><summary>1 check that did not fit as annotations"
                                 "</summary>\n\n```\nDockerfile:3 JSONArgsRecommended\n```\n");
}

/* Everything is as large as it can be, with fences that make it larger. */
TEST(stays_below_its_limit)
{
    static const char *const units[] = {"x", "`", "` ", "\xf0\x9f\x91\xa8"};
    static const size_t sizes[] = {200, 500, 510, 1000, 5000, 100000};
    for (size_t i = 0; i < COUNT(units) * COUNT(sizes); i++) {
        const char *large = repeated(units[i % 4], sizes[i / 4] / strlen(units[i % 4]));
        const struct report_step step = {large, large, repeated("l", 200), 1};
        struct report report = hostile(REPORT_SUCCESS);
        report.reason = report.fallback = report.failure.message = report.failure.advice = large;
        report.failure.step = step;
        report.failure.file = large;
        struct string_list *const lists[] = {&report.failure.lines, &report.image.names,
                                             &report.inputs, &report.checks};
        for (size_t list = 0; list < COUNT(lists); list++)
            for (int line = 0; line < 100; line++)
                string_list_add(&arena, lists[list], large);
        for (int platform = 0; platform < 100; platform++)
            string_list_add(&arena, &report.image.platforms, repeated("p", 200));
        report.slowest_count = REPORT_SLOWEST;
        for (size_t slow = 0; slow < REPORT_SLOWEST; slow++)
            report.slowest[slow] = step;
        summary(&report);
        report.result = REPORT_FAILURE;
        summary(&report);
    }
}

int main(void)
{
    UNIT_TEST(tells_of_a_success);
    UNIT_TEST(puts_platforms_and_instructions_below_each_other);
    UNIT_TEST(tells_of_a_failure);
    UNIT_TEST(shows_the_builder_s_words_if_the_step_says_too_little);
    UNIT_TEST(tells_of_a_cancelled_build);
    UNIT_ROWS(tells_the_time_it_took, DURATIONS);
    UNIT_ROWS(tells_the_size, SIZES);
    UNIT_TEST(keeps_foreign_text_in_code_byte_for_byte);
    UNIT_TEST(leaves_out_a_name_with_control_characters);
    UNIT_TEST(leaves_out_what_is_no_address_at_depot);
    UNIT_TEST(counts_the_names_that_it_does_not_show);
    UNIT_TEST(shows_checks_that_did_not_fit);
    UNIT_TEST(stays_below_its_limit);
    return unit_run("run/summary");
}
