/*
 * The metadata file of a build (docker buildx build: --metadata-file).
 */
#ifndef BUILDKIT_METADATA_H
#define BUILDKIT_METADATA_H

#include "system/arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Each text is NULL if the file does not have it. */
struct metadata {
    const char *text;         /* the file unchanged, or without the provenance */
    bool provenance_left_out; /* `buildx.build.provenance…` was left out, which buildx 0.31 and
                                 newer fill with hundreds of KB */
    const char *pretty;       /* the same for people, one member per line */
    const char *digest;       /* `containerimage.digest` */
    const char *build_id;     /* `depot.build.buildID` */
    const char *project_id;   /* `depot.build.projectID` */
    long long size; /* bytes of the layers in `manifests`, for all platforms, which Depot's builders
                       report for an image that they export; 0 if they do not */
};

/*
 * Reads `text`, `length` bytes of JSON and a NUL, which must live as long as `metadata`; the rest
 * lives in `arena`. If it is longer than `limit` bytes, the provenance is left out. 0, or -1 if it
 * is not a JSON object; `null` and blank text, which the CLIs write when there is nothing to
 * report, are 0 with no member set.
 */
int metadata_parse(struct arena *arena, const char *text, size_t length, size_t limit,
                   struct metadata *metadata);

#endif
