#include "run/attempt.h"

#include "github/commands.h"
#include "run/account.h"
#include "run/annotation.h"
#include "run/execution.h"
#include "run/failure.h"
#include "run/publication.h"
#include "run/retry.h"
#include "run/workspace.h"
#include "system/clock.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/process.h"
#include "system/trace.h"

#include <string.h>

static struct outcome ended(int status)
{
    return (struct outcome){.next = NEXT_NOTHING, .status = status};
}

static struct outcome cancelled(struct step *step)
{
    const char *why = "The step was told to stop before the build began.";
    const struct report report = account_of_nothing(step, why);
    publish_nothing(step, &report);
    command_error("Build cancelled", why);
    return ended(128 + signals_received());
}

/* Says each sentence once, however many plans have it. */
static void announce(struct step *step, const struct plan *plan)
{
    if (step_says(step, plan->reason)) {
        if (plan->builder == BUILDER_DOCKER)
            command_notice("Building with docker", plan->reason);
        else
            command_text(plan->reason);
    }
    for (size_t i = 0; i < plan->notices.count; i++)
        if (step_says(step, plan->notices.items[i]))
            command_notice("Inputs", plan->notices.items[i]);
    for (size_t i = 0; i < plan->warnings.count; i++)
        if (step_says(step, plan->warnings.items[i]))
            command_warning("Inputs", plan->warnings.items[i]);
}

static int make_plan(struct step *step, struct plan *plan, struct error *error)
{
    TRACE_SCOPE("plan");
    if (plan_make(&step->arena, &step->inputs, &step->facts, plan, error) != 0)
        return -1;
    for (size_t i = 0; i < plan->masks.count; i++)
        command_mask(plan->masks.items[i]);
    for (size_t i = 0; i < plan->secret_count; i++)
        if (plan->secrets[i].value != NULL)
            command_mask(plan->secrets[i].value);
    announce(step, plan);
    return 0;
}

static const char *finish_installation(struct step *step, struct error *error)
{
    const struct cli *cli = &step->installation.cli;
    const char *program = installation_finish(&step->installation, error);
    if (program == NULL) {
        error_set(error, "`depot` is not on PATH and could not be installed: %s", error->message);
        return NULL;
    }
    if (cli->installed && step_says(step, cli->line))
        command_text(cli->line);
    return program;
}

static const char *find_builder(struct step *step, const struct plan *plan, struct error *error)
{
    static const char *const cures[] = {
        [BUILDER_DEPOT] = "add a step `uses: depot/build-push-action/setup@v1` before this one",
        [BUILDER_DOCKER] = "install docker with buildx on the runner, or in the job's container",
    };
    TRACE_SCOPE("CLI lookup");
    if (plan->builder == BUILDER_DEPOT && step->installation.started)
        return finish_installation(step, error);
    installation_end(&step->installation);
    const char *program = step_find_program(step, plan->command.items[0]);
    if (program == NULL)
        error_set(error, "there is no executable `%s` on PATH: %s", plan->command.items[0],
                  cures[plan->builder]);
    return program;
}

static bool may_fall_back(const struct step *step, const struct plan *plan)
{
    return plan->builder == BUILDER_DEPOT && signals_received() == 0 &&
           builder_may_be_missing(&step->inputs, &step->facts);
}

/* How long Depot may take to get a machine ready. If docker could build instead, it is as long as
 * the CLI waits to connect to a machine. The CLI itself waits forever for one that never starts. */
static int patience_s(const struct step *step, const struct plan *plan)
{
    enum { WITH_DOCKER_S = 5 * 60, ALONE_S = 15 * 60 };
    if (plan->builder != BUILDER_DEPOT)
        return 0;
    return (int)environment_seconds(step->environment, "DEPOT_MACHINE_TIMEOUT",
                                    may_fall_back(step, plan) ? WITH_DOCKER_S : ALONE_S);
}

static int write_secrets(struct step *step, const struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->secret_count; i++) {
        const struct plan_secret *secret = &plan->secrets[i];
        if (secret->value != NULL &&
            private_directory_add_secret(&step->arena, &step->directory,
                                         strrchr(secret->path, '/') + 1, secret->value,
                                         strlen(secret->value), error) != 0)
            return error_set(error,
                             "the secret `%s` could not be stored for the build: %s; check the "
                             "free space in RUNNER_TEMP",
                             secret->id, error->message);
    }
    return 0;
}

/* The exit status of the build, or -1 with an error. */
static int run(struct step *step, struct attempt *attempt, struct error *error)
{
    TRACE_SCOPE("build");
    struct execution build = {
        .program = attempt->program,
        .command = &attempt->plan.command,
        .environment =
            plan_environment(&step->arena, &step->vault, &attempt->plan, step->environment),
        .progress = attempt->progress,
        .patience_s = patience_s(step, &attempt->plan),
        .on_end = private_directory_remove_secrets,
    };
    struct capture check = {.child = NULL};
    if (write_secrets(step, &attempt->plan, error) != 0)
        return -1;
    if (signals_received() != 0)
        return 128 + signals_received();
    if (attempt->plan.default_context)
        check = workspace_check_start(step);
    const long long began = clock_now_ms();
    int status = execute(&build, error);
    attempt->ms = clock_now_ms() - began;
    attempt->timed_out = build.timed_out;
    step->tries += status >= 0;
    if (workspace_check_finish(&check))
        command_notice(
            "Uncommitted changes",
            "The workspace has changes that this build did not see: it was made from the commit on "
            "GitHub. Set `context: .` to build the files in the workspace.");
    return status;
}

