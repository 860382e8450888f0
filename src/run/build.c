#include "depot/exchange.h"
#include "github/commands.h"
#include "github/oidc.h"
#include "github/outputs.h"
#include "plan/plan.h"
#include "run/advice.h"
#include "run/checks.h"
#include "run/local_docker.h"
#include "run/log.h"
#include "run/prepare.h"
#include "run/results.h"
#include "run/run.h"
#include "run/workspace.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/http.h"
#include "system/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The job's identity, traded. Without a token the CLI may still have credentials of its own, so a
 * failure here is a warning, and who builds is decided anew without one. */
static void exchange_token(struct preparation *preparation)
{
    struct facts *facts = &preparation->facts;
    struct arena *vault = &preparation->vault;
    struct error *problem = &preparation->token_problem;
    const char *identity = oidc_token(vault, preparation->environment, DEPOT_AUDIENCE, problem);
    if (identity != NULL) {
        command_mask(identity);
        facts->token = depot_exchange(vault, preparation->environment, identity, problem);
    }
    http_close();
    if (facts->token != NULL || signals_received() != 0)
        return;
    facts->token_source = TOKEN_NONE;
    command_warning("No Depot token", problem->message);
}

static void obtain_token(struct preparation *preparation)
{
    struct facts *facts = &preparation->facts;
    if (facts->token_source == TOKEN_OIDC &&
        builder_choose(&preparation->inputs, facts).builder == BUILDER_DEPOT)
        exchange_token(preparation);
    if (facts->token != NULL)
        command_mask(facts->token);
}

static int write_secrets(const struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->secret_count; i++) {
        const struct plan_secret *secret = &plan->secrets[i];
        if (secret->value == NULL)
            continue;
        command_mask(secret->value);
        struct error reason = ERROR_INIT;
        if (file_write_private(secret->path, secret->value, strlen(secret->value), &reason) != 0)
            return error_set(error,
                             "the secret `%s` could not be stored for the build: %s; check the "
                             "free space of RUNNER_TEMP",
                             secret->id, reason.message);
    }
    return 0;
}

/* What `before`, the plan that this one takes the place of, has not said already. */
static void announce_inputs(const struct plan *plan, const struct plan *before)
{
    for (size_t i = 0; i < plan->notices.count; i++)
        if (!string_list_has(&before->notices, plan->notices.items[i]))
            command_notice("Inputs", plan->notices.items[i]);
    for (size_t i = 0; i < plan->warnings.count; i++)
        if (!string_list_has(&before->warnings, plan->warnings.items[i]))
            command_warning("Inputs", plan->warnings.items[i]);
}

static void announce(const struct plan *plan)
{
    if (plan->builder == BUILDER_DOCKER)
        command_notice("Building with docker", plan->reason);
    else
        puts(plan->reason);
    fflush(stdout);
    announce_inputs(plan, &(struct plan){0});
}

static char *find_builder(struct preparation *preparation, const struct plan *plan,
                          struct error *error)
{
    static const char *const cures[] = {
        [BUILDER_DEPOT] = "add a step `uses: depot/setup-action@v1` before this one",
        [BUILDER_DOCKER] = "install docker with buildx on the runner, or in the job's container",
    };
    const char *path = environment_get(preparation->environment, "PATH");
    char *program = program_find(&preparation->arena, path, plan->command.items[0]);
    if (program == NULL)
        error_set(error, "there is no `%s` on PATH: %s", plan->command.items[0],
                  cures[plan->builder]);
    return program;
}

static void print_command(const struct string_list *command)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_=+:,./@%{}";
    fputs("[command]", stdout);
    for (size_t i = 0; i < command->count; i++) {
        const char *argument = command->items[i];
        if (i > 0)
            putchar(' ');
        if (argument[0] != '\0' && argument[strspn(argument, plain)] == '\0') {
            fputs(argument, stdout);
            continue;
        }
        putchar('\'');
        for (const char *byte = argument; *byte != '\0'; byte++)
            if (*byte == '\'')
                fputs("'\\''", stdout);
            else
                putchar(*byte);
        putchar('\'');
    }
    putchar('\n');
    fflush(stdout);
}

static void observe(void *context, const char *bytes, size_t length)
{
    log_feed(context, bytes, length);
}

