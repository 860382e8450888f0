#include "run/local_docker.h"

#include "buildkit/progress.h"
#include "docker/default_builder.h"
#include "github/commands.h"
#include "run/execution.h"
#include "run/step.h"
#include "system/environment.h"
#include "system/process.h"
#include "system/trace.h"

#include <string.h>

enum {
    REMOVAL_TIMEOUT_MS = 30 * 1000,
    REMOVAL_GRACE_MS = 6 * 1000,
    REMOVAL_ANSWER_LIMIT = 64 * 1024
};

/* What every command of docker is started with. */
static char **environment_of(struct step *step, const struct plan *plan)
{
    return plan_environment(&step->arena, &step->vault, plan, step->environment);
}

static const struct plan NOTHING_SET = {.builder = BUILDER_DOCKER};

static void ask_commands(struct step *step)
{
    const char *program = step_find_program(step, "docker");
    if (program == NULL)
        return;
    step->docker.inspection = docker_inspect_start(
        &step->arena, program, environment_of(step, &NOTHING_SET), step->inputs.builder);
    step->docker.asked = true;
}

/* Whether these inputs leave the choice of the builder to docker, and need nothing that only
 * docker's commands report: its version, and the platforms that it can run. */
static bool default_builder_does(const struct inputs *inputs)
{
    return inputs->builder == NULL && inputs->platforms.count == 0 && inputs->call == NULL;
}

static void ask(struct step *step)
{
    if (default_builder_does(&step->inputs))
        step->docker.usual = default_builder_find(&step->arena, environment_of(step, &NOTHING_SET));
    if (step->docker.usual.socket == NULL)
        ask_commands(step);
}

void local_docker_ask(struct step *step)
{
    TRACE_SCOPE("ask docker");
    if (step_builder(step) == BUILDER_DOCKER)
        ask(step);
}

/* A builder on another machine (drivers `remote` and `kubernetes`) needs no engine here. */
static bool needs_engine(const struct docker_builder *builder)
{
    return builder->driver == NULL || strcmp(builder->driver, "docker") == 0 ||
           strcmp(builder->driver, "docker-container") == 0;
}

static void hear_commands(struct step *step)
{
    struct docker_engine engine;
    struct docker_builder builder;
    if (!step->docker.asked)
        ask_commands(step);
    if (!step->docker.asked)
        return;
    docker_inspect_finish(&step->arena, &step->docker.inspection, &engine, &builder);
    step->facts.docker = (struct capabilities){
        .known = true,
        .podman =
            engine.podman || (builder.driver != NULL && strcmp(builder.driver, "podman") == 0),
        .problem = needs_engine(&builder) ? engine.problem : NULL,
        .client_version = engine.client_version,
        .buildx = engine.buildx || builder.driver != NULL,
        .buildx_version = engine.buildx_version,
        .driver = builder.driver,
        .able = builder.able,
        .containerd_store = engine.containerd_store,
        .platforms = builder.platforms,
    };
}

/* False if the engine gives no answer: docker's commands know why. */
static bool hear_engine(struct step *step)
{
    struct docker_engine engine;
    struct default_builder *usual = &step->docker.usual;
    if (usual->socket == NULL ||
        default_builder_ask(&step->arena, step->environment, usual, &engine) != 0)
        return false;
    step->facts.docker = (struct capabilities){
        .known = true,
        .buildx = true,
        .driver = "docker",
        .containerd_store = engine.containerd_store,
    };
    return true;
}

void local_docker_hear(struct step *step)
{
    TRACE_SCOPE("hear docker");
    struct local_docker *docker = &step->docker;
    if (step_builder(step) != BUILDER_DOCKER) {
        if (docker->asked)
            docker_inspect_dismiss(&docker->inspection);
        if (docker->usual.socket != NULL)
            default_builder_dismiss(&docker->usual);
        *docker = (struct local_docker){.asked = false};
        return;
    }
    if (docker->usual.socket == NULL && !docker->asked)
        ask(step);
    if (!hear_engine(step))
        hear_commands(step);
}

static int create(struct step *step, const struct plan *plan, const char *program,
                  struct error *error)
{
    struct string_list command =
        string_list_of(&step->arena, "docker", "buildx", "create", "--name",
                       plan->temporary_builder, "--driver", "docker-container", "--bootstrap");
    if (plan->temporary_on_host) {
        string_list_add(&step->arena, &command, "--driver-opt");
        string_list_add(&step->arena, &command, "network=host");
    }
    struct execution creation = {
        .program = program,
        .command = &command,
        .environment = environment_of(step, plan),
        .progress = progress_new(&step->arena),
    };
    int status = execute(&creation, error);
    if (status <= 0)
        return status;
    const char *line = progress_error(creation.progress);
    return error_set(error, "%s", line != NULL ? line : "`docker buildx create` failed");
}

/* Whether it is gone. The runner kills the step 10 s after a signal, and other work has to be done
 * before that. */
static bool remove_builder(struct step *step, const struct plan *plan, const char *program)
{
    const struct string_list command =
        string_list_of(&step->arena, "docker", "buildx", "rm", "--force", plan->temporary_builder);
    struct capture removal = capture_start(program, command.items, environment_of(step, plan));
    removal.grace_ms = REMOVAL_GRACE_MS;
    char *unused;
    return capture_finish(&step->arena, &removal, REMOVAL_ANSWER_LIMIT, REMOVAL_TIMEOUT_MS,
                          &unused) == 0;
}

int temporary_builder_make(struct step *step, const struct plan *plan, const char *program,
                           struct error *error)
{
    if (plan->temporary_builder == NULL)
        return 0;
    TRACE_SCOPE("temporary builder");
    if (create(step, plan, program, error) == 0 || signals_received() != 0)
        return 0;
    remove_builder(step, plan, program);
    return -1;
}

void temporary_builder_remove(struct step *step, const struct plan *plan, const char *program)
{
    if (plan->temporary_builder == NULL)
        return;
    TRACE_SCOPE("temporary builder");
    if (!remove_builder(step, plan, program))
        command_warning("Builder left behind",
                        arena_format(&step->arena,
                                     "The temporary builder could not be removed: run `docker "
                                     "buildx rm --force %s` on the runner.",
                                     plan->temporary_builder));
}
