#include "github/commands.h"
#include "plan/plan.h"
#include "run/execution.h"
#include "run/failure.h"
#include "run/installation.h"
#include "run/local_docker.h"
#include "buildkit/log.h"
#include "run/prepare.h"
#include "run/publication.h"
#include "run/run.h"
#include "run/token.h"
#include "run/workspace.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/process.h"
#include "system/program.h"
#include "system/string_list.h"
#include "system/trace.h"

#include <stdio.h>
#include <string.h>

static int write_secrets(const struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->masks.count; i++)
        command_mask(plan->masks.items[i]);
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

static int make_plan(struct preparation *preparation, struct plan *plan, struct error *error)
{
    TRACE_SCOPE("plan");
    if (plan_make(&preparation->arena, &preparation->inputs, &preparation->facts, plan, error) !=
            0 ||
        write_secrets(plan, error) != 0)
        return -1;
    announce(plan);
    return 0;
}

static char *find_on_path(struct preparation *preparation, const char *name)
{
    const char *path = environment_get(preparation->environment, "PATH");
    return program_find(&preparation->arena, path, name);
}

/* A run whose tools and token are got at the same time. */
struct run {
    struct preparation preparation;
    struct installation installation;
};

/* Depot will build, as far as is known: its CLI comes beside the token, where it is not there. */
static void start_installation(void *context)
{
    TRACE_SCOPE("CLI lookup");
    struct run *run = context;
    struct preparation *preparation = &run->preparation;
    if (find_on_path(preparation, "depot") == NULL)
        installation_start(&run->installation, preparation->environment,
                           preparation->inputs.cli_version);
}

static bool depot_builds(const struct preparation *preparation)
{
    return builder_choose(&preparation->inputs, &preparation->facts).builder == BUILDER_DEPOT;
}

static const char *finish_installation(struct installation *installation, struct error *error)
{
    struct error reason = ERROR_INIT;
    const char *program = installation_finish(installation, &reason);
    if (program == NULL)
        error_set(error, "there is no `depot` on PATH, and none could be installed: %s",
                  reason.message);
    else if (installation->cli.installed)
        printf("depot %s is installed in %s\n", installation->cli.version,
               installation->cli.directory);
    return program;
}

static const char *find_builder(struct preparation *preparation, const struct plan *plan,
                                struct installation *installation, struct error *error)
{
    static const char *const cures[] = {
        [BUILDER_DEPOT] = "add a step `uses: depot/build-push-action/setup@v1` before this one",
        [BUILDER_DOCKER] = "install docker with buildx on the runner, or in the job's container",
    };
    TRACE_SCOPE("CLI lookup");
    if (plan->builder == BUILDER_DEPOT && installation->started)
        return finish_installation(installation, error);
    installation_end(installation);
    const char *program = find_on_path(preparation, plan->command.items[0]);
    if (program == NULL)
        error_set(error, "there is no executable `%s` on PATH: %s", plan->command.items[0],
                  cures[plan->builder]);
    return program;
}

static void report_failure(struct preparation *preparation, const struct plan *plan,
                           struct log *log, int status)
{
    bool cancelled = signals_received() != 0;
    command_error(arena_format(&preparation->arena, "%s build %s", builder_name(plan->builder),
                               cancelled ? "cancelled" : "failed"),
                  explain_failure(preparation, plan, log, status));
}

static bool may_fall_back(const struct preparation *preparation, const struct plan *plan)
{
    return plan->builder == BUILDER_DEPOT && signals_received() == 0 &&
           builder_may_be_missing(&preparation->inputs, &preparation->facts);
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
                    arena_format(&preparation->arena, "%s. Docker builds instead.", failure));
    return NO_DEPOT_BUILDER;
}

/* Where docker cannot do alone what the plan asks for. Without the temporary builder, the plan is
 * made anew for what is there. */
