/*
 * The runner's tool cache, in the layout that is common to all actions (actions/toolkit:
 * tool-cache): {root}/depot/{version}/{architecture}/, and an empty file of that name with
 * `.complete` behind it, written last.
 *
 * An entry is made in a directory beside it and renamed, so that it appears whole or not at all,
 * whoever else makes it at the same time. What a process that was killed leaves half-made, the next
 * installation removes.
 */
#ifndef DEPOT_TOOL_CACHE_H
#define DEPOT_TOOL_CACHE_H

#include "depot/release.h"
#include "system/arena.h"
#include "system/error.h"

#include <stdbool.h>

struct tool_cache {
    const char *root; /* RUNNER_TOOL_CACHE */
    const struct platform *platform;
};

/* The directory of an entry. Lives in `arena`. */
char *tool_cache_directory(struct arena *arena, const struct tool_cache *cache,
                           const char *version);

/* Whether the entry is there: its mark, and in it a program that is whole. */
bool tool_cache_has(const struct tool_cache *cache, const char *version);

/* An entry in the making. */
struct staging {
    char *directory;
    char *program; /* path of the file that `descriptor` writes */
    int descriptor;
    int lock; /* held as long as its maker lives */
};

/* Makes a place beside the entries. 0 or -1. Then staging_publish or staging_discard. */
int staging_create(struct arena *arena, const struct tool_cache *cache, struct staging *staging,
                   struct error *error);

/* Puts it in the entry's place, over one that is broken, or drops it where another was faster. The
 * staging is gone then, however it ends. 0 or -1. */
int staging_publish(const struct tool_cache *cache, const char *version, struct staging *staging,
                    struct error *error);

/* Leaves nothing behind. */
void staging_discard(const struct tool_cache *cache, struct staging *staging);

#endif
