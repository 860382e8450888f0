/*
 * The short way to what docker can do, for the most frequent of all jobs: `docker buildx build`
 * uses the default builder, that of the engine at a socket on this machine. Docker's commands say
 * the same (docker/inspect), but take ten times as long as the engine does.
 */
#ifndef DOCKER_DEFAULT_BUILDER_H
#define DOCKER_DEFAULT_BUILDER_H

#include "docker/inspect.h"
#include "system/arena.h"

struct default_builder {
    const char *socket;    /* of its engine; NULL: docker may use another builder */
    struct capture plugin; /* docker-buildx, asked what it is, as docker itself asks it */
};

/*
 * Finds it, and starts docker-buildx; lives in `arena`. There is none if docker has no such plugin,
 * or if anything may lead it to another engine or builder: variables, its configuration file with
 * its contexts, or a builder made current. (Docker: docker CLI, configuration files; docker
 * context; docker buildx use; CLI plugins.)
 */
struct default_builder default_builder_find(struct arena *arena, char *const *environment);

/* Asks the engine (Docker: Engine API, GET /info). 0, or -1 if it gives no answer, is not docker's,
 * or docker-buildx does not start. Strings live in `arena`. */
int default_builder_ask(struct arena *arena, char *const *environment,
                        struct default_builder *builder, struct docker_engine *engine);

/* Nobody wants to know any more. */
void default_builder_dismiss(struct default_builder *builder);

#endif
