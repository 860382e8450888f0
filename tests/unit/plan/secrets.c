#include "plan/secrets.h"

#include "plan/example.h"
#include "unit.h"

#define GIT_TOKEN "GIT_AUTH_TOKEN.github.com"

static const struct secret_row {
    const char *name;
    const char *settings[4];
    const char *context;   /* NULL: the Git context */
    const char *arguments; /* values of `--secret` */
    const char *written;   /* what goes to the files of this run */
    const char *warnings[2];
} ROWS[] = {
    {"none", .arguments = "", .written = ""},

    {"a value",
     {"secrets=KEY=value"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "value"},
    {"a value that holds an equals sign",
     {"secrets=KEY=a=b=="},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "a=b=="},
    {"a value of several lines",
     {"secrets=\"KEY=a\nb\n\""},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "a\nb\n"},
    {"a value that holds quotes",
     {"secrets=\"KEY={\"\"a\"\": 1, \"\"b\"\": 2}\""},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "{\"a\": 1, \"b\": 2}"},
    {"a value with blanks around",
     {"secrets=  KEY = a "},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = " a "},
    {"two values",
     {"secrets=A=1\nB=2"},
     .arguments = "id=A,src=/tmp/private/secret-0|id=B,src=/tmp/private/secret-1",
     .written = "1|2"},
    {"an entry without an equals sign",
     {"secrets=A=1\nhidden\nB=2"},
     .arguments = "id=A,src=/tmp/private/secret-0|id=B,src=/tmp/private/secret-1",
     .written = "1|2",
     .warnings = {"Entry 2 of `secrets`"}},
    {"lines of a value that has no quotes",
     {"secrets=KEY=-----BEGIN\nhidden\naGVsbG8=\n"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "-----BEGIN",
     .warnings = {"Entry 2 of `secrets`", "Entry 3 of `secrets`"}},
    {"an entry without a key",
     {"secrets= =hidden"},
     .arguments = "",
     .written = "",
     .warnings = {"Entry 1 of `secrets`"}},
    {"an entry without a value",
     {"secrets=KEY="},
     .arguments = "",
     .written = "",
     .warnings = {"`KEY` of `secrets`"}},
    {"a key with a comma",
     {"secrets=\"A,B=1\""},
     .arguments = "\"id=A,B\",src=/tmp/private/secret-0",
     .written = "1"},

    {"a file",
     {"secret-files=KEY=/there/key"},
     .arguments = "id=KEY,src=/there/key",
     .written = ""},
    {"a file with a comma and an equals sign",
     {"secret-files=\"KEY=/there/a,b=c\""},
     .arguments = "id=KEY,\"src=/there/a,b=c\"",
     .written = ""},
    {"a missing file",
     {"secret-files=A=/not/there\nB=/there/b"},
     .arguments = "id=B,src=/there/b",
     .written = "",
     .warnings = {"`A` of `secret-files`"}},
    {"a file without a key",
     {"secret-files==/there/a"},
     .arguments = "",
     .written = "",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"a file without an equals sign",
     {"secret-files=/there/a"},
     .arguments = "",
     .written = "",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"a file without a path",
     {"secret-files=KEY="},
     .arguments = "",
     .written = "",
     .warnings = {"`KEY` of `secret-files`"}},

    {"a variable", {"secret-envs=KEY=NAME"}, .arguments = "id=KEY,env=NAME", .written = ""},
    {"two variables",
     {"secret-envs=A=B, C=D"},
     .arguments = "id=A,env=B|id=C,env=D",
     .written = ""},
    {"a variable without a name",
     {"secret-envs=KEY=,A=B"},
     .arguments = "id=A,env=B",
     .written = "",
     .warnings = {"`KEY` of `secret-envs`"}},
    {"a variable without an equals sign",
     {"secret-envs=KEY"},
     .arguments = "",
     .written = "",
     .warnings = {"Entry 1 of `secret-envs`"}},

    {"malformed entries of two inputs",
     {"secrets=hidden", "secret-envs=A=B,C"},
     .arguments = "id=A,env=B",
     .written = "",
     .warnings = {"Entry 2 of `secret-envs`", "Entry 1 of `secrets`"}},

    {"the GitHub token with the Git context",
     {"github-token=ghs"},
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "ghs"},
    {"the GitHub token with a subdirectory of the Git context",
     {"github-token=ghs"},
     .context = EXAMPLE_CONTEXT ":sub",
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "ghs"},
    {"the GitHub token with a local context",
     {"github-token=ghs"},
     .context = ".",
     .arguments = "",
     .written = ""},
    {"the GitHub token with another repository",
     {"github-token=ghs"},
     .context = "https://github.com/octo/other.git#main",
     .arguments = "",
     .written = ""},
    {"the GitHub token with another host",
     {"github-token=ghs"},
     .context = "https://git.example/octo/app.git#" EXAMPLE_SHA,
     .arguments = "",
     .written = ""},
    {"the GitHub token beside a GIT_AUTH_TOKEN",
     {"github-token=ghs", "secrets=GIT_AUTH_TOKEN=a"},
     .arguments = "id=GIT_AUTH_TOKEN,src=/tmp/private/secret-0",
     .written = "a"},
    {"the GitHub token beside a GIT_AUTH_TOKEN for the host",
     {"github-token=ghs", "secrets=" GIT_TOKEN "=a"},
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "a"},
    {"the GitHub token beside a GIT_AUTH_TOKEN of the environment",
     {"github-token=ghs", "secret-envs=GIT_AUTH_TOKEN=NAME"},
     .arguments = "id=GIT_AUTH_TOKEN,env=NAME",
     .written = ""},
    {"the GitHub token beside a malformed GIT_AUTH_TOKEN",
     {"github-token=ghs", "secrets=GIT_AUTH_TOKEN="},
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "ghs",
     .warnings = {"`GIT_AUTH_TOKEN` of `secrets`"}},
    {"the GitHub token beside another secret",
     {"github-token=ghs", "secrets=KEY=a"},
     .arguments = "id=KEY,src=/tmp/private/secret-0|id=" GIT_TOKEN ",src=/tmp/private/secret-1",
     .written = "a|ghs"},
    {"no GitHub token",
     {"secrets=KEY=a"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "a"},

    {"all of them",
     {"secret-envs=A=NAME", "secrets=B=b", "secret-files=C=/there/c", "github-token=ghs"},
     .arguments = "id=A,env=NAME|id=B,src=/tmp/private/secret-1|id=C,src=/there/c|id=" GIT_TOKEN
                  ",src=/tmp/private/secret-3",
     .written = "b|ghs"},
};

static struct plan collect(const struct secret_row *row)
{
    struct plan plan = {0};
    struct facts facts = example_facts();
    struct inputs inputs =
        INPUTS_OF(row->settings[0], row->settings[1], row->settings[2], row->settings[3]);
    secrets_collect(&arena, &inputs, &facts, row->context != NULL ? row->context : EXAMPLE_CONTEXT,
                    EXAMPLE_CONTEXT, &plan);
    return plan;
}

TEST(collects_secrets)
{
    const struct secret_row *row = *state;
    struct plan plan = collect(row);
    struct string_list arguments = {0};
    struct string_list written = {0};
    for (size_t i = 0; i < plan.secret_count; i++) {
        string_list_add(&arena, &arguments, secret_argument(&arena, &plan.secrets[i]));
        if (plan.secrets[i].value != NULL)
            string_list_add(&arena, &written, plan.secrets[i].value);
    }
    assert_text(joined(&arguments), row->arguments);
    assert_text(joined(&written), row->written);
}

TEST(warns_of_what_is_left_out)
{
    const struct secret_row *row = *state;
    struct plan plan = collect(row);
    size_t expected = 0;
    while (expected < COUNT(row->warnings) && row->warnings[expected] != NULL)
        expected++;
    assert_int_equal(plan.warnings.count, expected);
    for (size_t i = 0; i < expected; i++) {
        assert_has(plan.warnings.items[i], row->warnings[i]);
        assert_has_not(plan.warnings.items[i], "hidden");
    }
}

TEST(masks_what_may_be_lines_of_a_value_that_has_no_quotes)
{
    struct plan plan = {0};
    struct inputs inputs = {0};
    const struct facts facts = {.private_directory = "/tmp/private"};
    const char *const entries[] = {"A=1", "hidden", "aGVsbG8=", "bGk=bw", NULL};
    inputs.secrets = unit_list(entries);
    secrets_collect(&arena, &inputs, &facts, ".", NULL, &plan);
    assert_text(joined(&plan.masks), "aGVsbG8|bGk");
    assert_has_not(joined(&plan.warnings), "aGVsbG8");
}

TEST(keeps_values_in_the_vault)
{
    static const struct secret_row row = {
        "", {"secrets=KEY=a", "github-token=ghs"}, NULL, NULL, NULL, {NULL}};
    struct plan plan = collect(&row);
    assert_int_equal(plan.secret_count, 2);
    assert_true(unit_is_secret_memory(plan.secrets[0].value));
    assert_true(unit_is_secret_memory(plan.secrets[1].value));
}

TEST(names_the_git_token_after_the_server)
{
    struct plan plan = {0};
    struct facts facts = example_facts();
    facts.server_url = "https://git.example:8443/base";
    struct inputs inputs = INPUTS_OF("github-token=ghs");
    secrets_collect(&arena, &inputs, &facts, "URL#main", "URL", &plan);
    assert_int_equal(plan.secret_count, 1);
    assert_text(plan.secrets[0].id, "GIT_AUTH_TOKEN.git.example:8443");
}

TEST(offers_no_git_token_where_there_is_no_git_context)
{
    struct plan plan = {0};
    struct facts facts = example_facts();
    struct inputs inputs = INPUTS_OF("github-token=ghs");
    secrets_collect(&arena, &inputs, &facts, ".", NULL, &plan);
    assert_int_equal(plan.secret_count, 0);
}

int main(void)
{
    UNIT_ROWS(collects_secrets, ROWS);
    UNIT_ROWS(warns_of_what_is_left_out, ROWS);
    UNIT_TEST(masks_what_may_be_lines_of_a_value_that_has_no_quotes);
    UNIT_TEST(keeps_values_in_the_vault);
    UNIT_TEST(names_the_git_token_after_the_server);
    UNIT_TEST(offers_no_git_token_where_there_is_no_git_context);
    return unit_run("plan/secrets");
}
