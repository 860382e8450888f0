/*
 * What docker says of itself: of its engine and plugins (`docker info`), and of the builder that a
 * build would use (`docker buildx inspect`). Both are asked at once.
 */
#ifndef DOCKER_INSPECT_H
#define DOCKER_INSPECT_H

#include "system/arena.h"
#include "system/capture.h"
#include "system/string_list.h"

#include <stdbool.h>

/* Strings are NULL where docker did not tell. */
struct docker_engine {
    bool podman;         /* which answers in docker's place */
    const char *problem; /* why the engine does not answer */
    const char *client_version;
    bool buildx;
    const char *buildx_version;
    bool containerd_store;
};

struct docker_builder {
    const char *driver;
    bool able; /* it exports caches, archives of images, and images for several platforms */
    struct string_list platforms; /* that its nodes can run */
};

struct docker_inspection {
    struct capture engine;
    struct capture builder;
};

/* Asks about the builder `builder`, or, where that is NULL, the current one. */
struct docker_inspection docker_inspect_start(struct arena *arena, const char *program,
                                              char *const *environment, const char *builder);

/* Waits for the answers; they live in `arena`. */
void docker_inspect_finish(struct arena *arena, struct docker_inspection *inspection,
                           struct docker_engine *engine, struct docker_builder *builder);

/* Nobody wants to know any more. */
void docker_inspect_dismiss(struct docker_inspection *inspection);

/* The answers, from what the commands print. */
void docker_engine_read(struct arena *arena, const char *json, struct docker_engine *engine);
void docker_builder_read(struct arena *arena, const char *text, struct docker_builder *builder);

#endif
