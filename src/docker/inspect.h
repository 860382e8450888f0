/*
 * What docker reports about its engine and plugins (`docker info`), and about the builder that a
 * build would use (`docker buildx inspect`). Both commands run at the same time.
 */
#ifndef DOCKER_INSPECT_H
#define DOCKER_INSPECT_H

#include "system/arena.h"
#include "system/capture.h"
#include "system/string_list.h"

#include <stdbool.h>

/* Strings are NULL if docker did not report them. */
struct docker_engine {
    bool podman;         /* podman answers in docker's place */
    const char *problem; /* why the engine does not answer */
    const char *client_version;
    bool buildx;
    const char *buildx_version;
    bool containerd_store;
};

struct docker_builder {
    const char *driver;
    bool able; /* can export caches, image archives, and images for several platforms */
    struct string_list platforms; /* those that its nodes can run */
};

struct docker_inspection {
    struct capture engine;
    struct capture builder;
};

/* Asks about the builder `builder`, or about the current one if that is NULL. */
struct docker_inspection docker_inspect_start(struct arena *arena, const char *program,
                                              char *const *environment, const char *builder);

/* Waits for the answers; they live in `arena`. */
void docker_inspect_finish(struct arena *arena, struct docker_inspection *inspection,
                           struct docker_engine *engine, struct docker_builder *builder);

/* The answers are no longer needed. */
void docker_inspect_dismiss(struct docker_inspection *inspection);

/* Read the output of the commands. */
void docker_engine_read(struct arena *arena, const char *json, struct docker_engine *engine);
void docker_builder_read(struct arena *arena, const char *text, struct docker_builder *builder);

#endif
