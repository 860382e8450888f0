#include "plan/secrets.h"

#include "plan/example.h"
#include "unit.h"

#define GIT_TOKEN "GIT_AUTH_TOKEN.github.com"

static const struct secret_row {
    const char *name;
    const char *settings[4];
    const char *context;   /* NULL: the Git context */
    const char *arguments; /* values of `--secret` */
    const char *written;   /* what is written to the files of this run */
    const char *masks;     /* further masks; NULL: none */
    const char *warnings[4];
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
     .written = " a ",
     .warnings = {"`KEY` of `secrets` has spaces or tabs around its `=`"}},
    {"two values",
     {"secrets=A=1\nB=2"},
     .arguments = "id=A,src=/tmp/private/secret-0|id=B,src=/tmp/private/secret-1",
     .written = "1|2"},
    {"a name of every kind of character",
     {"secrets=aZ09_.-/=value"},
     .arguments = "id=aZ09_.-/,src=/tmp/private/secret-0",
     .written = "value"},
    {"a value that begins with an equals sign",
     {"secrets=KEY==value"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "=value"},
    {"an entry without an equals sign",
     {"secrets=A=1\nhidden\nB=2"},
     .arguments = "id=A,src=/tmp/private/secret-0|id=B,src=/tmp/private/secret-1",
     .written = "1|2",
     .masks = "hidden",
     .warnings = {"Entry 2 of `secrets` is left out: an entry is a name"}},
    {"lines of a value that has no quotes",
     {"secrets=KEY=-----BEGIN\nhidden\nhiddenVsbG8=\n"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "-----BEGIN",
     .masks = "hidden|hiddenVsbG8=",
     .warnings = {"Entry 2 of `secrets` is", "Entry 3 of `secrets` is"}},
    {"many lines of a value that has no quotes",
     {"secrets=KEY=a\nhidden1\nhidden2\nhidden3\nB=b\nhidden4\nhidden5"},
     .arguments = "id=KEY,src=/tmp/private/secret-0|id=B,src=/tmp/private/secret-1",
     .written = "a|b",
     .masks = "hidden1|hidden2|hidden3|hidden4|hidden5",
     .warnings = {"Entries 2 to 4 of `secrets` are", "Entries 6 to 7 of `secrets` are"}},
    {"an entry without a key",
     {"secrets= =hidden"},
     .arguments = "",
     .written = "",
     .masks = " =hidden",
     .warnings = {"Entry 1 of `secrets`"}},
    {"an entry without a value",
     {"secrets=hidden="},
     .arguments = "",
     .written = "",
     .masks = "hidden=",
     .warnings = {"Entry 1 of `secrets` is left out: nothing follows the `=`. A repository secret "
                  "is empty for a fork's"}},
    {"an entry whose value is blank",
     {"secrets=hidden= \t"},
     .arguments = "",
     .written = "",
     .masks = "hidden= \t",
     .warnings = {"nothing follows the `=`"}},
    {"an entry whose value is padding",
     {"secrets=hidden=="},
     .arguments = "",
     .written = "",
     .masks = "hidden==",
     .warnings = {"an entry is a name"}},
    {"a key with a comma",
     {"secrets=\"hidden,B=1\""},
     .arguments = "",
     .written = "",
     .masks = "hidden,B=1",
     .warnings = {"letters, digits, `_`, `.`, `-` and `/`"}},
    {"a key with a blank",
     {"secrets=machine hidden login=x"},
     .arguments = "",
     .written = "",
     .masks = "machine hidden login=x",
     .warnings = {"Entry 1"}},
    {"a key with a letter beyond ASCII",
     {"secrets=hidd\xc3\xa9n=x"},
     .arguments = "",
     .written = "",
     .masks = "hidd\xc3\xa9n=x",
     .warnings = {"Entry 1"}},
    {"a key of two lines",
     {"secrets=\"hid\nden=x\""},
     .arguments = "",
     .written = "",
     .masks = "hid\nden=x",
     .warnings = {"Entry 1"}},
    {"an address with a password",
     {"secrets=URL=x\nhttps://user:hidden@host/index?x=\nhttps://user:hidden@host/index?x=y"},
     .arguments = "id=URL,src=/tmp/private/secret-0",
     .written = "x",
     .masks = "https://user:hidden@host/index?x=|https://user:hidden@host/index?x=y",
     .warnings = {"Entry 2", "Entry 3"}},
    {"comments",
     {"secrets=# hidden\nA=1\n #hidden=x\n#hidden"},
     .arguments = "id=A,src=/tmp/private/secret-0",
     .written = "1",
     .masks = "# hidden| #hidden=x|#hidden",
     .warnings = {"Entry 1 of `secrets` is left out: a line that begins with `#` is not a comment",
                  "Entries 3 to 4 of `secrets` are left out: a line that begins with `#`"}},

    {"a file",
     {"secret-files=KEY=/there/key"},
     .arguments = "id=KEY,src=/there/key",
     .written = ""},
    {"a file with a comma and an equals sign",
     {"secret-files=\"KEY=/there/a,b=c\""},
     .arguments = "id=KEY,\"src=/there/a,b=c\"",
     .written = ""},
    {"a missing file",
     {"secret-files=A=/not/hidden\nB=/there/b"},
     .arguments = "id=B,src=/there/b",
     .written = "",
     .warnings = {"`A` of `secret-files`"}},
    {"a file without a key",
     {"secret-files==/there/hidden"},
     .arguments = "",
     .written = "",
     .masks = "=/there/hidden",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"a file without an equals sign",
     {"secret-files=/there/hidden"},
     .arguments = "",
     .written = "",
     .masks = "/there/hidden",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"a file without a path",
     {"secret-files=hidden="},
     .arguments = "",
     .written = "",
     .masks = "hidden=",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"an address for a file",
     {"secret-files=https://user:hidden@host/index?x=y"},
     .arguments = "",
     .written = "",
     .masks = "https://user:hidden@host/index?x=y",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"padding for a file",
     {"secret-files=hidden=="},
     .arguments = "",
     .written = "",
     .masks = "hidden==",
     .warnings = {"Entry 1 of `secret-files`"}},
    {"a comment among files",
     {"secret-files=# hidden\nB=/there/b"},
     .arguments = "id=B,src=/there/b",
     .written = "",
     .masks = "# hidden",
     .warnings = {"begins with `#`"}},

    {"a variable", {"secret-envs=KEY=NAME"}, .arguments = "id=KEY,env=NAME", .written = ""},
    {"two variables",
     {"secret-envs=A=B, C=D"},
     .arguments = "id=A,env=B|id=C,env=D",
     .written = ""},
    {"a variable without a name",
     {"secret-envs=hidden=,A=B"},
     .arguments = "id=A,env=B",
     .written = "",
     .masks = "hidden=",
     .warnings = {"Entry 1 of `secret-envs`"}},
    {"a variable without an equals sign",
     {"secret-envs=hidden"},
     .arguments = "",
     .written = "",
     .masks = "hidden",
     .warnings = {"Entry 1 of `secret-envs`"}},
    {"a key that no variable can have",
     {"secret-envs=a:hidden=B,C=D"},
     .arguments = "id=C,env=D",
     .written = "",
     .masks = "a:hidden=B",
     .warnings = {"Entry 1 of `secret-envs`"}},

    {"malformed entries of two inputs",
     {"secrets=hidden", "secret-envs=A=B,hidden"},
     .arguments = "id=A,env=B",
     .written = "",
     .masks = "hidden|hidden",
     .warnings = {"Entry 2 of `secret-envs`", "Entry 1 of `secrets`"}},

    {"blanks around the equals sign",
     {"secrets=KEY = v", "secret-files=F = /there/f", "secret-envs=E = V"},
     .arguments = "id=E,env= V|id=KEY,src=/tmp/private/secret-1",
     .written = " v",
     .warnings = {"`E` of `secret-envs` has spaces or tabs around its `=`",
                  "`KEY` of `secrets` has spaces or tabs around its `=`",
                  "`F` of `secret-files` has spaces or tabs around its `=`",
                  "`F` of `secret-files` is left"}},
    {"a blank before the equals sign",
     {"secrets=KEY =v"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "v"},
    {"a blank after the equals sign",
     {"secrets=KEY= v"},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = " v"},
    {"a blank after the value",
     {"secrets=KEY=v "},
     .arguments = "id=KEY,src=/tmp/private/secret-0",
     .written = "v "},

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
    {"the GitHub token with a GIT_AUTH_TOKEN",
     {"github-token=ghs", "secrets=GIT_AUTH_TOKEN=a"},
     .arguments = "id=GIT_AUTH_TOKEN,src=/tmp/private/secret-0",
     .written = "a"},
    {"the GitHub token with a GIT_AUTH_TOKEN for the host",
     {"github-token=ghs", "secrets=" GIT_TOKEN "=a"},
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "a"},
    {"the GitHub token with a GIT_AUTH_TOKEN of the environment",
     {"github-token=ghs", "secret-envs=GIT_AUTH_TOKEN=NAME"},
     .arguments = "id=GIT_AUTH_TOKEN,env=NAME",
     .written = ""},
    {"the GitHub token with a malformed GIT_AUTH_TOKEN",
     {"github-token=ghs", "secrets=GIT_AUTH_TOKEN="},
     .arguments = "id=" GIT_TOKEN ",src=/tmp/private/secret-0",
     .written = "ghs",
     .masks = "GIT_AUTH_TOKEN=",
     .warnings = {"Entry 1 of `secrets`"}},
    {"the GitHub token with another secret",
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
    assert_text(joined(&plan.masks), row->masks != NULL ? row->masks : "");
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

TEST(keeps_values_in_the_vault)
{
    static const struct secret_row row = {
        "", {"secrets=KEY=a\nhidden", "github-token=ghs"}, .arguments = NULL};
    struct plan plan = collect(&row);
    assert_int_equal(plan.secret_count, 2);
    assert_true(unit_is_secret_memory(plan.secrets[0].value));
    assert_true(unit_is_secret_memory(plan.secrets[1].value));
    assert_true(unit_is_secret_memory(plan.masks.items[0]));
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
    UNIT_TEST(keeps_values_in_the_vault);
    UNIT_TEST(names_the_git_token_after_the_server);
    UNIT_TEST(offers_no_git_token_where_there_is_no_git_context);
    return unit_run("plan/secrets");
}
