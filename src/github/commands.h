/*
 * Workflow commands: what the runner obeys when it stands in the log (GitHub: workflow commands
 * for GitHub Actions). Outside of a runner (GITHUB_ACTIONS is not
 * `true`) annotations are plain lines, and masks, which would show what they hide, are left out.
 */
#ifndef GITHUB_COMMANDS_H
#define GITHUB_COMMANDS_H

#include "system/arena.h"

#include <stdbool.h>
#include <stdio.h>

/* Call once, before the others. `stream` is standard output, or, where that is for something else,
 * standard error: the runner reads both. */
void commands_start(FILE *stream, char *const *environment);

/* Annotations. `title` and `message` may hold anything; they are escaped. */
void command_error(const char *title, const char *message);
void command_warning(const char *title, const char *message);
void command_notice(const char *title, const char *message);

/* A warning on lines of a file in the repository. `file` may be NULL, the lines 0: not known. */
void command_warning_at(const char *title, const char *message, const char *file, int line,
                        int end_line);

/* Shown where the run is debugged (RUNNER_DEBUG=1). */
void command_debug(const char *message);

/* Has the runner show `***` for each line of `value`. */
void command_mask(const char *value);

/* A group that holds `text`, of which no line is taken for a command. */
void command_group(const char *title, const char *text);

/*
 * Between these two the runner obeys nothing (GitHub: stopping and starting workflow commands).
 * The token that ends the pause is drawn anew and cannot be guessed. commands_resume begins on a
 * line of its own where `at_line_start` is false.
 */
void commands_stop(void);
void commands_resume(bool at_line_start);

/* The text with what the runner reads as syntax escaped: % CR LF, and in a property also : and ,
 * For the log's commands; lives in `arena`. */
char *command_escape_data(struct arena *arena, const char *text);
char *command_escape_property(struct arena *arena, const char *text);

#endif
