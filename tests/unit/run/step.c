#include "run/step.h"

#include "unit.h"

/* Prepares a step with these variables and a push as the event. The step wipes the strings. */
static int prepare(struct step *step, const char *const *settings, struct error *error)
{
    const char *path = unit_path("event.json");
    unit_write(path, "{\"repository\":{\"full_name\":\"octo/app\",\"private\":true},"
                     "\"pull_request\":{\"head\":{\"sha\":\"def\"}}}");
    struct string_list variables = {0};
    string_list_add(&arena, &variables, arena_format(&arena, "GITHUB_EVENT_PATH=%s", path));
    for (; *settings != NULL; settings++)
        string_list_add(&arena, &variables, arena_copy(&arena, *settings));
    step_start(step, variables.items);
    return step_read(step, error);
}

#define SETTINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct token_row {
    const char *name;
    const char *settings[4];
    enum token_source source;
    const char *token;
} TOKENS[] = {
    {"the input",
     {"INPUT_TOKEN=a", "DEPOT_TOKEN=b", "ACTIONS_ID_TOKEN_REQUEST_URL=u",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"},
     TOKEN_INPUT,
     "a"},
    {"the environment",
     {"DEPOT_TOKEN=b", "ACTIONS_ID_TOKEN_REQUEST_URL=u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"},
     TOKEN_ENVIRONMENT,
     "b"},
    {"the environment where the input is empty",
     {"INPUT_TOKEN= ", "DEPOT_TOKEN=b"},
     TOKEN_ENVIRONMENT,
     "b"},
    {"the job's identity",
     {"ACTIONS_ID_TOKEN_REQUEST_URL=u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"},
     TOKEN_OIDC,
     NULL},
    {"the job's identity where the others are empty",
     {"INPUT_TOKEN=", "DEPOT_TOKEN=", "ACTIONS_ID_TOKEN_REQUEST_URL=u",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"},
     TOKEN_OIDC,
     NULL},
    {"none with a URL only", {"ACTIONS_ID_TOKEN_REQUEST_URL=u"}, TOKEN_NONE, NULL},
    {"none with a request token only", {"ACTIONS_ID_TOKEN_REQUEST_TOKEN=t"}, TOKEN_NONE, NULL},
    {"none with empty variables",
     {"ACTIONS_ID_TOKEN_REQUEST_URL=", "ACTIONS_ID_TOKEN_REQUEST_TOKEN="},
     TOKEN_NONE,
     NULL},
    {"none", {NULL}, TOKEN_NONE, NULL},
};

TEST(takes_the_token_of)
{
    const struct token_row *row = *state;
    struct step step;
    struct error error = ERROR_INIT;
    const char *settings[COUNT(row->settings) + 1] = {NULL};
    memcpy(settings, row->settings, sizeof(row->settings));
    assert_int_equal(prepare(&step, settings, &error), 0);
    assert_int_equal(step.facts.token_source, row->source);
    assert_text(step.facts.token, row->token);
    if (row->token != NULL)
        assert_true(unit_is_secret_memory(step.facts.token));
    step_free(&step);
}

static const struct flag_row {
    const char *name; /* the value */
    bool set;
} FLAGS[] = {
    {"true", true}, {"1", true},    {"TRUE", true}, {"false", false},
    {"0", false},   {"yes", false}, {"", false},
};

TEST(reads_a_setting_of)
{
    const struct flag_row *row = *state;
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(
        prepare(
            &step,
            SETTINGS(arena_format(&arena, "DOCKER_DEFAULT_GIT_CONTEXT_PR_HEAD_REF=%s", row->name),
                     arena_format(&arena, "BUILDX_NO_DEFAULT_ATTESTATIONS=%s", row->name)),
            &error),
        0);
    assert_int_equal(step.facts.pull_request_head, row->set);
    assert_int_equal(step.facts.no_default_attestations, row->set);
    step_free(&step);
}

TEST(knows_the_run)
{
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(
        prepare(&step,
                SETTINGS("GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=octo/app",
                         "GITHUB_REF=refs/heads/main", "GITHUB_SHA=abc", "GITHUB_RUN_ID=42",
                         "GITHUB_RUN_ATTEMPT=3", "ACTIONS_RUNTIME_TOKEN=r"),
                &error),
        0);
    const struct facts *facts = &step.facts;
    assert_text(facts->server_url, "https://github.com");
    assert_text(facts->repository, "octo/app");
    assert_text(facts->ref, "refs/heads/main");
    assert_text(facts->sha, "abc");
    assert_text(facts->run_id, "42");
    assert_text(facts->run_attempt, "3");
    assert_true(facts->actions_cache);
    assert_true(facts->private_repository);
    assert_false(facts->fork);
    assert_text(facts->head_sha, "def");
    assert_null(facts->private_directory);
    assert_true(facts->file_exists("/"));
    assert_false(facts->file_exists("/not/there"));
    step_free(&step);
}

TEST(assumes_what_is_usual_where_the_runner_says_nothing)
{
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(prepare(&step,
                             SETTINGS("GITHUB_SERVER_URL=", "GITHUB_REPOSITORY=", "GITHUB_REF=",
                                      "GITHUB_SHA=", "GITHUB_RUN_ID=", "ACTIONS_RUNTIME_TOKEN="),
                             &error),
                     0);
    const struct facts *facts = &step.facts;
    assert_text(facts->server_url, "https://github.com");
    assert_text(facts->repository, "octo/app");
    assert_null(facts->ref);
    assert_null(facts->sha);
    assert_null(facts->run_id);
    assert_null(facts->run_attempt);
    assert_false(facts->actions_cache);
    step_free(&step);
}

TEST(knows_a_fork)
{
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(prepare(&step, SETTINGS("GITHUB_EVENT_NAME=pull_request"), &error), 0);
    assert_true(step.facts.fork);
    step_free(&step);
}

static const struct secret_row {
    const char *name; /* the variable */
    bool secret;
} SECRETS[] = {
    {"INPUT_TOKEN=hidden", true},
    {"INPUT_GITHUB_TOKEN=hidden", true},
    {"INPUT_SECRETS=A=hidden", true},
    {"DEPOT_TOKEN=hidden", true},
    {"ACTIONS_ID_TOKEN_REQUEST_TOKEN=hidden", true},
    {"ACTIONS_ID_TOKEN_REQUEST_URL=u", false},
    {"DEPOT_TOKENS=a", false},
    {"INPUT_TAGS=a", false},
    {"PATH=/bin", false},
};

TEST(moves_secrets_out_of_the_environment)
{
    const struct secret_row *row = *state;
    struct step step;
    char *original = arena_copy(&arena, row->name);
    step_start(&step, STRINGS(original));
    assert_text(step.environment[0], row->name);
    assert_int_equal(unit_is_secret_memory(step.environment[0]), row->secret);
    assert_text(original, row->secret ? "" : row->name);
    step_free(&step);
}

TEST(fails_on_a_bad_input)
{
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(prepare(&step, SETTINGS("INPUT_PUSH=maybe"), &error), -1);
    assert_has(error.message, "`push`");
    step_free(&step);
}

TEST(takes_a_run_without_an_event_for_a_push_to_a_private_repository)
{
    struct step step;
    struct error error = ERROR_INIT;
    step_start(&step, STRINGS("GITHUB_REPOSITORY=octo/app"));
    assert_int_equal(step_read(&step, &error), 0);
    assert_false(step.facts.fork);
    assert_true(step.facts.private_repository);
    assert_text(step.facts.repository, "octo/app");
    step_free(&step);
}

static const struct server_row {
    const char *name; /* the variable */
    const char *server_url;
} SERVERS[] = {
    {"https://github.com", "https://github.com"},
    {"https://github.com/", "https://github.com"},
    {"https://git.example.com/a//", "https://git.example.com/a"},
    {"", "https://github.com"},
};

TEST(knows_the_server)
{
    const struct server_row *row = *state;
    struct step step;
    struct error error = ERROR_INIT;
    const char *variable = arena_format(&arena, "GITHUB_SERVER_URL=%s", row->name);
    assert_int_equal(prepare(&step, SETTINGS(variable), &error), 0);
    assert_text(step.facts.server_url, row->server_url);
    step_free(&step);
}

static const struct forge_row {
    const char *name;
    const char *forgejo;
    const char *gitea;
    enum forge forge;
} FORGES[] = {
    {"GitHub", "FORGEJO_ACTIONS=", "GITEA_ACTIONS=", FORGE_GITHUB},
    {"Forgejo", "FORGEJO_ACTIONS=true", "GITEA_ACTIONS=true", FORGE_FORGEJO},
    {"Forgejo alone", "FORGEJO_ACTIONS=true", "GITEA_ACTIONS=", FORGE_FORGEJO},
    {"Gitea", "FORGEJO_ACTIONS=", "GITEA_ACTIONS=true", FORGE_GITEA},
    {"neither", "FORGEJO_ACTIONS=false", "GITEA_ACTIONS=false", FORGE_GITHUB},
};

TEST(knows_the_forge)
{
    const struct forge_row *row = *state;
    struct step step;
    struct error error = ERROR_INIT;
    assert_int_equal(prepare(&step, SETTINGS(row->forgejo, row->gitea), &error), 0);
    assert_int_equal(step.facts.forge, row->forge);
    step_free(&step);
}

int main(void)
{
    UNIT_ROWS(takes_the_token_of, TOKENS);
    UNIT_ROWS(reads_a_setting_of, FLAGS);
    UNIT_TEST(knows_the_run);
    UNIT_TEST(assumes_what_is_usual_where_the_runner_says_nothing);
    UNIT_TEST(knows_a_fork);
    UNIT_ROWS(moves_secrets_out_of_the_environment, SECRETS);
    UNIT_TEST(fails_on_a_bad_input);
    UNIT_TEST(takes_a_run_without_an_event_for_a_push_to_a_private_repository);
    UNIT_ROWS(knows_the_server, SERVERS);
    UNIT_ROWS(knows_the_forge, FORGES);
    return unit_run("run/step");
}
