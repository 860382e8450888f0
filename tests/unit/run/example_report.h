/*
 * Reports that the tests start with.
 */
#ifndef EXAMPLE_REPORT_H
#define EXAMPLE_REPORT_H

#include "run/report.h"
#include "unit.h"

#define LIST(...) unit_list((const char *const[]){__VA_ARGS__, NULL})

/* A push of one image for two platforms. */
static inline struct report example_success(void)
{
    return (struct report){
        .result = REPORT_SUCCESS,
        .builder = "depot",
        .reason = "Depot builds, with the token of the input `token`.",
        .started = 1800000000,
        .ms = 73200,
        .build_ms = 70100,
        .machine_ms = 2100,
        .tries = 1,
        .steps = 18,
        .cached = 14,
        .slowest = {{"RUN npm ci", "build", "linux/amd64", 31200},
                    {"RUN npm run build", "build", "linux/arm64", 12000},
                    {"COPY . .", "build", "linux/amd64", 400}},
        .slowest_count = 3,
        .image = {.names = LIST("ghcr.io/acme/app:latest", "ghcr.io/acme/app:1.4.2"),
                  .digest = "sha256:dddd",
                  .id = "sha256:1111",
                  .platforms = LIST("linux/amd64", "linux/arm64"),
                  .attestations = LIST("provenance", "sbom"),
                  .size = 84123456},
        .build_id = "build1",
        .project_id = "project1",
        .url = "https://depot.dev/orgs/acme/projects/project1/builds/build1",
        .inputs = LIST("context: .", "push: true"),
    };
}

/* A RUN that fails on docker. */
static inline struct report example_failure(void)
{
    return (struct report){
        .result = REPORT_FAILURE,
        .builder = "docker",
        .reason =
            "No Depot builder is available, and `buildx-fallback: true` asks for docker then.",
        .fallback = "unavailable: connection refused",
        .started = 1800000000,
        .ms = 42000,
        .tries = 2,
        .steps = 5,
        .cached = 3,
        .failure = {.message = "process \"/bin/sh -c npm test\" did not complete: exit code: 1",
                    .advice = "Set `push: false`",
                    .file = "app/Dockerfile",
                    .line = 12,
                    .step = {.instruction = "RUN npm test", .stage = "test"},
                    .exit_code = 1,
                    .lines = LIST("1 passing", "2 failing")},
    };
}

static inline const char *repeated(const char *text, size_t count)
{
    char *all = arena_allocate(&arena, strlen(text) * count + 1);
    for (char *end = all; count > 0; count--)
        end = stpcpy(end, text);
    return all;
}

#endif
