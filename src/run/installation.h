/*
 * The CLI's installation beside the build's other preparations, above all the wait for a token: in
 * a thread of its own, which shares nothing with others but what it only reads.
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
    bool threaded; /* and not yet joined */
    pthread_t thread;
    atomic_bool abandoned;
    struct arena arena;
    struct transfer transfer;
    struct cli_wanted wanted;
    struct cli cli;
    int outcome;
    struct error error;
};

/* Starts to provide this version of the CLI. `environment` must stay as it is until the end. */
void installation_start(struct installation *installation, char *const *environment,
                        const char *version);

/* Waits for it. The CLI's path, which lives until installation_end; NULL with an error. */
const char *installation_finish(struct installation *installation, struct error *error);

/* Ends it, also half-way, when nothing is left behind. May be called twice, or without a start. */
void installation_end(struct installation *installation);

#endif
