/*
 * Reads and writes whole files, and removes trees of files.
 */
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include "system/error.h"
#include "system/string_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Reads a whole file into `arena`, with a NUL after the last byte. Returns its length in bytes, or
 * -1 with an error, also if it is not a regular file or is larger than `limit` bytes.
 */
ssize_t file_read(struct arena *arena, const char *path, size_t limit, char **text,
                  struct error *error);

/* Appends all of the bytes to `path`, or none. Creates the file if it is missing. 0 or -1. */
int file_append(const char *path, const char *bytes, size_t length, struct error *error);

/* Writes all bytes, however many calls it takes. 0, or -1 with errno set. */
int file_write_all(int descriptor, const char *bytes, size_t length);

/* A descriptor that is closed at the end of its block unless it is negative. Keeps errno:
 * `scoped_fd descriptor = open(…);` */
#define scoped_fd __attribute__((cleanup(file_close), unused)) int
void file_close(const int *descriptor);

/* Opens /dev/null in place of any of standard input, output and error that is closed: otherwise the
 * next file that is opened would get its number. 0 or -1. */
int file_open_streams(void);

bool file_exists(const char *path);

/* Adds the paths of all entries of a directory, in no order; none if it cannot be read. */
void directory_list(struct arena *arena, const char *path, struct string_list *paths);

/* Removes `path`, whatever it is, and everything below it. Never follows a link. It is not an error
 * if it does not exist: 0, or -1 if something is left. */
int file_remove_tree(const char *path, struct error *error);

/* Creates the directory and its parents if they are missing. 0 or -1. */
int directory_create_all(const char *path, struct error *error);

#endif
