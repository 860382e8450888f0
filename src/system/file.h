/*
 * Files: whole ones read and written, and trees of them.
 */
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include "system/error.h"
#include "system/string_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads a whole file into `arena`, with a NUL behind the last byte. Returns its length in bytes, or
 * -1 with an error, also where it is no regular file or larger than `limit` bytes.
 */
ssize_t file_read(struct arena *arena, const char *path, size_t limit, char **text,
                  struct error *error);

/* Appends all of the bytes to `path`, creating it where it is missing, or none. 0 or -1. */
int file_append(const char *path, const char *bytes, size_t length, struct error *error);

/* Writes all bytes, however many calls it takes. 0, or -1 with errno set. */
int file_write_all(int descriptor, const char *bytes, size_t length);

/* A descriptor that is closed at the end of its block unless it is negative, errno staying as it
 * is: `scoped_fd descriptor = open(…);` */
#define scoped_fd __attribute__((cleanup(file_close), unused)) int
void file_close(const int *descriptor);

/* Opens /dev/null as standard input, output and error, whichever of them is closed: the next file
 * that is opened must not be taken for it. 0 or -1. */
int file_open_streams(void);

bool file_exists(const char *path);

/* Adds the paths of all that is in a directory, in no order; nothing where it cannot be read. */
void directory_list(struct arena *arena, const char *path, struct string_list *paths);

/* Removes whatever `path` is, with all that is below it, and never through a link. What is gone
 * already is no error: 0, or -1 where something stays behind. */
int file_remove_tree(const char *path, struct error *error);

/* Makes the directory and those above it where they are missing. 0 or -1. */
int directory_create_all(const char *path, struct error *error);

#endif
