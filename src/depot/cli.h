/*
 * The depot CLI, from the tool cache or, where it is not there, from its release.
 */
#ifndef DEPOT_CLI_H
#define DEPOT_CLI_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http.h"

#include <stdbool.h>

struct cli_progress {
    const char *version;
    long long received; /* bytes */
    long long total;    /* 0 where it is not known */
    long long elapsed;  /* ms since the first of them was asked for */
    bool ended;
};

struct cli_wanted {
    const char *version;      /* `latest`, a version, or a range */
    const char *sha256;       /* of the archive, in hexadecimal; NULL: by the release's checksums */
    char *const *environment; /* names the cache and the service, and bounds the time */
    void (*on_progress)(void *context, const struct cli_progress *progress); /* or NULL */
    void *context;
};

struct cli {
    const char *version;
    const char *directory; /* for PATH */
    const char *program;   /* in it; absolute */
    bool installed;        /* anew, by us */
    const char *line;      /* for the log: where it is, and why there */
};

/*
 * Finds the CLI, or downloads, verifies and installs it. A version that is exact and cached costs
 * no request, any other that is cached one. An entry of the tool cache that is not ready is
 * replaced; if it cannot be, the CLI is installed under RUNNER_TEMP, and its line says so. 0 with
 * `cli`, which lives in `arena`, or -1 with an error that says what to do; nothing is left behind
 * then.
 */
int cli_provide(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                struct cli *cli, struct error *error);

#endif
