#include "run/transfer.h"

#include "github/commands.h"

#include <stdio.h>

static const double MEGABYTE = 1e6;

const char *transfer_line(struct transfer *transfer, const struct cli_progress *now, char *line,
                          size_t size)
{
    const long long due =
        transfer->shown == 0 ? TRANSFER_FIRST_MS : transfer->shown + TRANSFER_EVERY_MS;
    /* The last line is shown only if there were others before it. */
    if (now->ended ? transfer->shown == 0 : now->elapsed < due)
        return NULL;
    transfer->shown = now->elapsed;
    const double received = (double)now->received / MEGABYTE;
    const double rate = now->elapsed > 0 ? received / ((double)now->elapsed / 1000) : 0;
    if (now->total > 0)
        snprintf(line, size, "Downloading depot %s: %.1f of %.1f MB, %lld%%, %.1f MB/s",
                 now->version, received, (double)now->total / MEGABYTE,
                 now->received * 100 / now->total, rate);
    else
        snprintf(line, size, "Downloading depot %s: %.1f MB, %.1f MB/s", now->version, received,
                 rate);
    return line;
}

void transfer_show(void *context, const struct cli_progress *now)
{
    char buffer[160];
    const char *line = transfer_line(context, now, buffer, sizeof(buffer));
    if (line != NULL)
        command_text(line);
}
