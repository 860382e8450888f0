#include "plan/builder.h"

#include "plan/example.h"
#include "unit.h"

/* The table of docs/inputs.md, Who builds. */
static const struct builder_row {
    const char *name;
    enum token_source token;
    bool fork;
    bool private_repository;
    const char *settings[2];
    bool challenge_failed;
    const char *depot_failure;
    enum builder builder;
    const char *reason; /* a part of it */
    bool challenge;
    const char *event; /* NULL: a push, or a fork's pull request */
    const char *actor;
    const char *server_url;
    bool identity_refused;
} ROWS[] = {
    {"the input's token", TOKEN_INPUT, .builder = BUILDER_DEPOT, .reason = "`token`"},
    {"the environment's token", TOKEN_ENVIRONMENT, .builder = BUILDER_DEPOT,
     .reason = "DEPOT_TOKEN"},
    {"a token for the job's identity", TOKEN_OIDC, .builder = BUILDER_DEPOT, .reason = "OIDC"},
    {"a fork with a token", TOKEN_INPUT, .fork = true, .builder = BUILDER_DEPOT,
     .reason = "`token`"},
    {"a private fork with a token", TOKEN_ENVIRONMENT, .fork = true, .private_repository = true,
     .builder = BUILDER_DEPOT, .reason = "DEPOT_TOKEN"},
    {"a private fork without a token", TOKEN_NONE, .fork = true, .private_repository = true,
     .builder = BUILDER_DOCKER, .reason = "fork of a private repository"},
    {"a private fork that asks for auto", TOKEN_NONE, .fork = true, .private_repository = true,
     .settings = {"fork-builder=auto"}, .builder = BUILDER_DOCKER, .reason = "fork"},
    {"a public fork without a token", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "unless Depot's service for open source gives a token", .challenge = true},
    {"a public fork with a token of the challenge", TOKEN_CHALLENGE, .fork = true,
     .builder = BUILDER_DEPOT, .reason = "service for open source"},
    {"a public fork that the challenge gave none", TOKEN_NONE, .fork = true,
     .challenge_failed = true, .builder = BUILDER_DOCKER, .reason = "gave none"},
    {"a token of the challenge, and Depot has failed", TOKEN_CHALLENGE, .fork = true,
     .depot_failure = "unauthenticated", .builder = BUILDER_DOCKER, .reason = "from a fork"},
    {"a public fork that asks for docker", TOKEN_NONE, .fork = true,
     .settings = {"fork-builder=docker"}, .builder = BUILDER_DOCKER,
     .reason = "`fork-builder: docker`"},
    {"a private fork that asks for docker", TOKEN_NONE, .fork = true, .private_repository = true,
     .settings = {"fork-builder=docker"}, .builder = BUILDER_DOCKER,
     .reason = "`fork-builder: docker`"},
    {"a fork with a token that asks for docker", TOKEN_INPUT, .fork = true,
     .settings = {"fork-builder=docker"}, .builder = BUILDER_DOCKER,
     .reason = "`fork-builder: docker`"},
    {"a public fork that asks for depot", TOKEN_NONE, .fork = true,
     .settings = {"fork-builder=depot"}, .builder = BUILDER_DEPOT,
     .reason = "`fork-builder: depot`"},
    {"a private fork that asks for depot", TOKEN_NONE, .fork = true, .private_repository = true,
     .settings = {"fork-builder=depot"}, .builder = BUILDER_DEPOT,
     .reason = "`fork-builder: depot`"},
    {"no fork and no token", TOKEN_NONE, .builder = BUILDER_DEPOT,
     .reason = "the CLI's own credentials"},
    {"no fork and no token in a private repository", TOKEN_NONE, .private_repository = true,
     .builder = BUILDER_DEPOT, .reason = "the CLI's own credentials"},
    {"no fork that asks docker for forks", TOKEN_NONE, .settings = {"fork-builder=docker"},
     .builder = BUILDER_DEPOT, .reason = "the CLI's own credentials"},
    {"no fork with a token that asks docker for forks", TOKEN_INPUT,
     .settings = {"fork-builder=docker"}, .builder = BUILDER_DEPOT, .reason = "`token`"},
    {"call with a token", TOKEN_INPUT, .settings = {"call=check"}, .builder = BUILDER_DOCKER,
     .reason = "`call`"},
    {"call without a token", TOKEN_NONE, .settings = {"call=check"}, .builder = BUILDER_DOCKER,
     .reason = "`call`"},
    {"a token, and Depot has failed", TOKEN_INPUT, .settings = {"buildx-fallback=true"},
     .depot_failure = "unavailable", .builder = BUILDER_DOCKER,
     .reason = "`buildx-fallback: true`"},
    {"no token, and Depot has failed", TOKEN_NONE, .settings = {"buildx-fallback=true"},
     .depot_failure = "missing API token", .builder = BUILDER_DOCKER,
     .reason = "`buildx-fallback: true`"},
    {"a fork that asks for depot, and Depot has failed", TOKEN_NONE, .fork = true,
     .settings = {"buildx-fallback=true", "fork-builder=depot"}, .depot_failure = "unavailable",
     .builder = BUILDER_DOCKER, .reason = "`buildx-fallback: true`"},
    {"buildx-fallback while Depot has not failed", TOKEN_INPUT,
     .settings = {"buildx-fallback=true"}, .builder = BUILDER_DEPOT, .reason = "`token`"},
    {"a review of a public fork", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .event = "pull_request_review"},
    {"a comment of a review of a public fork", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .event = "pull_request_review_comment"},
    {"a review of a fork that asks for depot", TOKEN_NONE, .fork = true,
     .settings = {"fork-builder=depot"}, .builder = BUILDER_DEPOT,
     .reason = "`fork-builder: depot`", .event = "pull_request_review"},
    {"a review of a fork with a token", TOKEN_INPUT, .fork = true, .builder = BUILDER_DEPOT,
     .reason = "`token`", .event = "pull_request_review"},
    {"a public fork on another server", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .server_url = "https://git.example.com"},
    {"a public fork on a server with a similar name", TOKEN_NONE, .fork = true,
     .builder = BUILDER_DOCKER, .reason = "from a fork",
     .server_url = "https://github.com.example.com"},
    {"a public fork in an enterprise's cloud", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .server_url = "https://octo.ghe.com"},
    {"a public fork on GitHub in another case", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .challenge = true, .server_url = "https://GitHub.com"},

    {"Dependabot's pull request", TOKEN_NONE, .builder = BUILDER_DOCKER,
     .reason = "add DEPOT_TOKEN to the Dependabot secrets", .event = "pull_request",
     .actor = "dependabot[bot]"},
    {"Dependabot's push", TOKEN_NONE, .private_repository = true, .builder = BUILDER_DOCKER,
     .reason = "Dependabot secrets", .event = "push", .actor = "dependabot[bot]"},
    {"Dependabot's branch", TOKEN_NONE, .builder = BUILDER_DOCKER, .reason = "Dependabot secrets",
     .event = "create", .actor = "dependabot[bot]"},
    {"Dependabot's deployment", TOKEN_NONE, .builder = BUILDER_DOCKER,
     .reason = "Dependabot secrets", .event = "deployment_status", .actor = "dependabot[bot]"},
    {"a review of Dependabot's", TOKEN_NONE, .builder = BUILDER_DOCKER,
     .reason = "Dependabot secrets", .event = "pull_request_review", .actor = "dependabot[bot]"},
    {"an event of Dependabot's that has secrets", TOKEN_NONE, .builder = BUILDER_DEPOT,
     .reason = "credentials", .event = "pull_request_target", .actor = "dependabot[bot]"},
    {"a run of Dependabot's by hand", TOKEN_NONE, .builder = BUILDER_DEPOT, .reason = "credentials",
     .event = "workflow_dispatch", .actor = "dependabot[bot]"},
    {"a person named like Dependabot", TOKEN_NONE, .builder = BUILDER_DEPOT,
     .reason = "credentials", .event = "pull_request", .actor = "dependabot"},
    {"Dependabot with a token", TOKEN_INPUT, .settings = {"fork-builder=docker"},
     .builder = BUILDER_DEPOT, .reason = "`token`", .event = "pull_request",
     .actor = "dependabot[bot]"},
    {"Dependabot with a token of its secrets", TOKEN_ENVIRONMENT,
     .settings = {"fork-builder=docker"}, .builder = BUILDER_DEPOT, .reason = "DEPOT_TOKEN",
     .event = "push", .actor = "dependabot[bot]"},
    {"Dependabot with an identity", TOKEN_OIDC, .settings = {"fork-builder=docker"},
     .builder = BUILDER_DEPOT, .reason = "OIDC", .event = "pull_request",
     .actor = "dependabot[bot]"},
    {"Dependabot with an identity that is refused", TOKEN_NONE, .builder = BUILDER_DOCKER,
     .reason = "could not be exchanged", .event = "pull_request", .actor = "dependabot[bot]",
     .identity_refused = true},
    {"Dependabot that asks for depot", TOKEN_NONE, .settings = {"fork-builder=depot"},
     .builder = BUILDER_DEPOT, .reason = "`fork-builder: depot`", .event = "pull_request",
     .actor = "dependabot[bot]"},
    {"Dependabot that asks for docker", TOKEN_NONE, .settings = {"fork-builder=docker"},
     .builder = BUILDER_DOCKER, .reason = "`fork-builder: docker`", .event = "pull_request",
     .actor = "dependabot[bot]"},
    {"Dependabot in a public repository is not challenged", TOKEN_NONE, .builder = BUILDER_DOCKER,
     .reason = "Dependabot", .event = "pull_request", .actor = "dependabot[bot]"},
    {"Dependabot in a fork", TOKEN_NONE, .fork = true, .builder = BUILDER_DOCKER,
     .reason = "from a fork", .challenge = true, .actor = "dependabot[bot]"},
    {"call on a fork that asks for depot", TOKEN_NONE, .fork = true,
     .settings = {"call=check", "fork-builder=depot"}, .builder = BUILDER_DOCKER,
     .reason = "`call`"},
};

