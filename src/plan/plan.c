#include "plan/plan.h"

#include "plan/arguments.h"
#include "plan/fit.h"
#include "plan/secrets.h"
#include "plan/source.h"
#include "system/environment.h"

#include <string.h>

bool token_is_valid(const char *token)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-._~+/=";
    return token[0] != '\0' && token[strspn(token, allowed)] == '\0';
}

void plan_set_variable(struct plan *plan, const char *name, const char *value, bool secret)
{
    plan->environment[plan->environment_count++] =
        (struct plan_variable){.name = name, .value = value, .secret = secret};
}

static void set_environment(const struct facts *facts, struct plan *plan)
{
    if (plan->builder != BUILDER_DEPOT) {
        /* Up to docker 22, BuildKit is off there by default. Newer versions have none without
         * buildx, and refuse to build if the job asks for it. */
        if (plan->classic)
            plan_set_variable(plan, "DOCKER_BUILDKIT",
                              version_reaches(facts->docker.client_version, 23, 0) ? "0" : "1",
                              false);
        if (!plan->classic && facts->check_annotations)
            plan_set_variable(plan, "BUILDX_METADATA_WARNINGS", "true", false);
        return;
    }
    /* A notice about new versions helps nobody in a job's log, and it costs a request. */
    plan_set_variable(plan, "DEPOT_NO_UPDATE_NOTIFIER", "1", false);
    if (facts->token_source != TOKEN_NONE)
        plan_set_variable(plan, "DEPOT_TOKEN", facts->token != NULL ? facts->token : "", true);
}

/* A token with a line break would forge a line in every file or log that it is written to. */
static int check_token(const struct facts *facts, struct error *error)
{
    static const char *const names[] = {
        [TOKEN_INPUT] = "the input `token`",
        [TOKEN_ENVIRONMENT] = "DEPOT_TOKEN",
        [TOKEN_OIDC] = "the OIDC exchange",
        [TOKEN_CHALLENGE] = "Depot's service for open source",
    };
    if (facts->token == NULL || token_is_valid(facts->token))
        return 0;
    return error_set(error,
                     "the token of %s has a space, a line break or another character that a token "
                     "cannot have: set it again, without anything that was copied along with it",
                     names[facts->token_source]);
}

/* Without the runner's cache service, which a composite action does not get, `type=gha` fails the
 * whole build. */
static struct records read_caches(struct arena *arena, const struct string_list *texts,
                                  const struct facts *facts, struct request *request)
{
    struct records caches = records_parse(arena, texts);
    size_t kept = 0;
    for (size_t i = 0; i < caches.count; i++)
        if (facts->actions_cache || !record_is(&caches.items[i], "type", "gha"))
            caches.items[kept++] = caches.items[i];
    request->actions_cache_left_out = request->actions_cache_left_out || kept < caches.count;
    caches.count = kept;
    return caches;
}

static int read_request(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                        struct request *request, struct error *error)
{
    request->inputs = *inputs;
    request->cache_from = read_caches(arena, &inputs->cache_from, facts, request);
    request->cache_to = read_caches(arena, &inputs->cache_to, facts, request);
    request->outputs = records_parse(arena, &inputs->outputs);
    return attestations_decide(arena, inputs, &request->outputs, facts, &request->attestations,
                               error);
}

int plan_make(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
              struct plan *plan, struct error *error)
{
    *plan = (struct plan){0};
    struct builder_choice choice = builder_choose(inputs, facts);
    plan->builder = choice.builder;
    plan->reason = choice.reason;

    const char *git_context = source_git_context(arena, facts);
    const char *context =
        inputs->context != NULL ? source_expand(arena, inputs->context, git_context) : git_context;
    if (context == NULL)
        return error_set(error, "there is nothing to build: the input `context` is not set, and "
                                "without GITHUB_REPOSITORY there is no Git context: set "
                                "`context: .`");
    plan->retries = inputs->retries;
    plan->default_context = inputs->context == NULL;
    if ((plan->builder == BUILDER_DEPOT && check_token(facts, error) != 0) ||
        read_request(arena, inputs, facts, &plan->request, error) != 0 ||
        (plan->builder == BUILDER_DOCKER && fit_to_docker(arena, facts, plan, error) != 0))
        return -1;
    set_environment(facts, plan);
    secrets_collect(arena, &plan->request.inputs, facts, context, git_context, plan);
    return arguments_build(arena, facts, context, git_context, plan, error);
}

static bool is_named_by_secret(const struct plan *plan, const char *variable)
{
    for (size_t i = 0; i < plan->secret_count; i++)
        if (plan->secrets[i].source == SECRET_ENV &&
            environment_is(variable, plan->secrets[i].variable))
            return true;
    return false;
}

static bool is_set_by_plan(const struct plan *plan, const char *variable)
{
    for (size_t i = 0; i < plan->environment_count; i++)
        if (environment_is(variable, plan->environment[i].name))
            return true;
    return false;
}

static bool is_withheld(const struct plan *plan, const char *variable)
{
    static const char *const prefixes[] = {"INPUT_", "ACTIONS_ID_TOKEN_REQUEST_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return plan->builder == BUILDER_DOCKER && environment_is(variable, "DEPOT_TOKEN");
}

char **plan_environment(struct arena *arena, struct arena *vault, const struct plan *plan,
                        char *const *inherited)
{
    struct string_list environment = {0};
    for (char *const *variable = inherited; *variable != NULL; variable++)
        if (!is_set_by_plan(plan, *variable) &&
            (!is_withheld(plan, *variable) || is_named_by_secret(plan, *variable)))
            string_list_add(arena, &environment, *variable);
    for (size_t i = 0; i < plan->environment_count; i++) {
        const struct plan_variable *set = &plan->environment[i];
        string_list_add(arena, &environment,
                        arena_format(set->secret ? vault : arena, "%s=%s", set->name, set->value));
    }
    return environment.count > 0 ? environment.items : arena_allocate(arena, sizeof(char *));
}
