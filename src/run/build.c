#include "github/commands.h"
#include "run/account.h"
#include "run/attempt.h"
#include "run/publication.h"
#include "run/run.h"
#include "run/token.h"
#include "system/process.h"
#include "system/trace.h"

#include <unistd.h>

/* As far as is known, Depot will build. If its CLI is missing, it is installed while the step waits
 * for a token. */
static void start_installation(void *context)
{
    TRACE_SCOPE("CLI lookup");
    struct step *step = context;
    if (step_find_program(step, "depot") == NULL)
        installation_start(&step->installation, step->environment, step->inputs.cli_version);
}

static int read_inputs(struct step *step, struct error *error)
{
    TRACE_SCOPE("inputs");
    return signals_catch(error) == 0 ? step_read(step, error) : -1;
}

static void get_ready(struct step *step)
{
    const struct depot_expected expected = {.prepare = start_installation, .context = step};
    if (step_builder(step) == BUILDER_DEPOT)
        start_installation(step);
    local_docker_ask(step);
    obtain_token(step, &expected);
    local_docker_hear(step);
}

/* The exit status of the step, or -1 with an error. Each new plan is another turn of this loop. */
static int build(struct step *step, struct error *error)
{
    for (;;) {
        struct outcome outcome = attempt_build(step, error);
        switch (outcome.next) {
        case NEXT_NOTHING:
            return outcome.status;
        case NEXT_TRY:
            step->retried++;
            command_text(arena_format(&step->arena, "Try %d of %d", step->retried + 1,
                                      step->inputs.retries + 1));
            break;
        case NEXT_WITH_DOCKER:
            step->retried = 0;
            step->facts.depot_failure = outcome.why;
            step->tries = 0;
            command_warning("No Depot builder",
                            arena_format(&step->arena, "%s. Docker builds instead.", outcome.why));
            local_docker_hear(step);
            break;
        case NEXT_WITHOUT_TEMPORARY_BUILDER:
            step->facts.docker.no_container_builder = outcome.why;
            break;
        }
    }
}

static void report_error(struct step *step, const char *message)
{
    const struct report report = account_of_nothing(step, message);
    if (step->tries == 0)
        publish_nothing(step, &report);
    command_error("Step failed", message);
}

int run_build(char **environment)
{
    struct step step;
    struct error error = ERROR_INIT;
    step_start(&step, environment);
    commands_start(STDOUT_FILENO, step.environment);
    int status = read_inputs(&step, &error);
    if (status == 0) {
        get_ready(&step);
        status = build(&step, &error);
    }
    if (status < 0)
        report_error(&step, error.message);
    step_free(&step);
    return status < 0 ? 1 : status;
}
