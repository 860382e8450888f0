/*
 * What the local docker can build with. Docker is asked once, before the plan is made.
 */
#ifndef PLAN_CAPABILITIES_H
#define PLAN_CAPABILITIES_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stdbool.h>

/* All zero: docker was not asked, and the builder is assumed to support everything. Strings are
 * NULL if docker did not report them. */
struct capabilities {
    bool known;
    bool podman;         /* the command is podman, which does not accept buildx's arguments */
    const char *problem; /* why docker cannot build at all */

    const char *client_version; /* of the docker command: 26.1.5 */
    bool buildx;
    const char *buildx_version; /* 0.13.1 */

    /* The builder that `docker buildx build` would use (Docker: build drivers). */
    const char *driver;    /* docker, docker-container, kubernetes, remote, cloud */
    bool able;             /* it reports that it supports everything; for a driver not known here */
    bool containerd_store; /* the engine keeps images in containerd's image store */
    struct string_list platforms; /* it can run these, its own first; empty: unknown */

    const char *no_container_builder; /* why a temporary one could not be made; NULL: not tried */
};

/* Whether the builder is an engine's own with the engine's own image store, which writes neither
 * attestations nor image indexes nor caches (Docker: docker build driver). A builder about which
 * nothing is known is treated the same way. */
bool capabilities_are_plain(const struct capabilities *capabilities);

/* Whether a version is `major`.`minor` or newer; true if it is not known. */
bool version_reaches(const char *version, int major, int minor);

/* Whether `platform` is one that can run, however it is written (arm64/v8 is arm64). */
bool platform_runs(struct arena *arena, const struct string_list *platforms, const char *platform);

#endif