static struct builder_choice choice_of(const struct builder_row *row)
{
    struct facts facts = example_facts();
    facts.token_source = row->token;
    facts.token = NULL;
    facts.fork = row->fork;
    facts.challenge_failed = row->challenge_failed;
    facts.depot_failure = row->depot_failure;
    facts.private_repository = row->private_repository;
    facts.identity_refused = row->identity_refused;
    facts.event = row->event != NULL ? row->event : row->fork ? "pull_request" : "push";
    if (row->actor != NULL)
        facts.actor = row->actor;
    if (row->server_url != NULL)
        facts.server_url = row->server_url;
    struct inputs inputs = INPUTS_OF(row->settings[0], row->settings[1]);
    return builder_choose(&inputs, &facts);
}

TEST(chooses_the_builder)
{
    const struct builder_row *row = *state;
    struct builder_choice choice = choice_of(row);
    assert_text(builder_name(choice.builder), builder_name(row->builder));
    assert_has(choice.reason, row->reason);
    assert_int_equal(choice.challenge, row->challenge);
}

TEST(gives_a_sentence_as_the_reason)
{
    const char *reason = choice_of(*state).reason;
    assert_int_equal(reason[strlen(reason) - 1], '.');
    assert_has_not(reason, "\n");
}

TEST(tells_a_refused_identity_from_a_missing_one)
{
    struct facts facts = example_facts();
    facts.token_source = TOKEN_NONE;
    facts.token = NULL;
    facts.identity_refused = true;
    struct inputs inputs = INPUTS_OF(NULL);
    struct builder_choice choice = builder_choose(&inputs, &facts);
    assert_int_equal(choice.builder, BUILDER_DEPOT);
    assert_has(choice.reason, "could not be exchanged");
    assert_has_not(choice.reason, "id-token");
}

