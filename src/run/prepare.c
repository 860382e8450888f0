#include "run/prepare.h"

#include "github/event.h"
#include "github/oidc.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/secret.h"

static bool is_secret(const char *variable)
{
    return input_is_secret(variable) || environment_is(variable, "DEPOT_TOKEN") ||
           environment_is(variable, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
}

void preparation_start(struct preparation *preparation, char **environment)
{
    secret_start();
    *preparation = (struct preparation){.arena = ARENA_INIT, .vault = ARENA_SECRET_INIT};
    preparation->environment =
        environment_take(&preparation->arena, &preparation->vault, environment, is_secret);
}

void preparation_free(struct preparation *preparation)
{
    arena_free(&preparation->vault);
    arena_free(&preparation->arena);
}

/* What is not set, or no boolean, is what it is by default. */
static bool flag(char *const *environment, const char *name, bool by_default)
{
    const char *value = environment_get(environment, name);
    bool set = by_default;
    return value != NULL && go_bool_parse(value, &set) == 0 ? set : by_default;
}

static void read_run(char *const *environment, struct facts *facts)
{
    facts->server_url = environment_get_nonempty(environment, "GITHUB_SERVER_URL");
    facts->repository = environment_get_nonempty(environment, "GITHUB_REPOSITORY");
    facts->ref = environment_get_nonempty(environment, "GITHUB_REF");
    facts->sha = environment_get_nonempty(environment, "GITHUB_SHA");
    facts->run_id = environment_get_nonempty(environment, "GITHUB_RUN_ID");
    facts->run_attempt = environment_get_nonempty(environment, "GITHUB_RUN_ATTEMPT");
    facts->project_variable = environment_get_nonempty(environment, "DEPOT_PROJECT_ID");
    facts->pull_request_head = flag(environment, "DOCKER_DEFAULT_GIT_CONTEXT_PR_HEAD_REF", false);
    facts->no_default_attestations = flag(environment, "BUILDX_NO_DEFAULT_ATTESTATIONS", false);
    facts->check_annotations = flag(environment, "DOCKER_BUILD_CHECKS_ANNOTATIONS", true);
    facts->actions_cache = environment_get_nonempty(environment, "ACTIONS_RUNTIME_TOKEN") != NULL;
}

static void read_token(char *const *environment, const struct inputs *inputs, struct facts *facts)
{
    const char *variable = environment_get_nonempty(environment, "DEPOT_TOKEN");
    if (inputs->token != NULL) {
        facts->token_source = TOKEN_INPUT;
        facts->token = inputs->token;
    } else if (variable != NULL) {
        facts->token_source = TOKEN_ENVIRONMENT;
        facts->token = variable;
    } else {
        facts->token_source = oidc_available(environment) ? TOKEN_OIDC : TOKEN_NONE;
    }
}

int preparation_read_run(struct preparation *preparation, struct error *error)
{
    struct event event;
    struct facts *facts = &preparation->facts;
    if (event_read(&preparation->arena, preparation->environment, &event, error) != 0)
        return -1;
    facts->fork = event.fork;
    facts->private_repository = event.private_repository;
    facts->head_sha = event.head_sha;
    read_run(preparation->environment, facts);
    return 0;
}

int preparation_read(struct preparation *preparation, struct error *error)
{
    char *const *environment = preparation->environment;
    struct inputs *inputs = &preparation->inputs;
    if (inputs_read(&preparation->arena, &preparation->vault, environment, inputs, error) != 0 ||
        preparation_read_run(preparation, error) != 0)
        return -1;
    read_token(environment, inputs, &preparation->facts);
    preparation->facts.file_exists = file_exists;
    return 0;
}
