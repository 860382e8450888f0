/*
 * Installs the CLI while the step prepares the build, above all while it waits for a token. The
 * installation has its own thread, which shares only data that it reads.
 */
#ifndef RUN_INSTALLATION_H
#define RUN_INSTALLATION_H

#include "depot/cli.h"
#include "run/transfer.h"
#include "system/arena.h"
#include "system/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct installation {
    bool started;
    bool threaded; /* a thread runs that is not yet joined */
    pthread_t thread;
    atomic_bool abandoned;
    struct arena arena;
    struct transfer transfer;
    struct cli_wanted wanted;
    struct cli cli;
    int outcome;
    struct error error;
};

/* Starts to install this version of the CLI. `environment` must not change until installation_end.
 */
void installation_start(struct installation *installation, char *const *environment,
                        const char *version);

/* Waits for it. Returns the CLI's path, which lives until installation_end; NULL with an error. */
const char *installation_finish(struct installation *installation, struct error *error);

/* Ends it, finished or not; an unfinished one leaves nothing on the disk. May be called twice, or
 * without installation_start. */
void installation_end(struct installation *installation);

#endif
