#include "run/local_docker.h"

#include "docker/default_builder.h"
#include "github/commands.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/process.h"
#include "system/program.h"
#include "system/string_list.h"
#include "system/trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REMOVAL_TIMEOUT_MS = 30 * 1000, REMOVAL_ANSWER_LIMIT = 64 * 1024 };

/* What docker is started with, whichever command it is. */
static char **environment_of(struct preparation *preparation, const struct plan *plan)
{
    return plan_environment(&preparation->arena, &preparation->vault, plan,
                            preparation->environment);
}

static void ask_commands(struct local_docker *docker, struct preparation *preparation)
{
    const char *path = environment_get(preparation->environment, "PATH");
    const char *program = program_find(&preparation->arena, path, "docker");
    if (program == NULL)
        return;
    const struct plan nothing_set = {.builder = BUILDER_DOCKER};
    docker->inspection = docker_inspect_start(&preparation->arena, program,
                                              environment_of(preparation, &nothing_set),
                                              preparation->inputs.builder);
    docker->asked = true;
}

static bool docker_builds(const struct preparation *preparation)
{
    return builder_choose(&preparation->inputs, &preparation->facts).builder == BUILDER_DOCKER;
}

/* Whether these inputs leave it to docker which builder it uses, and need to know nothing of it
 * that only docker's commands tell: its version, and the platforms that it can run. */
static bool default_builder_does(const struct inputs *inputs)
{
    return inputs->builder == NULL && inputs->platforms.count == 0 && inputs->call == NULL;
}

static void ask(struct local_docker *docker, struct preparation *preparation)
{
    if (default_builder_does(&preparation->inputs))
        docker->socket = default_builder_socket(&preparation->arena, preparation->environment);
    if (docker->socket == NULL)
        ask_commands(docker, preparation);
}

void local_docker_ask(struct local_docker *docker, struct preparation *preparation)
{
    TRACE_SCOPE("ask docker");
    *docker = (struct local_docker){.asked = false};
    if (docker_builds(preparation))
        ask(docker, preparation);
}

/* A builder elsewhere (drivers `remote` and `kubernetes`) needs no engine here. */
static bool needs_engine(const struct docker_builder *builder)
{
    return builder->driver == NULL || strcmp(builder->driver, "docker") == 0 ||
           strcmp(builder->driver, "docker-container") == 0;
}

static void hear_commands(struct local_docker *docker, struct preparation *preparation)
{
    struct docker_engine engine;
    struct docker_builder builder;
    if (!docker->asked)
        ask_commands(docker, preparation);
    if (!docker->asked)
        return;
    docker_inspect_finish(&preparation->arena, &docker->inspection, &engine, &builder);
    preparation->facts.docker = (struct capabilities){
        .known = true,
        .problem = needs_engine(&builder) ? engine.problem : NULL,
        .client_version = engine.client_version,
        .buildx = engine.buildx || builder.driver != NULL,
        .buildx_version = engine.buildx_version,
        .driver = builder.driver,
        .containerd_store = engine.containerd_store,
        .platforms = builder.platforms,
    };
}

/* False where the engine gives no answer: docker's commands know why. */
static bool hear_engine(const struct local_docker *docker, struct preparation *preparation)
{
    struct docker_engine engine;
    if (docker->socket == NULL || default_builder_ask(&preparation->arena, preparation->environment,
                                                      docker->socket, &engine) != 0)
        return false;
    preparation->facts.docker = (struct capabilities){
        .known = true,
        .buildx = true,
        .driver = "docker",
        .containerd_store = engine.containerd_store,
    };
    return true;
}

void local_docker_hear(struct local_docker *docker, struct preparation *preparation)
{
    TRACE_SCOPE("hear docker");
    if (!docker_builds(preparation)) {
        if (docker->asked)
            docker_inspect_dismiss(&docker->inspection);
        docker->asked = false;
        return;
    }
    if (docker->socket == NULL && !docker->asked)
        ask(docker, preparation);
    if (!hear_engine(docker, preparation))
        hear_commands(docker, preparation);
}

static void observe(void *context, const char *bytes, size_t length)
{
    log_feed(context, bytes, length);
}

int temporary_builder_make(struct preparation *preparation, const struct plan *plan,
                           const char *program, struct error *error)
{
    const char *const words[] = {
        "docker",   "buildx",           "create",     "--name", plan->temporary_builder,
        "--driver", "docker-container", "--bootstrap"};
    struct string_list arguments = {0};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        string_list_add(&preparation->arena, &arguments, words[i]);
    if (plan->temporary_on_host) {
        string_list_add(&preparation->arena, &arguments, "--driver-opt");
        string_list_add(&preparation->arena, &arguments, "network=host");
    }
    struct log log = LOG_INIT;
    const struct process process = {
        .program = program,
        .arguments = arguments.items,
        .environment = environment_of(preparation, plan),
        .output = STDOUT_FILENO,
        .on_output = observe,
        .context = &log,
    };
    commands_stop();
    printf("[command]%s\n", string_list_join(&preparation->arena, &arguments, " "));
    fflush(stdout);
    int status = process_run(&process, error);
    commands_resume(log.at_line_start);
    if (status <= 0)
        return status;
    const char *line = log_failure(&log);
    return error_set(error, "%.600s", line != NULL ? line : "`docker buildx create` failed");
}

int temporary_builder_remove(struct preparation *preparation, const struct plan *plan,
                             const char *program)
{
    const char *const words[] = {"docker", "buildx", "rm", "--force", plan->temporary_builder};
    struct string_list arguments = {0};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        string_list_add(&preparation->arena, &arguments, words[i]);
    struct capture removal =
        capture_start(program, arguments.items, environment_of(preparation, plan));
    removal.through_signals = true;
    char *unused;
    return capture_finish(&preparation->arena, &removal, REMOVAL_ANSWER_LIMIT, REMOVAL_TIMEOUT_MS,
                          &unused) == 0
               ? 0
               : -1;
}
