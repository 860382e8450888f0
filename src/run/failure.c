#include "run/failure.h"

#include "github/commands.h"
#include "run/advice.h"
#include "system/clock.h"
#include "system/process.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static struct advice advise(struct preparation *preparation, const struct plan *plan,
                            const struct log *log, const char *line)
{
    char directory[PATH_MAX];
    const char *problem = preparation->token_problem.message;
    if (plan->builder == BUILDER_DOCKER)
        return docker_advice(&preparation->arena, &preparation->inputs, &preparation->facts, log,
                             line);
    const struct circumstances circumstances = {
        .now = clock_unix_time(),
        .directory = getcwd(directory, sizeof(directory)),
        .token_problem = problem[0] != '\0' ? problem : NULL,
    };
    return depot_advice(&preparation->arena, &preparation->inputs, &preparation->facts,
                        &circumstances, line);
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
    struct advice advice = advise(preparation, plan, log, line);
    if (advice.example != NULL)
        command_group("Add to the workflow", advice.example);
    return arena_format(&preparation->arena, "%s (exit status %d)%s%s", line, status,
                        advice.sentence != NULL ? ". " : "",
                        advice.sentence != NULL ? advice.sentence : "");
}
