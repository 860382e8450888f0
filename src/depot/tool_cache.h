/*
 * The runner's tool cache, in the layout that all actions share (actions/toolkit: tool-cache):
 * {root}/depot/{version}/{architecture}/, and a file with the same name and `.complete` after it,
 * the mark, which is written last. Other actions only check that it exists. Ours contains the
 * digest of the entry's archive: `sha256:` and the digest.
 *
 * An entry is created in another directory and renamed, so that it appears complete or not at all,
 * even if several processes create it at the same time. The next installation removes incomplete
 * entries of a process that was killed.
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
    const unsigned char *digest; /* of the only archive that is accepted; NULL: accept any */
};

/* The directory of an entry. Lives in `arena`. */
char *tool_cache_directory(struct arena *arena, const struct tool_cache *cache,
                           const char *version);

enum tool_state { TOOL_MISSING, TOOL_UNUSABLE, TOOL_READY };

/*
 * An entry is ready if its program is complete, and only this user, root and a group can have
 * written its program, its directory and its mark: all three belong to this user or to root, are
 * not writable by others, and are not links. Parent directories are not checked.
 */
enum tool_state tool_cache_look(const struct tool_cache *cache, const char *version);

/* An entry that is being created. */
struct staging {
    char *directory;
    char *program; /* path of the file that `descriptor` writes */
    int descriptor;
    int lock;                          /* held as long as its process runs */
    unsigned char digest[DIGEST_SIZE]; /* of its archive: set before it is published */
};

/* Creates a directory next to the entries. 0 or -1. Then call staging_publish or staging_discard.
 */
int staging_create(struct arena *arena, const struct tool_cache *cache, struct staging *staging,
                   struct error *error);

/* Finishes writing the program. 0, or -1 if it is not a program for the cache's platform. */
int staging_complete(const struct tool_cache *cache, struct staging *staging, struct error *error);

/* Moves it into the entry's place. Replaces an entry that is not ready; if another process was
 * faster, drops this one. The staging is gone in any case. 0, or -1 if it cannot be moved. */
int staging_publish(const struct tool_cache *cache, const char *version, struct staging *staging,
                    struct error *error);

/* Removes all files of the staging. */
void staging_discard(const struct tool_cache *cache, struct staging *staging);

#endif
