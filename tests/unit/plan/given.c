#include "plan/given.h"

#include "plan/example.h"

static const char *given(const char *const *settings)
{
    struct plan plan;
    struct error error = ERROR_INIT;
    struct string_list lines = {0};
    const struct facts facts = example_facts();
    const struct inputs inputs = example_inputs(settings);
    if (plan_make(&arena, &inputs, &facts, &plan, &error) != 0)
        fail_msg("%s", error.message);
    given_inputs(&arena, &inputs, &plan, &lines);
    return joined(&lines);
}

static const struct given_row {
    const char *name;
    const char *settings[3];
    const char *lines; /* with `|` between them */
} GIVEN[] = {
    {"nothing", {NULL}, ""},
    {"what it is by default", {"cli-version=latest", "push=false"}, ""},
    {"a text", {"context=."}, "context: ."},
    {"a flag", {"push=true"}, "push: true"},
    {"a list", {"tags=app:1\napp:2"}, "tags: app:1|tags: app:2"},
    {"several, in the order of the table",
     {"tags=app:1", "platforms=linux/arm64"},
     "platforms: linux/arm64|tags: app:1"},
    {"a token", {"token=depot_project_1"}, "token: ***"},
    {"the job's token", {"github-token=ghs_1"}, ""},
    {"a secret", {"secrets=key=value\nother=x"}, "secrets: key=***|secrets: other=***"},
    {"a secret whose lines are not in quotes", {"secrets=key=value\nQkJC="}, "secrets: key=***"},
    {"the file of a secret", {"secret-files=key=/there/file"}, "secret-files: key=***"},
    {"the variable of a secret", {"secret-envs=key=NAME"}, "secret-envs: key=***"},
    {"a build argument", {"build-args=VERSION=1=2"}, "build-args: VERSION=***"},
    {"a build argument without a value", {"build-args=VERSION="}, "build-args: ***"},
    {"a build argument from a variable", {"build-args=VERSION"}, "build-args: ***"},
    {"lines of a build argument",
     {"build-args=KEY=-----BEGIN\nQkJC\nQkJC==\na/b=c\n1a=b"},
     "build-args: KEY=***|build-args: ***|build-args: ***|build-args: ***|build-args: ***"},
};

TEST(shows)
{
    const struct given_row *row = *state;
    assert_text(given(row->settings), row->lines);
}

/* A row that is added to the table is shown too, unless it is a secret. */
TEST(shows_every_input)
{
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        const struct input *input = &INPUTS[i];
        if (strcmp(input->name, "github-token") == 0)
            continue;
        const char *value = input->kind == INPUT_BOOL ? "true" : "key=/there/x";
        if (strcmp(input->name, "fork-builder") == 0)
            value = "docker";
        if (strcmp(input->name, "retries") == 0)
            value = "3";
        if (input->secret)
            value = strcmp(input->name, "token") == 0 ? "depot_1" : "key=/there/x";
        const char *setting = arena_format(&arena, "%s=%s", input->name, value);
        assert_has(given((const char *const[]){setting, NULL}),
                   arena_format(&arena, "%s: ", input->name));
    }
}

int main(void)
{
    UNIT_ROWS(shows, GIVEN);
    UNIT_TEST(shows_every_input);
    return unit_run("plan/given");
}
