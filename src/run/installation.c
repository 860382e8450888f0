#include "run/installation.h"

#include "github/commands.h"
#include "system/trace.h"

static void *install(void *context)
{
    TRACE_SCOPE("installation");
    struct installation *installation = context;
    scoped_http http = {
        .environment = installation->wanted.environment,
        .abandoned = &installation->abandoned,
        .on_retry = command_debug,
    };
    installation->outcome = cli_provide(&http, &installation->arena, &installation->wanted,
                                        &installation->cli, &installation->error);
    return NULL;
}

void installation_start(struct installation *installation, char *const *environment,
                        const char *version)
{
    *installation = (struct installation){.started = true, .arena = ARENA_INIT};
    installation->wanted = (struct cli_wanted){
        .version = version,
        .environment = environment,
        .on_progress = transfer_show,
        .context = &installation->transfer,
    };
    installation->threaded =
        pthread_create(&installation->thread, NULL, install, installation) == 0;
    /* Without a thread it only takes longer. */
    if (!installation->threaded)
        install(installation);
}

static void join(struct installation *installation)
{
    if (installation->threaded)
        pthread_join(installation->thread, NULL);
    installation->threaded = false;
}

const char *installation_finish(struct installation *installation, struct error *error)
{
    join(installation);
    if (installation->outcome == 0)
        return installation->cli.program;
    *error = installation->error;
    return NULL;
}

void installation_end(struct installation *installation)
{
    if (!installation->started)
        return;
    atomic_store(&installation->abandoned, true);
    join(installation);
    arena_free(&installation->arena);
    installation->started = false;
}
