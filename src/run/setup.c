#include "buildkit/log.h"
#include "depot/cli.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "github/outputs.h"
#include "plan/plan.h"
#include "plan/setup_inputs.h"
#include "run/advice.h"
#include "run/prepare.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/token.h"
#include "system/environment.h"
#include "system/process.h"
#include "system/string_list.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int install(struct preparation *preparation, const struct setup_inputs *inputs,
                   struct cli *cli, struct error *error)
{
    scoped_http http = {.environment = preparation->environment, .on_retry = command_debug};
    struct progress progress = {0};
    const struct cli_wanted wanted = {
        .version = inputs->version,
        .sha256 = inputs->sha256,
        .environment = preparation->environment,
        .on_progress = progress_show,
        .context = &progress,
    };
    if (cli_provide(&http, &preparation->arena, &wanted, cli, error) != 0)
        return -1;
    printf("depot %s %s %s\n", cli->version,
           cli->installed ? "is installed in" : "is there already, in", cli->directory);
    fflush(stdout);
    return path_write(preparation->environment, cli->directory, error);
}

/* Whether Depot's service for open source may give what GitHub gives to no fork. */
static bool is_fork_of_open_source(struct preparation *preparation)
{
    struct error reason = ERROR_INIT;
    if (preparation_read_run(preparation, &reason) == 0)
        return preparation->facts.fork && !preparation->facts.private_repository;
    puts(reason.message);
    fflush(stdout);
    return false;
}

static void warn_of_no_identity(void)
{
    command_group("Add to the workflow", ADVICE_PERMISSIONS);
    command_warning("No Depot token",
                    "The job has no OIDC identity to trade for a Depot token: add `id-token: "
                    "write` to its `permissions`, as the log shows. To a pull request from a "
                    "fork GitHub gives none.");
}

/* As with depot/setup-action, a token that is there already stays, a fork of open source is
 * challenged where its identity gives none, and without one the job goes on: what needs one says
 * so. */
static const char *token_for_later_steps(struct preparation *preparation)
{
    const struct depot_expected nothing = {.prepare = NULL};
    const char *token = NULL;
    struct error reason = ERROR_INIT;
    if (environment_get_nonempty(preparation->environment, "DEPOT_TOKEN") != NULL) {
        puts("DEPOT_TOKEN is set already: no token is asked for.");
        return NULL;
    }
    if (oidc_available(preparation->environment))
        token = token_exchange(&preparation->vault, preparation->environment, &reason);
    if (token == NULL && signals_received() == 0 && is_fork_of_open_source(preparation))
        token = token_challenge(preparation, &nothing, &reason);
    if (token != NULL || signals_received() != 0)
        return token;
    if (reason.message[0] != '\0')
        command_warning("No Depot token", reason.message);
    else
        warn_of_no_identity();
    return NULL;
}

static int export_token(struct preparation *preparation, const char *token, struct error *error)
{
    const struct output variable = {"DEPOT_TOKEN", token};
    command_mask(token);
    puts("Later steps have a short-lived Depot token in DEPOT_TOKEN.");
    fflush(stdout);
    return exports_write(&preparation->vault, preparation->environment, &variable, 1, error);
}

static bool is_withheld(const char *variable)
{
    static const char *const prefixes[] = {"INPUT_", "ACTIONS_ID_TOKEN_REQUEST_", "PATH="};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* What later steps have: the CLI on PATH, and the token. */
static char **environment_of_cli(struct preparation *preparation, const struct cli *cli,
                                 const char *token)
{
    struct string_list variables = {0};
    struct arena *arena = &preparation->arena;
    for (char **variable = preparation->environment; *variable != NULL; variable++)
        if (!is_withheld(*variable) && (token == NULL || !environment_is(*variable, "DEPOT_TOKEN")))
            string_list_add(arena, &variables, *variable);
    const char *path = environment_get_nonempty(preparation->environment, "PATH");
    string_list_add(arena, &variables,
                    arena_format(arena, "PATH=%s%s%s", cli->directory, path != NULL ? ":" : "",
                                 path != NULL ? path : ""));
    string_list_add(arena, &variables, "DEPOT_NO_UPDATE_NOTIFIER=1");
    if (token != NULL)
        string_list_add(arena, &variables,
                        arena_format(&preparation->vault, "DEPOT_TOKEN=%s", token));
    return variables.items;
}

static void observe(void *context, const char *bytes, size_t length)
{
    log_feed(context, bytes, length);
}

/* The exit status of `depot configure-docker`, or -1. */
static int configure_docker(struct preparation *preparation, const struct cli *cli,
                            const char *token, struct error *error)
{
    struct log log = LOG_INIT;
    struct string_list command = {0};
    string_list_add(&preparation->arena, &command, "depot");
    string_list_add(&preparation->arena, &command, "configure-docker");
    const struct process process = {
        .program = cli->program,
        .arguments = command.items,
        .environment = environment_of_cli(preparation, cli, token),
        .output = STDOUT_FILENO,
        .on_output = observe,
        .context = &log,
    };
    commands_stop();
    puts("[command]depot configure-docker");
    fflush(stdout);
    int status = process_run(&process, error);
    commands_resume(log.at_line_start);
    if (status > 0) {
        char message[LOG_LINE_SIZE + 128];
        const char *line = log_failure(&log);
        snprintf(message, sizeof(message), "%s (exit status %d of `depot configure-docker`)",
                 line != NULL ? line : "It printed nothing", status);
        command_error("Docker not configured", message);
    }
    return status;
}

/* The exit status of the step, or -1 with an error. */
static int set_up(struct preparation *preparation, struct error *error)
{
    struct setup_inputs inputs;
    struct cli cli;
    const char *token = NULL;
    if (setup_inputs_read(&preparation->arena, preparation->environment, &inputs, error) != 0 ||
        install(preparation, &inputs, &cli, error) != 0)
        return -1;
    if (inputs.oidc)
        token = token_for_later_steps(preparation);
    if (signals_received() != 0)
        return error_set(error, "cancelled while waiting for a token");
    if (token != NULL && export_token(preparation, token, error) != 0)
        return -1;
    return inputs.configure_docker ? configure_docker(preparation, &cli, token, error) : 0;
}

int run_setup(char **environment)
{
    struct preparation preparation;
    struct error error = ERROR_INIT;
    preparation_start(&preparation, environment);
    commands_start(stdout, preparation.environment);
    int status = signals_catch(&error) == 0 ? set_up(&preparation, &error) : -1;
    if (status < 0 && signals_received() != 0) {
        command_error("Setup cancelled", "The step was told to stop before it was done.");
        status = 128 + signals_received();
    } else if (status < 0) {
        command_error("Setup failed", error.message);
        status = 1;
    }
    preparation_free(&preparation);
    return status;
}
