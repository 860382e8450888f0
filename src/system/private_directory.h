/*
 * A directory for files that must not outlive the run, and the secrets in it, which go earlier:
 * when their last reader has ended, when the first ending signal comes, when nobody reads our
 * output any more, and at exit() for want of memory, whichever is first.
 *
 * It is held by its descriptor from its creation, so that whoever puts something else in its place
 * gets no secret, and has none of their files removed. There is one at a time in a process.
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

/* Makes one of mode 0700 in `parent`, which is made if it is missing. 0, or -1 with an error.
 * `arena` must live until private_directory_remove. */
int private_directory_create(struct arena *arena, const char *parent,
                             struct private_directory *directory, struct error *error);

/* Creates the file `name` in it, which must not exist, with mode 0600 and these bytes. If a signal
 * has come, there is none afterwards. `name` lives in `arena`. 0, or -1 with an error. */
int private_directory_add_secret(struct arena *arena, const struct private_directory *directory,
                                 const char *name, const char *bytes, size_t length,
                                 struct error *error);

/* Removes all secrets that were added. May be called in a signal handler, and more than once. */
void private_directory_remove_secrets(void);

/* Removes the directory and the files in it (it never has directories of its own), and closes it.
 * What is gone already is no error: 0, or -1 with an error if something stays behind. */
int private_directory_remove(struct private_directory *directory, struct error *error);

#endif
