#include "plan/plan.h"

#include "github/commands.h"
#include "run/run.h"
#include "run/step.h"
#include "system/environment.h"
#include "system/json.h"
#include "system/redaction.h"
#include "system/string_list.h"

#include <cjson/cJSON.h>
#include <unistd.h>

static void add_string(cJSON *object, const char *name, const char *text)
{
    scoped_arena arena = ARENA_INIT;
    cJSON_AddStringToObject(object, name, redact(&arena, text));
}

static void add_strings(cJSON *object, const char *name, const struct string_list *list)
{
    scoped_arena arena = ARENA_INIT;
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < list->count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateString(redact(&arena, list->items[i])));
}

static cJSON *to_json(const struct plan *plan)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "builder", builder_name(plan->builder));
    add_string(root, "reason", plan->reason);
    add_strings(root, "command", &plan->command);
    cJSON *environment = cJSON_AddObjectToObject(root, "environment");
    for (size_t i = 0; i < plan->environment_count; i++) {
        const struct plan_variable *variable = &plan->environment[i];
        add_string(environment, variable->name, variable->secret ? "***" : variable->value);
    }
    cJSON *secrets = cJSON_AddArrayToObject(root, "secrets");
    for (size_t i = 0; i < plan->secret_count; i++) {
        cJSON *secret = cJSON_CreateObject();
        bool from_env = plan->secrets[i].source == SECRET_ENV;
        add_string(secret, "id", plan->secrets[i].id);
        cJSON_AddStringToObject(secret, "source", from_env ? "env" : "file");
        cJSON_AddItemToArray(secrets, secret);
    }
    cJSON_AddNumberToObject(root, "retries", plan->retries);
    add_strings(root, "notices", &plan->notices);
    add_strings(root, "warnings", &plan->warnings);
    return root;
}

static int print_plan(const struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->masks.count; i++)
        command_mask(plan->masks.items[i]);
    for (size_t i = 0; i < plan->secret_count; i++)
        if (plan->secrets[i].value != NULL)
            redaction_add(plan->secrets[i].value);
    scoped_json root = to_json(plan);
    char *text = cJSON_Print(root);
    int outcome = text != NULL ? command_json(text) : -1;
    cJSON_free(text);
    return outcome == 0 ? 0 : error_set(error, "the plan cannot be written to standard output");
}

/* `plan` does not ask docker, so it assumes that docker can do everything that is needed. */
static void tell_assumption(struct arena *arena, struct plan *plan)
{
    if (plan->builder == BUILDER_DOCKER)
        string_list_add(arena, &plan->notices,
                        "This plan assumes that docker can do everything it needs: `build` asks "
                        "docker what it can do, and fits the command to the answer.");
}

int run_plan(char **environment)
{
    struct step step;
    step_start(&step, environment);
    commands_start(STDERR_FILENO, step.environment);
    /* In place of the directory that `build` would make. */
    step.facts.private_directory = "$RUNNER_TEMP/depot-build-push-XXXXXX";
    struct plan plan;
    struct error error = ERROR_INIT;
    bool done = step_read(&step, &error) == 0 &&
                plan_make(&step.arena, &step.inputs, &step.facts, &plan, &error) == 0;
    if (done) {
        tell_assumption(&step.arena, &plan);
        done = print_plan(&plan, &error) == 0;
    }
    if (!done)
        command_error("No plan", error.message);
    step_free(&step);
    return done ? 0 : 1;
}
