/*
 * Provides the depot CLI, from the tool cache or, if it is not there, from its release.
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
    long long total;    /* 0 if it is not known */
    long long elapsed;  /* ms since the download started */
    bool ended;
};

struct cli_wanted {
    const char *version; /* `latest`, a version, or a range */
    const char *sha256;  /* of the archive, in hexadecimal; NULL: use the release's checksums */
    char *const *environment; /* sets the cache, the service and the time limit */
    void (*on_progress)(void *context, const struct cli_progress *progress); /* or NULL */
    void *context;
};

struct cli {
    const char *version;
    const char *directory; /* for PATH */
    const char *program;   /* in that directory; absolute */
    bool installed;        /* by this call */
    const char *line;      /* for the log: where it is, and why */
};

/*
 * Finds the CLI, or downloads, verifies and installs it. If the version is cached, an exact one
 * needs no request, and any other needs one. An entry of the tool cache that is not ready is
 * replaced. If that fails, the CLI is installed under RUNNER_TEMP, and its line says so. Returns 0
 * with `cli`, which lives in `arena`, or -1 with an error that says what to do. After an error no
 * files are left.
 */
int cli_provide(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                struct cli *cli, struct error *error);

#endif
