/*
 * The step's outputs (GitHub: GITHUB_OUTPUT, multiline strings).
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
 * nothing where that is not set. 0, or -1 with an error that names the file.
 */
int outputs_write(char *const *environment, const struct output *outputs, size_t count,
                  struct error *error);

/* The text of the file for these outputs. A value's delimiter is drawn anew and cannot be guessed.
 * Lives in `arena`. */
char *outputs_format(struct arena *arena, const struct output *outputs, size_t count);

#endif