static const struct missing_row {
    const char *name;
    enum token_source token;
    const char *setting;
    bool may_be_missing;
} MISSING[] = {
    {"a token", TOKEN_INPUT, NULL, false},
    {"no token", TOKEN_NONE, NULL, false},
    {"a token, and a fallback", TOKEN_INPUT, "buildx-fallback=true", true},
    {"a token of the challenge", TOKEN_CHALLENGE, NULL, true},
};

TEST(knows_whether_docker_builds_where_depot_cannot)
{
    const struct missing_row *row = *state;
    struct facts facts = example_facts();
    facts.token_source = row->token;
    struct inputs inputs = INPUTS_OF(row->setting);
    assert_int_equal(builder_may_be_missing(&inputs, &facts), row->may_be_missing);
}

static const struct restricted_row {
    const char *name;
    struct facts facts;
    bool restricted;
} RESTRICTED[] = {
    {"a push", {.event = "push", .actor = "octocat", .token_source = TOKEN_NONE}, false},
    {"a fork", {.fork = true, .event = "pull_request", .token_source = TOKEN_NONE}, true},
    {"a fork with a token of the challenge", {.fork = true, .token_source = TOKEN_CHALLENGE}, true},
    {"Dependabot", {.event = "push", .actor = "dependabot[bot]", .token_source = TOKEN_NONE}, true},
    {"Dependabot with a token",
     {.event = "push", .actor = "dependabot[bot]", .token_source = TOKEN_INPUT},
     false},
    {"Dependabot and nothing else known",
     {.actor = "dependabot[bot]", .token_source = TOKEN_NONE},
     false},
    {"nothing known", {.token_source = TOKEN_NONE}, false},
};

TEST(a_run_is_restricted)
{
    const struct restricted_row *row = *state;
    assert_int_equal(run_is_restricted(&row->facts), row->restricted);
}

TEST(names_the_builders)
{
    assert_text(builder_name(BUILDER_DEPOT), "depot");
    assert_text(builder_name(BUILDER_DOCKER), "docker");
}

int main(void)
{
    UNIT_ROWS(chooses_the_builder, ROWS);
    UNIT_ROWS(gives_a_sentence_as_the_reason, ROWS);
    UNIT_TEST(tells_a_refused_identity_from_a_missing_one);
    UNIT_ROWS(knows_whether_docker_builds_where_depot_cannot, MISSING);
    UNIT_ROWS(a_run_is_restricted, RESTRICTED);
    UNIT_TEST(names_the_builders);
    return unit_run("plan/builder");
}
