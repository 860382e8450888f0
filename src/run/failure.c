#include "run/failure.h"

#include "run/advice.h"
#include "system/process.h"

#include <string.h>

/* Whether the CLI's words say that it had no token, or one that Depot does not take. */
static bool is_unauthenticated(const char *line)
{
    return strstr(line, "missing API token") != NULL || strstr(line, "unauthenticated") != NULL;
}

static const char *cure(const struct preparation *preparation, const char *line)
{
    static const char *const refused[] = {
        [TOKEN_INPUT] = "Depot does not take the token of the input `token`: it may be of another "
                        "organization, revoked or expired",
        [TOKEN_ENVIRONMENT] = "Depot does not take the token of DEPOT_TOKEN: it may be of another "
                              "organization, revoked or expired",
        [TOKEN_OIDC] = "Depot does not take the token it gave for the job's OIDC identity: check "
                       "that the trust relationship is of this project",
        [TOKEN_CHALLENGE] = "Depot does not take the token of its own service for open source",
        [TOKEN_NONE] = "The job has no Depot token: add `id-token: write` to its `permissions`, "
                       "with a trust relationship in the Depot project, or set the input `token`",
    };
    if (!is_unauthenticated(line))
        return NULL;
    if (preparation->token_problem.message[0] != '\0')
        return preparation->token_problem.message;
    if (preparation->facts.fork && preparation->facts.token_source == TOKEN_NONE)
        return "A fork's pull request has no Depot token: leave `fork-builder` at `auto`, and "
               "docker builds";
    return refused[preparation->facts.token_source];
}

/* The last words of the builder, and what to do about them; lives in the arena. */
static const char *explain(struct preparation *preparation, const struct plan *plan,
                           const struct log *log, const char *line, int status)
{
    const char *help = plan->builder == BUILDER_DEPOT
                           ? cure(preparation, line)
                           : docker_advice(&preparation->inputs, &preparation->facts, log, line);
    return arena_format(&preparation->arena, "%s (exit status %d)%s%s", line, status,
                        help != NULL ? ". " : "", help != NULL ? help : "");
}

static const char *last_words(const struct preparation *preparation, struct log *log)
{
    const char *line = log_failure(log);
    const char *call = preparation->inputs.call;
    if (call != NULL && strcmp(call, "check") == 0 && log->verdict[0] != '\0')
        return log->verdict;
    if (log->timed_out)
        return "Depot had no machine ready in time (DEPOT_MACHINE_TIMEOUT)";
    return line != NULL ? line : "It printed nothing";
}

const char *explain_failure(struct preparation *preparation, const struct plan *plan,
                            struct log *log, int status)
{
    const char *line =
        signals_received() != 0 ? "The step was told to stop" : last_words(preparation, log);
    return explain(preparation, plan, log, line, status);
}
