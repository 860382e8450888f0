/*
 * What a step passes on: its outputs, variables and PATH folders for the job's later steps (GitHub:
 * GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH, multiline strings), and its part of the job summary
 * (GITHUB_STEP_SUMMARY).
 */
#ifndef GITHUB_OUTPUTS_H
#define GITHUB_OUTPUTS_H

#include "system/arena.h"
#include "system/error.h"

#include <stddef.h>

struct output {
    const char *name;
    const char *value; /* NULL: the step does not have it, and the output stays empty */
};

/*
 * Appends the outputs that have a value to the file GITHUB_OUTPUT, all or none of them. Does
 * nothing if that is not set. 0, or -1 with an error that names the file.
 */
int outputs_write(char *const *environment, const struct output *outputs, size_t count,
                  struct error *error);

/* The same for variables that later steps find in their environment: the file GITHUB_ENV. Its text
 * is allocated in `arena`, which must be the vault if it holds a secret. */
int exports_write(struct arena *arena, char *const *environment, const struct output *variables,
                  size_t count, struct error *error);

/* Puts `directory` before all others in the PATH of later steps: the file GITHUB_PATH. 0 or -1. */
int path_write(char *const *environment, const char *directory, struct error *error);

/* Adds Markdown to the job summary, the file GITHUB_STEP_SUMMARY. Does nothing if there is no such
 * file. 0 or -1. */
int summary_write(char *const *environment, const char *markdown, struct error *error);

/* The text of the file for these outputs. Each value has a new random delimiter that cannot be
 * guessed. Lives in `arena`. */
char *outputs_format(struct arena *arena, const struct output *outputs, size_t count);

#endif
