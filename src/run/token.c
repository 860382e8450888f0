#include "run/token.h"

#include "depot/challenge.h"
#include "depot/exchange.h"
#include "github/claims.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "plan/plan.h"
#include "system/clock.h"
#include "system/http.h"
#include "system/process.h"
#include "system/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_claims(struct arena *arena, const char *identity)
{
    const char *claims = claims_describe(arena, identity);
    if (claims != NULL)
        command_group("Claims of the job's OIDC token", claims);
}

/* If a clock is wrong, a service that compares times refuses the token. */
static void tell_skew(struct arena *arena, const char *identity, struct error *error)
{
    enum { TOLERANCE_S = 60 };
    const long long issued = claims_moment(arena, identity, "iat");
    const long long skew = clock_unix_time() - issued;
    if (issued < 0 || llabs(skew) <= TOLERANCE_S)
        return;
    const char *message = arena_copy(arena, error->message);
    error_set(error,
              "%s. This machine's clock is %lld s %s the clock of the token's issuer: one of them "
              "is wrong",
              message, llabs(skew), skew > 0 ? "ahead of" : "behind");
}

static char *only_token(char *given, const char *of_whom, struct error *error)
{
    if (given == NULL || token_is_valid(given))
        return given;
    error_set(error, "what %s is not a token", of_whom);
    return NULL;
}

static char *trade(struct http *http, struct arena *vault, char *const *environment,
                   const char *identity, struct error *error)
{
    command_mask(identity);
    char *token = depot_exchange(http, vault, environment, identity, error);
    if (token == NULL && signals_received() == 0) {
        show_claims(vault, identity);
        tell_skew(vault, identity, error);
    }
    return only_token(token, "Depot returned for the job's OIDC token", error);
}

char *token_exchange(struct arena *vault, char *const *environment, struct error *error)
{
    scoped_http http = {.environment = environment, .on_retry = command_debug};
    depot_exchange_connect(&http, vault, environment);
    char *identity = oidc_token(&http, vault, environment, DEPOT_AUDIENCE, error);
    identity = only_token(identity, "GitHub returned as the job's OIDC token", error);
    return identity != NULL ? trade(&http, vault, environment, identity, error) : NULL;
}

/* The service reads this in the log, to verify that it is talking to this run. */
static void show_code(const char *code)
{
    scoped_arena arena = ARENA_INIT;
    command_text(arena_format(&arena, "Waiting for OIDC auth challenge %s", code));
}

char *token_challenge(struct step *step, const struct depot_expected *expected, struct error *error)
{
    const struct facts *facts = &step->facts;
    scoped_http http = {.environment = step->environment, .on_retry = command_debug};
    const struct challenge challenge = {
        .repository = facts->repository,
        .run_id = facts->run_id,
        .run_attempt = facts->run_attempt != NULL ? facts->run_attempt : "1",
        .on_accepted = expected->prepare,
        .context = expected->context,
        .show_code = show_code,
    };
    char *token = depot_challenge(&http, &step->vault, step->environment, &challenge, error);
    return only_token(token, "Depot's service for open source returned", error);
}

/* Exchanges the job's identity. Without a token the CLI may still have its own credentials. So a
 * failure here is only a warning, and the builder is then chosen without a token. */
static void exchange_token(struct step *step)
{
    struct facts *facts = &step->facts;
    struct error *problem = &step->token_problem;
    facts->token = token_exchange(&step->vault, step->environment, problem);
    if (facts->token != NULL || signals_received() != 0)
        return;
    facts->token_source = TOKEN_NONE;
    facts->identity_refused = true;
    command_warning("No Depot token", problem->message);
}

static void take_challenge(struct step *step, const struct depot_expected *expected)
{
    struct facts *facts = &step->facts;
    struct error error = ERROR_INIT;
    facts->token = token_challenge(step, expected, &error);
    if (facts->token != NULL) {
        facts->token_source = TOKEN_CHALLENGE;
        return;
    }
    facts->challenge_failed = true;
    command_text(
        arena_format(&step->arena, "No token for the fork's pull request: %s", error.message));
}

void obtain_token(struct step *step, const struct depot_expected *expected)
{
    TRACE_SCOPE("token");
    struct facts *facts = &step->facts;
    struct builder_choice choice = builder_choose(&step->inputs, facts);
    if (choice.challenge)
        take_challenge(step, expected);
    else if (facts->token_source == TOKEN_OIDC && choice.builder == BUILDER_DEPOT)
        exchange_token(step);
    if (facts->token != NULL)
        command_mask(facts->token);
}

void renew_token(struct step *step)
{
    struct facts *facts = &step->facts;
    struct error problem = ERROR_INIT;
    if (facts->token_source != TOKEN_OIDC || facts->token == NULL ||
        step_builder(step) != BUILDER_DEPOT)
        return;
    const char *token = token_exchange(&step->vault, step->environment, &problem);
    if (token != NULL) {
        facts->token = token;
        command_mask(token);
    } else if (signals_received() == 0) {
        command_text(arena_format(&step->arena, "The token of the previous try is used again: %s",
                                  problem.message));
    }
}
