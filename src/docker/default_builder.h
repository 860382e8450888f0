/*
 * A fast way to find out what docker can do, for the most common kind of job: `docker buildx build`
 * uses the default builder, which belongs to the engine at a socket on this machine. Docker's
 * commands give the same answers (docker/inspect), but take ten times as long as the engine.
 */
#ifndef DOCKER_DEFAULT_BUILDER_H
#define DOCKER_DEFAULT_BUILDER_H

#include "docker/inspect.h"
#include "system/arena.h"

struct default_builder {
    const char *socket;    /* of its engine; NULL: docker may use another builder */
    struct capture plugin; /* docker-buildx, asked for its metadata, as docker does */
};

/*
 * Finds it, and starts docker-buildx; lives in `arena`. There is none if docker does not have this
 * plugin, or if anything may select another engine or builder: variables, contexts in docker's
 * configuration file, or a builder that was made current. (Docker: docker CLI, configuration files;
 * docker context; docker buildx use; CLI plugins.)
 */
struct default_builder default_builder_find(struct arena *arena, char *const *environment);

/* Asks the engine (Docker: Engine API, GET /info). 0, or -1 if it does not answer, is not docker's,
 * or docker-buildx does not start. Strings live in `arena`. */
int default_builder_ask(struct arena *arena, char *const *environment,
                        struct default_builder *builder, struct docker_engine *engine);

/* The answer is no longer needed. */
void default_builder_dismiss(struct default_builder *builder);

#endif