static bool may_fall_back(const struct preparation *preparation, const struct plan *plan)
{
    return preparation->inputs.buildx_fallback && plan->builder == BUILDER_DEPOT &&
           signals_received() == 0;
}

/* How long Depot may take to get a machine ready where docker could build instead: as long as its
 * CLI waits to connect to one. It would wait for ever for one that is never launched. */
enum { MACHINE_TIMEOUT_S = 300, MACHINE_TIMEOUT_MOST_S = 24 * 60 * 60 };

static int machine_timeout_ms(char *const *environment)
{
    const char *seconds = environment_get_nonempty(environment, "DEPOT_MACHINE_TIMEOUT");
    long given = seconds != NULL ? strtol(seconds, NULL, 10) : 0;
    return 1000 * (int)(given > 0 && given <= MACHINE_TIMEOUT_MOST_S ? given : MACHINE_TIMEOUT_S);
}

static bool has_no_machine(void *context)
{
    struct log *log = context;
    log->timed_out = !log->step_began;
    return log->timed_out;
}

static int execute(struct preparation *preparation, const struct plan *plan, const char *program,
                   struct log *log, struct error *error)
{
    const struct process process = {
        .program = program,
        .arguments = plan->command.items,
        .environment = plan_environment(&preparation->arena, &preparation->vault, plan,
                                        preparation->environment),
        .output = STDOUT_FILENO,
        .on_output = observe,
        .patience_ms =
            may_fall_back(preparation, plan) ? machine_timeout_ms(preparation->environment) : 0,
        .out_of_patience = has_no_machine,
        .context = log,
    };
    commands_stop();
    print_command(&plan->command);
    int status = process_run(&process, error);
    commands_resume(log->at_line_start);
    return status;
}

static void annotate_checks(struct preparation *preparation, const char *metadata)
{
    struct check checks[CHECK_LIMIT];
    if (metadata == NULL || !preparation->facts.check_annotations)
        return;
    size_t count = checks_read(&preparation->arena, metadata, &preparation->inputs, checks);
    for (size_t i = 0; i < count; i++)
        command_warning_at(checks[i].title != NULL ? checks[i].title : "Build check",
                           checks[i].message, checks[i].file, checks[i].line, checks[i].end_line);
}

