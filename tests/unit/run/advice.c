#include "run/advice.h"

#include "unit.h"

static const struct advice_row {
    const char *name;
    const char *line;
    bool fork;
    bool push;
    const char *output;
    bool foreign_program;
    const char *advice; /* a part of it; NULL: there is none */
} ROWS[] = {
    {"a push that is denied", "failed to push a: denied: requested access is denied", true, true,
     .advice = "github.event_name != 'pull_request'"},
    {"a push that is unauthorized", "unauthorized: authentication required", true, true,
     .advice = "no credentials"},
    {"a push that is forbidden", "unexpected status: 403 Forbidden", true, true,
     .advice = "no credentials"},
    {"a push without a login", "no basic auth credentials", true, true, .advice = "no credentials"},
    {"a push by an output", "insufficient_scope: authorization failed", true, false,
     "type=image,push=true", .advice = "no credentials"},
    {"a push by an output, in another word", "denied", true, false, "type=image,push=1",
     .advice = "no credentials"},
    {"a push to a registry", "denied", true, false, "type=registry", .advice = "no credentials"},
    {"an output that is not pushed", "denied", true, false, "type=image,push=false"},
    {"no push", "permission denied", true, false},
    {"no fork", "denied", false, true},
    {"a push that failed otherwise", "no such host", true, true},
    {"a base image that is denied", "pull access denied, authorization failed", true, true},
    {"another architecture", "exit code: 1", false, false, .foreign_program = true,
     .advice = "setup-qemu-action"},
    {"something else", "exit code: 1", true, true},
};

TEST(gives_advice_on)
{
    const struct advice_row *row = *state;
    struct inputs inputs = {.push = row->push};
    if (row->output != NULL)
        string_list_add(&arena, &inputs.outputs, row->output);
    const struct facts facts = {.fork = row->fork};
    const struct advice advice =
        docker_advice(&arena, &inputs, &facts, row->foreign_program, row->line);
    assert_null(advice.example);
    if (row->advice == NULL)
        assert_null(advice.sentence);
    else
        assert_has(unit_shown(advice.sentence), row->advice);
}

static const struct registry_row {
    const char *name;
    const char *line;
    const char *step;
    bool push;
    const char *advice; /* a part of it; NULL: there is none */
} REGISTRIES[] = {
    {"no login", "failed to push a.example/b:1: no basic auth credentials", NULL, true,
     "no login for a.example that is allowed to push"},
    {"no login for a port", "failed to push localhost:5000/b:1: 401 Unauthorized", NULL, true,
     "for localhost:5000 that"},
    {"no login for Docker Hub", "failed to push acme/b:1: insufficient_scope: authorization failed",
     NULL, true, "for docker.io that"},
    {"no login for an official image", "failed to push b: denied", NULL, true,
     "for docker.io that"},
    {"a push of no name", "denied: requested access to the resource is denied", NULL, true,
     "no login for the registry"},
    {"no permission for packages",
     "failed to push ghcr.io/acme/b:1: unexpected status: 403 Forbidden", NULL, true,
     "packages: write"},
    {"no permission for packages, in other words",
     "failed to push ghcr.io/acme/b:1: denied: permission_denied: write_package", NULL, true,
     "packages: write"},
    {"a package that is not linked",
     "failed to push ghcr.io/acme/b:1: denied: installation not allowed to Write organization "
     "package",
     NULL, true, "add the repository with the role `Write`"},
    {"no login for packages", "failed to push ghcr.io/acme/b:1: unauthorized: unauthenticated",
     NULL, true, "no login for ghcr.io"},
    {"a cache", "failed to solve: error writing layer blob: 503", "exporting cache", true,
     "ignore-error=true"},
    {"a cache's step", "failed to solve: denied", "exporting to GitHub Actions Cache", true,
     "ignore-error=true"},
    {"Docker Hub's limit",
     "429 Too Many Requests: toomanyrequests: You have reached your pull rate limit", NULL, false,
     "Docker Hub"},
    {"no push", "denied", NULL, false, NULL},
    {"a base image", "a: pull access denied, authorization failed", NULL, true, NULL},
    {"something else", "exit code: 1", "[1/2] RUN a", true, NULL},
};

TEST(gives_advice_on_registries)
{
    const struct registry_row *row = *state;
    const struct inputs inputs = {.push = row->push};
    const struct advice advice = registry_advice(&arena, &inputs, row->line, row->step);
    if (row->advice == NULL)
        assert_null(advice.sentence);
    else
        assert_has(unit_shown(advice.sentence), row->advice);
}

enum { NOW = 1800000000 }; /* 2027-01-15 08:00 UTC */