/* Docker takes over only if the build did not begin; any other failure is the user's own. */
static bool had_no_builder(const struct attempt *attempt)
{
    return attempt->status > 0 && !progress_began(attempt->progress);
}

/* Depot had no builder. Docker can build at once; another try might wait just as long for a
 * machine. */
static bool had_no_machine(const struct attempt *attempt, const char *evidence)
{
    return attempt->timed_out || strcasestr(evidence, "machine") != NULL;
}

/* What follows a failed try, judged by the builder's words. NEXT_NOTHING also if a signal ended the
 * wait for another try. */
static enum next choose_next(struct step *step, struct attempt *attempt)
{
    const char *words = attempt->timed_out ? MACHINE_WAS_LATE : progress_error(attempt->progress);
    const char *evidence =
        attempt->timed_out ? words : progress_evidence(&step->arena, attempt->progress);
    const bool falls_back = may_fall_back(step, &attempt->plan) && had_no_builder(attempt);
    const char *cause = retry_cause(step, evidence);
    if (cause == NULL || (falls_back && had_no_machine(attempt, evidence)))
        return falls_back ? NEXT_WITH_DOCKER : NEXT_NOTHING;
    if (retry_wait(step, cause, words != NULL ? words : evidence))
        return NEXT_TRY;
    attempt->cancelled_before = step->retried + 2;
    attempt->status = 128 + signals_received();
    return NEXT_NOTHING;
}

static struct outcome conclude(struct step *step, struct attempt *attempt, struct error *error)
{
    struct results results;
    const enum next next = attempt->status != 0 ? choose_next(step, attempt) : NEXT_NOTHING;
    if (next == NEXT_TRY)
        return (struct outcome){.next = next};
    const bool failed = attempt->status != 0;
    const struct explanation why = failed ? explain(step, attempt) : (struct explanation){NULL};
    if (next == NEXT_WITH_DOCKER)
        return (struct outcome){next, .why = explanation_line(&step->arena, &why)};
    const struct place place = failed ? find_place(step, attempt) : (struct place){.line = 0};
    results_read(&step->arena, &attempt->plan, &results);
    struct report report = account_of(step, attempt, &results, &why, &place);
    const int published = publish(step, &results, &report, error);
    if (published != 0 && !failed)
        return ended(-1);
    if (published != 0)
        command_warning("Outputs", error->message);
    if (failed)
        annotate_failure(step, attempt, &why, &place);
    publish_summary(step, &report);
    return ended(attempt->status);
}

/* Most often, the image of the builder could not be pulled. */
static struct outcome without_temporary_builder(struct step *step, struct error *error)
{
    const char *problem = arena_copy(&step->arena, error->message);
    const char *cause = retry_cause(step, problem);
    if (cause != NULL && retry_wait(step, cause, problem))
        return (struct outcome){.next = NEXT_TRY};
    return cause != NULL ? cancelled(step)
                         : (struct outcome){NEXT_WITHOUT_TEMPORARY_BUILDER, .why = problem};
}

/* The builder's program could not be found, installed or run. */
static struct outcome without_program(struct step *step, const struct plan *plan,
                                      const struct error *error)
{
    return may_fall_back(step, plan)
               ? (struct outcome){NEXT_WITH_DOCKER, .why = arena_copy(&step->arena, error->message)}
               : ended(-1);
}

static struct outcome build(struct step *step, struct error *error)
{
    struct attempt attempt = {.progress = progress_new(&step->arena)};
    if (make_plan(step, &attempt.plan, error) != 0)
        return ended(-1);
    attempt.program = find_builder(step, &attempt.plan, error);
    if (attempt.program == NULL && signals_received() != 0)
        return cancelled(step);
    if (attempt.program == NULL)
        return without_program(step, &attempt.plan, error);
    if (temporary_builder_make(step, &attempt.plan, attempt.program, error) != 0)
        return without_temporary_builder(step, error);
    attempt.status = run(step, &attempt, error);
    temporary_builder_remove(step, &attempt.plan, attempt.program);
    return attempt.status < 0 ? without_program(step, &attempt.plan, error)
                              : conclude(step, &attempt, error);
}

static void remove_private_directory(struct private_directory *directory)
{
    TRACE_SCOPE("clean-up");
    struct error left_behind = ERROR_INIT;
    if (private_directory_remove(directory, &left_behind) != 0)
        command_warning("Files left behind", left_behind.message);
}

struct outcome attempt_build(struct step *step, struct error *error)
{
    if (signals_received() != 0)
        return cancelled(step);
    const char *parent = environment_get_nonempty(step->environment, "RUNNER_TEMP");
    if (private_directory_create(&step->arena, parent != NULL ? parent : "/tmp", &step->directory,
                                 error) != 0)
        return ended(-1);
    step->facts.private_directory = step->directory.path;
    struct outcome outcome = build(step, error);
    remove_private_directory(&step->directory);
    return outcome;
}