static int publish(struct preparation *preparation, const struct plan *plan, struct error *error)
{
    struct results results;
    results_read(&preparation->arena, plan, &results);
    const struct {
        const char *title;
        const char *text;
    } groups[] = {
        {"ImageID", results.image_id},      {"Digest", results.digest},
        {"Metadata", results.pretty},       {"Build ID", results.build_id},
        {"Project ID", results.project_id},
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (groups[i].text != NULL)
            command_group(groups[i].title, groups[i].text);
    if (results.warning != NULL)
        command_warning("Metadata", results.warning);
    annotate_checks(preparation, results.metadata);
    const struct output outputs[] = {
        {"imageid", results.image_id},      {"digest", results.digest},
        {"metadata", results.metadata},     {"build-id", results.build_id},
        {"project-id", results.project_id},
    };
    return outputs_write(preparation->environment, outputs, sizeof(outputs) / sizeof(outputs[0]),
                         error);
}

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

static void explain_failure(struct preparation *preparation, const struct plan *plan,
                            struct log *log, int status)
{
    bool cancelled = signals_received() != 0;
    const char *line = cancelled ? "The step was told to stop" : last_words(preparation, log);
    command_error(arena_format(&preparation->arena, "%s build %s", builder_name(plan->builder),
                               cancelled ? "cancelled" : "failed"),
                  explain(preparation, plan, log, line, status));
}

/* What build() returns where docker is to build instead. */
enum { NO_DEPOT_BUILDER = -2 };

/* Only what kept the build from beginning is about the builder; the rest is the user's to know. */
static bool had_no_builder(struct log *log, int status)
{
    log_failure(log); /* which reads the last line, where it has no end */
    return status > 0 && !log->step_began;
}

static int fall_back(struct preparation *preparation, const char *failure)
{
    preparation->facts.depot_failure = failure;
    command_warning("No Depot builder",
                    arena_format(&preparation->arena,
                                 "%s. Docker builds instead, as `buildx-fallback: true` asks for.",
                                 failure));
    return NO_DEPOT_BUILDER;
}

/* Where docker cannot do alone what the plan asks for. Without the temporary builder, the plan is
 * made anew for what is there. */
static int start_temporary_builder(struct preparation *preparation, const char *program,
                                   struct plan *plan, struct error *error)
{
    struct error reason = ERROR_INIT;
    const struct plan before = *plan;
    if (temporary_builder_make(preparation, plan, program, &reason) == 0 || signals_received() != 0)
        return 0;
    temporary_builder_remove(preparation, plan, program);
    preparation->facts.docker.no_container_builder =
        arena_copy(&preparation->arena, reason.message);
    if (plan_make(&preparation->arena, &preparation->inputs, &preparation->facts, plan, error) != 0)
        return -1;
    announce_inputs(plan, &before);
    return 0;
}

static void remove_temporary_builder(struct preparation *preparation, const struct plan *plan,
                                     const char *program)
{
    if (temporary_builder_remove(preparation, plan, program) != 0)
        command_warning("Builder left behind",
                        arena_format(&preparation->arena,
                                     "The temporary builder could not be removed: run `docker "
                                     "buildx rm --force %s` on the runner.",
                                     plan->temporary_builder));
}

static int build(struct preparation *preparation, struct error *error)
{
    struct plan plan;
    struct arena *arena = &preparation->arena;
    if (plan_make(arena, &preparation->inputs, &preparation->facts, &plan, error) != 0 ||
        write_secrets(&plan, error) != 0)
        return -1;
    announce(&plan);
    const char *program = find_builder(preparation, &plan, error);
    if (program == NULL && may_fall_back(preparation, &plan))
        return fall_back(preparation, arena_copy(arena, error->message));
    if (program == NULL || (plan.temporary_builder != NULL &&
                            start_temporary_builder(preparation, program, &plan, error) != 0))
        return -1;

    struct log log = LOG_INIT;
    struct workspace_check check = {0};
    if (plan.default_context)
        check = workspace_check_start(arena, preparation->environment);
    int status = signals_received() != 0 ? 128 + signals_received()
                                         : execute(preparation, &plan, program, &log, error);
    if (plan.temporary_builder != NULL)
        remove_temporary_builder(preparation, &plan, program);
    if (workspace_check_finish(&check))
        command_notice("Uncommitted changes",
                       "The workspace has changes that this build did not see: it was made from "
                       "the commit on GitHub. Set `context: .` to build what is in the workspace.");
    if (status < 0)
        return -1;
    if (may_fall_back(preparation, &plan) && had_no_builder(&log, status))
        return fall_back(preparation,
                         explain(preparation, &plan, &log, last_words(preparation, &log), status));
    int published = publish(preparation, &plan, error);
    if (status == 0)
        return published;
    if (published != 0)
        command_warning("Outputs", error->message);
    explain_failure(preparation, &plan, &log, status);
    return status;
}

static int build_in_private_directory(struct preparation *preparation, struct error *error)
{
    if (signals_received() != 0) {
        command_error("Build cancelled", "The step was told to stop before the build began.");
        return 128 + signals_received();
    }
    const char *parent = environment_get_nonempty(preparation->environment, "RUNNER_TEMP");
    char *directory =
        directory_create_private(&preparation->arena, parent != NULL ? parent : "/tmp", error);
    if (directory == NULL)
        return -1;
    preparation->facts.private_directory = directory;
    int status = build(preparation, error);
    struct error left_behind = ERROR_INIT;
    if (directory_remove_private(directory, &left_behind) != 0)
        command_warning("Files left behind", left_behind.message);
    return status;
}

int run_build(char **environment)
{
    struct preparation preparation;
    struct error error = ERROR_INIT;
    preparation_start(&preparation, environment);
    commands_start(stdout, preparation.environment);
    int status = -1;
    if (signals_catch(&error) == 0 && preparation_read(&preparation, &error) == 0) {
        struct local_docker docker;
        local_docker_ask(&docker, &preparation);
        obtain_token(&preparation);
        local_docker_hear(&docker, &preparation);
        status = build_in_private_directory(&preparation, &error);
        if (status == NO_DEPOT_BUILDER) {
            local_docker_hear(&docker, &preparation);
            status = build_in_private_directory(&preparation, &error);
        }
    }
    if (status < 0)
        command_error("Step failed", error.message);
    preparation_free(&preparation);
    return status < 0 ? 1 : status;
}
