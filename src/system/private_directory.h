/*
 * A directory for files that must not outlive the run. The secrets in it are removed earlier: when
 * their last reader has ended, when the first ending signal arrives, when nobody reads our output
 * any more, or at exit() when memory runs out, whichever comes first.
 *
 * It is accessed through a descriptor that is opened when it is created. Somebody who replaces the
 * directory gets no secret, and loses none of their files. A process has one at a time.
 */
#ifndef SYSTEM_PRIVATE_DIRECTORY_H
#define SYSTEM_PRIVATE_DIRECTORY_H

#include "system/arena.h"
#include "system/error.h"

#include <stddef.h>

struct private_directory {
    const char *path; /* in the arena; absolute if its parent's is */
    int descriptor;
};

/* Creates one with mode 0700 in `parent`, which is created if missing. 0, or -1 with an error.
 * `arena` must live until private_directory_remove. */
int private_directory_create(struct arena *arena, const char *parent,
                             struct private_directory *directory, struct error *error);

/* Creates the file `name` in it, which must not exist, with mode 0600 and these bytes. If a signal
 * has arrived, the file is gone afterwards. `name` lives in `arena`. 0, or -1 with an error. */
int private_directory_add_secret(struct arena *arena, const struct private_directory *directory,
                                 const char *name, const char *bytes, size_t length,
                                 struct error *error);

/* Removes all secrets that were added. May be called in a signal handler, and more than once. */
void private_directory_remove_secrets(void);

/* Removes the directory and the files in it (it never has directories of its own), and closes it.
 * A missing file is not an error: 0, or -1 with an error if something is left. */
int private_directory_remove(struct private_directory *directory, struct error *error);

#endif
