#include "run/step.h"

#include "github/commands.h"
#include "github/event.h"
#include "github/oidc.h"
#include "plan/list.h"
#include "system/clock.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/program.h"
#include "system/redaction.h"
#include "system/secret.h"

#include <string.h>

static bool is_secret(const char *variable)
{
    return input_is_secret(variable) || environment_is(variable, "DEPOT_TOKEN") ||
           environment_is(variable, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
}

/* What must not be shown from now on. An error about one input quotes it, and the quoted text may
 * hold a secret that another input, which is read later, declares. */
static void know_secret(struct arena *vault, const char *variable)
{
    struct string_list entries = {0};
    const char *value = strchr(variable, '=') + 1;
    redaction_add(value);
    if (!environment_is(variable, "INPUT_SECRETS"))
        return;
    list_parse(vault, LIST_UNTRIMMED, value, &entries, NULL);
    for (size_t i = 0; i < entries.count; i++) {
        const char *equals = strchr(entries.items[i], '=');
        redaction_add(equals != NULL ? equals + 1 : entries.items[i]);
    }
}

void step_start(struct step *step, char **environment)
{
    secret_start();
    *step = (struct step){
        .arena = ARENA_INIT,
        .vault = ARENA_SECRET_INIT,
        .began_at = clock_unix_time(),
        .began_ms = clock_now_ms(),
    };
    step->environment = environment_take(&step->arena, &step->vault, environment, is_secret);
    for (char **variable = step->environment; *variable != NULL; variable++)
        if (is_secret(*variable))
            know_secret(&step->vault, *variable);
}

/* The default, if it is not set or is not a boolean. */
static bool flag(char *const *environment, const char *name, bool by_default)
{
    const char *value = environment_get(environment, name);
    bool set = by_default;
    return value != NULL && go_bool_parse(value, &set) == 0 ? set : by_default;
}

static void read_run(char *const *environment, struct facts *facts)
{
    facts->event = environment_get_nonempty(environment, "GITHUB_EVENT_NAME");
    facts->actor = environment_get_nonempty(environment, "GITHUB_ACTOR");
    facts->ref = environment_get_nonempty(environment, "GITHUB_REF");
    facts->sha = environment_get_nonempty(environment, "GITHUB_SHA");
    facts->run_id = environment_get_nonempty(environment, "GITHUB_RUN_ID");
    facts->run_attempt = environment_get_nonempty(environment, "GITHUB_RUN_ATTEMPT");
    facts->project_variable = environment_get_nonempty(environment, "DEPOT_PROJECT_ID");
    facts->pull_request_head = flag(environment, "DOCKER_DEFAULT_GIT_CONTEXT_PR_HEAD_REF", false);
    facts->no_default_attestations = flag(environment, "BUILDX_NO_DEFAULT_ATTESTATIONS", false);
    facts->metadata_provenance =
        environment_get_nonempty(environment, "BUILDX_METADATA_PROVENANCE") != NULL;
    facts->check_annotations = flag(environment, "DOCKER_BUILD_CHECKS_ANNOTATIONS", true);
    facts->summary = flag(environment, "DOCKER_BUILD_SUMMARY", true);
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

static const char *server_url(struct arena *arena, char *const *environment)
{
    const char *url = environment_get_nonempty(environment, "GITHUB_SERVER_URL");
    char *copy = arena_copy(arena, url != NULL ? url : "https://github.com");
    for (size_t length = strlen(copy); length > 0 && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    return copy;
}

/* Forgejo's runner sets both, for actions that only know Gitea. */
static enum forge forge(char *const *environment)
{
    if (flag(environment, "FORGEJO_ACTIONS", false))
        return FORGE_FORGEJO;
    return flag(environment, "GITEA_ACTIONS", false) ? FORGE_GITEA : FORGE_GITHUB;
}

void step_read_run(struct step *step)
{
    struct event event;
    struct error problem = ERROR_INIT;
    struct facts *facts = &step->facts;
    const char *repository = environment_get_nonempty(step->environment, "GITHUB_REPOSITORY");
    if (event_read(&step->arena, step->environment, &event, &problem) != 0)
        command_warning("No event",
                        arena_format(&step->arena,
                                     "%s. This run is treated as a push to a private repository.",
                                     problem.message));
    facts->fork = event.fork;
    facts->private_repository = event.private_repository;
    facts->head_sha = event.head_sha;
    facts->repository = repository != NULL ? repository : event.repository;
    facts->server_url = server_url(&step->arena, step->environment);
    facts->forge = forge(step->environment);
    read_run(step->environment, facts);
}

int step_read(struct step *step, struct error *error)
{
    char *const *environment = step->environment;
    struct inputs *inputs = &step->inputs;
    if (inputs_read(&step->arena, &step->vault, environment, inputs, error) != 0)
        return -1;
    step_read_run(step);
    read_token(environment, inputs, &step->facts);
    step->facts.file_exists = file_exists;
    return 0;
}

enum builder step_builder(const struct step *step)
{
    return builder_choose(&step->inputs, &step->facts).builder;
}

const char *step_find_program(struct step *step, const char *name)
{
    return program_find(&step->arena, environment_get(step->environment, "PATH"), name);
}

bool step_says(struct step *step, const char *text)
{
    if (string_list_has(&step->said, text))
        return false;
    string_list_add(&step->arena, &step->said, text);
    return true;
}

void step_free(struct step *step)
{
    installation_end(&step->installation);
    redaction_forget();
    arena_free(&step->vault);
    arena_free(&step->arena);
}
