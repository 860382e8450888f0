/*
 * A run to plan for: a push to the public octo/app, with a Depot token. Tests change what matters
 * to them.
 */
#ifndef PLAN_EXAMPLE_H
#define PLAN_EXAMPLE_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "unit.h"

#define EXAMPLE_SHA "0123456789abcdef0123456789abcdef01234567"
#define EXAMPLE_CONTEXT "https://github.com/octo/app.git#" EXAMPLE_SHA
#define EXAMPLE_BUILDER_ID "builder-id=https://github.com/octo/app/actions/runs/42/attempts/3"
#define EXAMPLE_DIRECTORY "/tmp/private"
#define EXAMPLE_TOKEN "depot_org_0123456789"

/* Only files below /there exist. */
static inline bool example_file_exists(const char *path)
{
    return strncmp(path, "/there/", 7) == 0;
}

static inline struct facts example_facts(void)
{
    return (struct facts){
        .server_url = "https://github.com",
        .event = "push",
        .actor = "octocat",
        .repository = "octo/app",
        .ref = "refs/heads/main",
        .sha = EXAMPLE_SHA,
        .run_id = "42",
        .run_attempt = "3",
        .token_source = TOKEN_INPUT,
        .token = EXAMPLE_TOKEN,
        .private_directory = EXAMPLE_DIRECTORY,
        .file_exists = example_file_exists,
    };
}

/* The same run, but docker builds: a pull request from a fork. */
static inline struct facts example_fork_facts(void)
{
    struct facts facts = example_facts();
    facts.event = "pull_request";
    facts.fork = true;
    facts.token_source = TOKEN_NONE;
    facts.token = NULL;
    return facts;
}

/* `add-hosts=a:1` → `INPUT_ADD_HOSTS=a:1`, for each item of a list that ends with NULL. */
static inline char **example_variables(const char *const *settings)
{
    struct string_list variables = {0};
    for (; *settings != NULL; settings++) {
        const char *equals = strchr(*settings, '=');
        const char *name = arena_copy_bytes(&arena, *settings, (size_t)(equals - *settings));
        string_list_add(&arena, &variables,
                        arena_format(&arena, "%s%s", input_variable(&arena, name), equals));
    }
    return variables.count > 0 ? variables.items : arena_allocate(&arena, sizeof(char *));
}

static inline struct inputs example_inputs(const char *const *settings)
{
    struct inputs inputs;
    struct error error = ERROR_INIT;
    if (inputs_read(&arena, &vault, example_variables(settings), &inputs, &error) != 0)
        fail_msg("%s", error.message);
    return inputs;
}

#define INPUTS_OF(...) example_inputs((const char *const[]){__VA_ARGS__, NULL})

#endif
