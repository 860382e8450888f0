/*
 * The short way to what docker can do, for the most frequent of all jobs: `docker buildx build`
 * uses the default builder, that of the engine at a socket on this machine. Docker's commands say
 * the same (docker/inspect), but take ten times as long as the engine does.
 */
#ifndef DOCKER_DEFAULT_BUILDER_H
#define DOCKER_DEFAULT_BUILDER_H

#include "docker/inspect.h"
#include "system/arena.h"

/*
 * The socket of that engine; in `arena`. NULL where docker has no buildx plugin, and where anything
 * may lead it to another engine or builder: variables, its configuration file with its contexts, or
 * a builder made current. (Docker: docker CLI, configuration files; docker context; docker buildx
 * use; CLI plugins.)
 */
const char *default_builder_socket(struct arena *arena, char *const *environment);

/* Asks the engine (Docker: Engine API, GET /info). 0, or -1 where it gives no answer. Strings live
 * in `arena`. */
int default_builder_ask(struct arena *arena, char *const *environment, const char *socket,
                        struct docker_engine *engine);

#endif