static int start_temporary_builder(struct preparation *preparation, const char *program,
                                   struct plan *plan, struct error *error)
{
    TRACE_SCOPE("temporary builder");
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
    TRACE_SCOPE("temporary builder");
    if (temporary_builder_remove(preparation, plan, program) != 0)
        command_warning("Builder left behind",
                        arena_format(&preparation->arena,
                                     "The temporary builder could not be removed: run `docker "
                                     "buildx rm --force %s` on the runner.",
                                     plan->temporary_builder));
}

static int cancelled(void)
{
    command_error("Build cancelled", "The step was told to stop before the build began.");
    return 128 + signals_received();
}

static int build(struct preparation *preparation, struct installation *installation,
                 struct error *error)
{
    struct plan plan;
    struct arena *arena = &preparation->arena;
    if (make_plan(preparation, &plan, error) != 0)
        return -1;
    const char *program = find_builder(preparation, &plan, installation, error);
    if (program == NULL && signals_received() != 0)
        return cancelled();
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
                                         : execute(preparation, &plan, program,
                                                   may_fall_back(preparation, &plan), &log, error);
    if (plan.temporary_builder != NULL)
        remove_temporary_builder(preparation, &plan, program);
    if (workspace_check_finish(&check))
        command_notice("Uncommitted changes",
                       "The workspace has changes that this build did not see: it was made from "
                       "the commit on GitHub. Set `context: .` to build what is in the workspace.");
    if (status < 0)
        return -1;
    if (may_fall_back(preparation, &plan) && had_no_builder(&log, status))
        return fall_back(preparation, explain_failure(preparation, &plan, &log, status));
    int published = publish(preparation, &plan, error);
    if (status == 0)
        return published;
    if (published != 0)
        command_warning("Outputs", error->message);
    report_failure(preparation, &plan, &log, status);
    return status;
}

static void remove_private_directory(const char *directory)
{
    TRACE_SCOPE("clean-up");
    struct error left_behind = ERROR_INIT;
    if (directory_remove_private(directory, &left_behind) != 0)
        command_warning("Files left behind", left_behind.message);
}

static int build_in_private_directory(struct preparation *preparation,
                                      struct installation *installation, struct error *error)
{
    if (signals_received() != 0)
        return cancelled();
    const char *parent = environment_get_nonempty(preparation->environment, "RUNNER_TEMP");
    char *directory =
        directory_create_private(&preparation->arena, parent != NULL ? parent : "/tmp", error);
    if (directory == NULL)
        return -1;
    preparation->facts.private_directory = directory;
    int status = build(preparation, installation, error);
    remove_private_directory(directory);
    return status;
}

static int prepare(struct preparation *preparation, char **environment, struct error *error)
{
    TRACE_SCOPE("inputs");
    preparation_start(preparation, environment);
    commands_start(stdout, preparation->environment);
    return signals_catch(error) == 0 ? preparation_read(preparation, error) : -1;
}

/* The exit status of the step, or -1 with an error. */
static int prepare_and_build(struct run *run, char **environment, struct error *error)
{
    struct preparation *preparation = &run->preparation;
    const struct depot_expected expected = {.prepare = start_installation, .context = run};
    struct local_docker docker;
    if (prepare(preparation, environment, error) != 0)
        return -1;
    if (depot_builds(preparation))
        start_installation(run);
    local_docker_ask(&docker, preparation);
    obtain_token(preparation, &expected);
    local_docker_hear(&docker, preparation);
    int status = build_in_private_directory(preparation, &run->installation, error);
    if (status != NO_DEPOT_BUILDER)
        return status;
    local_docker_hear(&docker, preparation);
    return build_in_private_directory(preparation, &run->installation, error);
}

int run_build(char **environment)
{
    struct run run = {.installation = {.started = false}};
    struct error error = ERROR_INIT;
    int status = prepare_and_build(&run, environment, &error);
    installation_end(&run.installation);
    if (status < 0)
        command_error("Step failed", error.message);
    preparation_free(&run.preparation);
    return status < 0 ? 1 : status;
}
