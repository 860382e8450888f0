/*
 * The runner's tool cache, in the layout that is common to all actions (actions/toolkit:
 * tool-cache): {root}/depot/{version}/{architecture}/, and a file of that name with `.complete`
 * after it, written last: the mark. Only its name counts to other actions. Ours says which archive
 * the entry was made of: `sha256:` and the digest.
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
    const unsigned char *digest; /* of the only archive whose entry counts; NULL: any counts */
};

/* The directory of an entry. Lives in `arena`. */
char *tool_cache_directory(struct arena *arena, const struct tool_cache *cache,
                           const char *version);

enum tool_state { TOOL_MISSING, TOOL_UNUSABLE, TOOL_READY };

/*
 * An entry is ready if its program is whole, and nobody but this user, root and a group may have
 * written its program, its directory or its mark: all three belong to this user or to root, are not
 * writable for others, and are no links. Directories above are not judged.
 */
enum tool_state tool_cache_look(const struct tool_cache *cache, const char *version);

/* An entry in the making. */
struct staging {
    char *directory;
    char *program; /* path of the file that `descriptor` writes */
    int descriptor;
    int lock;                          /* held as long as its maker lives */
    unsigned char digest[DIGEST_SIZE]; /* of its archive: set before it is published */
};

/* Makes a place beside the entries. 0 or -1. Then staging_publish or staging_discard. */
int staging_create(struct arena *arena, const struct tool_cache *cache, struct staging *staging,
                   struct error *error);

/* Ends the writing of its program. 0, or -1 where that is none for the cache's platform. */
int staging_complete(const struct tool_cache *cache, struct staging *staging, struct error *error);

/* Puts it in the entry's place, over one that is not ready, or drops it where another was faster.
 * The staging is gone then, however it ends. 0, or -1 where it cannot be put there. */
int staging_publish(const struct tool_cache *cache, const char *version, struct staging *staging,
                    struct error *error);

/* Leaves nothing behind. */
void staging_discard(const struct tool_cache *cache, struct staging *staging);

#endif
