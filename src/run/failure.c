#include "run/failure.h"

#include "github/commands.h"
#include "run/advice.h"
#include "system/clock.h"
#include "system/process.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

const char MACHINE_WAS_LATE[] = "No Depot machine was ready in time (DEPOT_MACHINE_TIMEOUT)";

static struct advice advise(struct step *step, const struct attempt *attempt, const char *line)
{
    char directory[PATH_MAX];
    const char *problem = step->token_problem.message;
    if (attempt->plan.builder == BUILDER_DOCKER)
        return docker_advice(&step->arena, &step->inputs, &step->facts,
                             progress_failure_says(attempt->progress, "exec format error"), line);
    const struct circumstances circumstances = {
        .now = clock_unix_time(),
        .directory = getcwd(directory, sizeof(directory)),
        .token_problem = problem[0] != '\0' ? problem : NULL,
    };
    return depot_advice(&step->arena, &step->inputs, &step->facts, &circumstances, line);
}

static const char *last_words(struct step *step, const struct attempt *attempt)
{
    const struct inputs *inputs = &step->inputs;
    const char *line = progress_error(attempt->progress);
    const char *verdict = progress_verdict(attempt->progress);
    if (attempt->cancelled_before != 0)
        return arena_format(&step->arena, "The build was cancelled before try %d of %d",
                            attempt->cancelled_before, inputs->retries + 1);
    if (signals_received() != 0)
        return "The step was told to stop";
    if (inputs->call != NULL && strcmp(inputs->call, "check") == 0 && verdict != NULL)
        return verdict;
    if (attempt->timed_out)
        return MACHINE_WAS_LATE;
    return line != NULL ? line : "It printed nothing";
}

struct explanation explain(struct step *step, const struct attempt *attempt)
{
    const char *line = last_words(step, attempt);
    const struct build_step *failed = progress_failed_step(attempt->progress);
    struct advice advice = advise(step, attempt, line);
    if (advice.sentence == NULL)
        advice = registry_advice(&step->arena, &step->inputs, line,
                                 failed != NULL ? failed->name : NULL);
    if (advice.example != NULL)
        command_group("Add to the workflow", advice.example);
    return (struct explanation){
        arena_format(&step->arena, "%s (exit status %d)", line, attempt->status), advice.sentence};
}

const char *explanation_line(struct arena *arena, const struct explanation *why)
{
    return why->advice != NULL ? arena_format(arena, "%s. %s", why->words, why->advice)
                               : why->words;
}
