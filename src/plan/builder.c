#include "plan/builder.h"

#include <string.h>
#include <strings.h>

bool builder_may_be_missing(const struct inputs *inputs, const struct facts *facts)
{
    return inputs->buildx_fallback || facts->token_source == TOKEN_CHALLENGE;
}

const char *builder_name(enum builder builder)
{
    return builder == BUILDER_DEPOT ? "depot" : "docker";
}

static struct builder_choice choice(enum builder builder, const char *reason)
{
    return (struct builder_choice){.builder = builder, .reason = reason};
}

/* GitHub: Dependabot on GitHub Actions, events that run without the repository's secrets. */
static bool is_of_dependabot(const struct facts *facts)
{
    static const char *const events[] = {
        "pull_request", "pull_request_review", "pull_request_review_comment", "push", "create",
        "deployment",   "deployment_status"};
    if (facts->actor == NULL || strcmp(facts->actor, "dependabot[bot]") != 0)
        return false;
    for (size_t i = 0; facts->event != NULL && i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(facts->event, events[i]) == 0)
            return true;
    return false;
}

bool run_is_restricted(const struct facts *facts)
{
    return facts->fork || (facts->token_source == TOKEN_NONE && is_of_dependabot(facts));
}

bool challenge_is_open(const struct facts *facts)
{
    return facts->fork && !facts->private_repository && !facts->challenge_failed &&
           facts->event != NULL && strcmp(facts->event, "pull_request") == 0 &&
           facts->server_url != NULL && strcasecmp(facts->server_url, "https://github.com") == 0;
}

static struct builder_choice choose_for_fork(const struct inputs *inputs, const struct facts *facts)
{
    if (inputs->fork_builder == FORK_BUILDER_DEPOT)
        return choice(BUILDER_DEPOT, "The pull request comes from a fork, which has no Depot "
                                     "token, but `fork-builder: depot` asks for Depot.");
    if (facts->private_repository)
        return choice(BUILDER_DOCKER, "The pull request comes from a fork of a private "
                                      "repository, which gets neither secrets nor an OIDC token: "
                                      "docker builds on this runner.");
    if (facts->challenge_failed)
        return choice(BUILDER_DOCKER, "The pull request comes from a fork, which gets neither "
                                      "secrets nor an OIDC token, and Depot's service for open "
                                      "source gave none: docker builds on this runner.");
    if (!challenge_is_open(facts))
        return choice(BUILDER_DOCKER, "The pull request comes from a fork, which gets neither "
                                      "secrets nor an OIDC token: docker builds on this runner.");
    struct builder_choice asked =
        choice(BUILDER_DOCKER, "The pull request comes from a fork, which gets neither secrets "
                               "nor an OIDC token: unless Depot's service for open source gives a "
                               "token, docker builds on this runner.");
    asked.challenge = true;
    return asked;
}

static struct builder_choice choose_for_dependabot(const struct inputs *inputs,
                                                   const struct facts *facts)
{
    if (inputs->fork_builder == FORK_BUILDER_DEPOT)
        return choice(BUILDER_DEPOT, "Dependabot started this run, which has no Depot token, but "
                                     "`fork-builder: depot` asks for Depot.");
    return facts->identity_refused
               ? choice(BUILDER_DOCKER,
                        "Dependabot started this run, whose OIDC identity could not be exchanged "
                        "for a token: docker builds on this runner. For Depot, add DEPOT_TOKEN to "
                        "the Dependabot secrets.")
               : choice(BUILDER_DOCKER,
                        "Dependabot started this run, which does not get the repository's "
                        "secrets: docker builds on this runner. For Depot, add DEPOT_TOKEN to the "
                        "Dependabot secrets.");
}

struct builder_choice builder_choose(const struct inputs *inputs, const struct facts *facts)
{
    if (inputs->call != NULL)
        return choice(BUILDER_DOCKER, "The input `call` is set, which only docker buildx supports: "
                                      "docker builds on this runner.");
    if (run_is_restricted(facts) && inputs->fork_builder == FORK_BUILDER_DOCKER)
        return facts->fork ? choice(BUILDER_DOCKER,
                                    "The pull request comes from a fork, and `fork-builder: "
                                    "docker` asks for docker: it builds on this runner.")
                           : choice(BUILDER_DOCKER,
                                    "Dependabot started this run, which has no Depot token, and "
                                    "`fork-builder: docker` asks for docker: it builds on this "
                                    "runner.");
    if (facts->depot_failure != NULL)
        return facts->token_source == TOKEN_CHALLENGE
                   ? choice(BUILDER_DOCKER,
                            "No Depot builder was available for the pull request, which comes from "
                            "a fork: docker builds on this runner.")
                   : choice(BUILDER_DOCKER,
                            "No Depot builder was available, and `buildx-fallback: true` asks for "
                            "docker in that case: it builds on this runner.");
    switch (facts->token_source) {
    case TOKEN_INPUT:
        return choice(BUILDER_DEPOT, "Depot builds, with the token of the input `token`.");
    case TOKEN_ENVIRONMENT:
        return choice(BUILDER_DEPOT, "Depot builds, with the token of DEPOT_TOKEN.");
    case TOKEN_OIDC:
        return choice(BUILDER_DEPOT,
                      "Depot builds, with a short-lived token for the job's OIDC identity.");
    case TOKEN_CHALLENGE:
        return choice(BUILDER_DEPOT,
                      "Depot builds, with a short-lived token of its service for open source.");
    case TOKEN_NONE:
        break;
    }
    if (run_is_restricted(facts))
        return facts->fork ? choose_for_fork(inputs, facts) : choose_for_dependabot(inputs, facts);
    return facts->identity_refused
               ? choice(BUILDER_DEPOT, "Depot builds, with the CLI's own credentials: the job's "
                                       "OIDC identity could not be exchanged for a token.")
               : choice(BUILDER_DEPOT, "Depot builds, with the CLI's own credentials: the job has "
                                       "no `token`, no DEPOT_TOKEN and no OIDC identity.");
}
