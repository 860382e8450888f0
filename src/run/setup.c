#include "buildkit/progress.h"
#include "depot/cli.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "github/outputs.h"
#include "plan/plan.h"
#include "plan/setup_inputs.h"
#include "run/advice.h"
#include "run/execution.h"
#include "run/run.h"
#include "run/step.h"
#include "run/token.h"
#include "run/transfer.h"
#include "system/environment.h"
#include "system/process.h"
#include "system/string_list.h"

#include <unistd.h>

static int install(struct step *step, const struct setup_inputs *inputs, struct cli *cli,
                   struct error *error)
{
    scoped_http http = {.environment = step->environment, .on_retry = command_debug};
    struct transfer transfer = {0};
    const struct cli_wanted wanted = {
        .version = inputs->version,
        .sha256 = inputs->sha256,
        .environment = step->environment,
        .on_progress = transfer_show,
        .context = &transfer,
    };
    if (cli_provide(&http, &step->arena, &wanted, cli, error) != 0)
        return -1;
    command_text(cli->line);
    return path_write(step->environment, cli->directory, error);
}

/* Whether Depot's service for open source may give a token to this fork; GitHub gives forks none.
 */
static bool is_fork_of_open_source(struct step *step)
{
    step_read_run(step);
    return challenge_is_open(&step->facts);
}

static void warn_of_no_identity(struct step *step)
{
    const struct advice advice = identity_advice(step->facts.forge);
    if (advice.example != NULL)
        command_group("Add to the workflow", advice.example);
    command_warning(
        "No Depot token",
        arena_format(&step->arena,
                     "The job has no OIDC identity to exchange for a Depot token: %s%sset "
                     "DEPOT_TOKEN. A pull request from a fork gets neither.",
                     advice.sentence != NULL ? advice.sentence : "",
                     advice.sentence != NULL ? ", or " : ""));
}

/* As with depot/setup-action: a token that is already set stays. A fork of an open-source
 * repository gets one from the challenge if its identity gives none. Without a token the job goes
 * on: whatever needs one will say so. */
static const char *token_for_later_steps(struct step *step)
{
    const struct depot_expected nothing = {.prepare = NULL};
    const char *token = NULL;
    struct error reason = ERROR_INIT;
    if (environment_get_nonempty(step->environment, "DEPOT_TOKEN") != NULL) {
        command_text("DEPOT_TOKEN is already set: no token is requested.");
        return NULL;
    }
    if (oidc_available(step->environment))
        token = token_exchange(&step->vault, step->environment, &reason);
    if (token == NULL && signals_received() == 0 && is_fork_of_open_source(step))
        token = token_challenge(step, &nothing, &reason);
    if (token != NULL || signals_received() != 0)
        return token;
    if (reason.message[0] != '\0')
        command_warning("No Depot token", reason.message);
    else
        warn_of_no_identity(step);
    return NULL;
}

static int export_token(struct step *step, const char *token, struct error *error)
{
    const struct output variable = {"DEPOT_TOKEN", token};
    command_mask(token);
    command_text("Later steps have a short-lived Depot token in DEPOT_TOKEN.");
    return exports_write(&step->vault, step->environment, &variable, 1, error);
}

/* The exit status of `depot configure-docker`, or -1. Like later steps, it has the CLI on PATH and
 * the token. */
static int configure_docker(struct step *step, const struct cli *cli, const char *token,
                            struct error *error)
{
    const struct string_list command = string_list_of(&step->arena, "depot", "configure-docker");
    const char *path = environment_get_nonempty(step->environment, "PATH");
    struct plan plan = {.builder = BUILDER_DEPOT};
    plan_set_variable(&plan, "PATH",
                      path == NULL ? cli->directory
                                   : arena_format(&step->arena, "%s:%s", cli->directory, path),
                      false);
    plan_set_variable(&plan, "DEPOT_NO_UPDATE_NOTIFIER", "1", false);
    if (token != NULL)
        plan_set_variable(&plan, "DEPOT_TOKEN", token, true);
    struct execution execution = {
        .program = cli->program,
        .command = &command,
        .environment = plan_environment(&step->arena, &step->vault, &plan, step->environment),
        .progress = progress_new(&step->arena),
    };
    int status = execute(&execution, error);
    const char *line = progress_error(execution.progress);
    if (line == NULL)
        line = "It printed nothing";
    if (status > 0)
        command_error("Docker not configured",
                      arena_format(&step->arena, "%s (exit status %d of `depot configure-docker`)",
                                   line, status));
    return status;
}

/* The exit status of the step, or -1 with an error. */
static int set_up(struct step *step, struct error *error)
{
    struct setup_inputs inputs;
    struct cli cli;
    const char *token = NULL;
    const char *given = environment_get_nonempty(step->environment, "DEPOT_TOKEN");
    if (given != NULL)
        command_mask(given); /* the CLI has the token, and may print anything */
    if (setup_inputs_read(&step->arena, step->environment, &inputs, error) != 0 ||
        install(step, &inputs, &cli, error) != 0)
        return -1;
    if (inputs.oidc)
        token = token_for_later_steps(step);
    if (signals_received() != 0)
        return error_set(error, "cancelled while waiting for a token");
    if (token != NULL && export_token(step, token, error) != 0)
        return -1;
    return inputs.configure_docker ? configure_docker(step, &cli, token, error) : 0;
}

int run_setup(char **environment)
{
    struct step step;
    struct error error = ERROR_INIT;
    step_start(&step, environment);
    commands_start(STDOUT_FILENO, step.environment);
    int status = signals_catch(&error) == 0 ? set_up(&step, &error) : -1;
    if (status < 0 && signals_received() != 0) {
        command_error("Setup cancelled", "The step was told to stop before it was done.");
        status = 128 + signals_received();
    } else if (status < 0) {
        command_error("Setup failed", error.message);
        status = 1;
    }
    step_free(&step);
    return status;
}