static const struct depot_row {
    const char *name;
    const char *line;
    struct facts facts;
    struct inputs inputs;
    const char *problem;
    const char *advice; /* a part of it; NULL: there is none */
    bool example;
} DEPOT_ROWS[] = {
    {"no token",
     "missing API token, please run `depot login`",
     {.token_source = TOKEN_NONE},
     .advice = "`id-token: write`",
     .example = true},
    {"no token on Forgejo",
     "missing API token",
     {.token_source = TOKEN_NONE, .forge = FORGE_FORGEJO},
     .advice = "add `enable-openid-connect: true`",
     .example = true},
    {"no token on Gitea",
     "missing API token",
     {.token_source = TOKEN_NONE, .forge = FORGE_GITEA},
     .advice = "no Depot token: set the input `token`"},
    {"no token of Dependabot's",
     "missing API token",
     {.token_source = TOKEN_NONE, .event = "push", .actor = "dependabot[bot]"},
     .advice = "add DEPOT_TOKEN to the Dependabot secrets"},
    {"no token of a fork",
     "missing API token",
     {.token_source = TOKEN_NONE, .fork = true},
     .advice = "`id-token: write` cannot change that"},
    {"an identity that gave no token",
     "missing API token",
     {.token_source = TOKEN_NONE},
     .problem = "Depot refused it",
     .advice = "Depot refused it"},
    {"a token of the input",
     "unauthenticated: Invalid token",
     {.token_source = TOKEN_INPUT, .token = "depot_x"},
     .advice = "the input `token`: it may belong to"},
    {"a token of the variable",
     "Error: unauthenticated",
     {.token_source = TOKEN_ENVIRONMENT, .token = "a.b.c"},
     .advice = "DEPOT_TOKEN: it may belong to"},
    {"a token of the exchange",
     "unauthenticated",
     {.token_source = TOKEN_OIDC, .token = "x"},
     .advice = "trust relationship belongs to this project"},
    {"a token of the challenge",
     "unauthenticated",
     {.token_source = TOKEN_CHALLENGE, .token = "x"},
     .advice = "service for open source"},
    /* {"exp":1799999940} and {"exp":1800000060} */
    {"a token that has expired",
     "unauthenticated",
     {.token_source = TOKEN_INPUT, .token = "e30.eyJleHAiOjE3OTk5OTk5NDB9.c2ln"},
     .advice = "the input `token`: it expired on 2027-01-15 07:59 UTC"},
    {"a token that has not",
     "unauthenticated",
     {.token_source = TOKEN_INPUT, .token = "e30.eyJleHAiOjE4MDAwMDAwNjB9.c2ln"},
     .advice = "revoked or expired"},
    {"no project", "no project ID specified. Please provide a project ID",
     .advice = "the input `project` or the variable DEPOT_PROJECT_ID, or commit the depot.json"},
    {"no project, and where it was looked for",
     "error retrieving projects: permission_denied: Not authorized",
     .inputs = {.context = "app", .file = "docker/Dockerfile"},
     .advice = "in `/work`, in the context `app`, next to `docker/Dockerfile`, or in the "
               "directories above"},
    {"a project that is not there", "error retrieving projects: permission_denied",
     .inputs = {.project = "abc"}, .advice = "no project `abc`"},
    {"a project of the variable",
     "unknown project ID",
     {.project_variable = "def"},
     .advice = "check DEPOT_PROJECT_ID"},
    {"a clock", "x509: certificate has expired or is not yet valid: current time",
     .advice = "clock says 2027-01-15 08:00 UTC"},
    {"a certificate",
     "tls: failed to verify certificate: x509: certificate signed by unknown authority",
     .advice = "SSL_CERT_FILE"},
    {"a proxy", "proxyconnect tcp: dial tcp: lookup proxy: no such host", .advice = "HTTPS_PROXY"},
    {"something else", "process did not complete successfully: exit code: 1"},
};

TEST(gives_advice_on_depot)
{
    const struct depot_row *row = *state;
    const struct circumstances circumstances = {
        .now = NOW, .directory = "/work", .token_problem = row->problem};
    const struct advice advice =
        depot_advice(&arena, &row->inputs, &row->facts, &circumstances, row->line);
    assert_int_equal(advice.example != NULL, row->example);
    if (row->advice == NULL)
        assert_null(advice.sentence);
    else
        assert_has(unit_shown(advice.sentence), row->advice);
}

int main(void)
{
    UNIT_ROWS(gives_advice_on, ROWS);
    UNIT_ROWS(gives_advice_on_registries, REGISTRIES);
    UNIT_ROWS(gives_advice_on_depot, DEPOT_ROWS);
    return unit_run("run/advice");
}
