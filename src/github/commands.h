/*
 * The step's log, and the workflow commands in it, which the runner obeys (GitHub: workflow
 * commands for GitHub Actions; actions/runner: ActionCommand.cs). It reads `::command::` at the
 * start of a line, after any Unicode white space and after a carriage return too, and `##[command]`
 * anywhere in a line. So text from others may reach the log only through these functions.
 *
 * Outside a runner (GITHUB_ACTIONS is not `true`), annotations are plain lines. Masks are left out,
 * because they would show what they are meant to hide.
 *
 * Known secrets are redacted before anything is rewritten, because the runner's masks find only the
 * exact text that they were given.
 *
 * Each call writes immediately and in one piece, and may come from any thread.
 */
#ifndef GITHUB_COMMANDS_H
#define GITHUB_COMMANDS_H

#include "system/arena.h"

#include <stdbool.h>

/* Call once, before the others. `log` is the descriptor of standard output or, if that is used for
 * something else, of standard error. The runner reads both. */
void commands_start(int log, char *const *environment);

/* The runner shows this many annotations of each kind for a step (GitHub: usage limits) and drops
 * the others. */
enum { ANNOTATION_LIMIT = 10 };

/* Annotations. `title` and `message` may contain anything; they are escaped. Beyond the limit, an
 * annotation becomes a line of the log. */
void command_error(const char *title, const char *message);
void command_warning(const char *title, const char *message);
void command_notice(const char *title, const char *message);

/* On lines of a file in the repository. `file` may be NULL, the lines 0: not known. */
void command_error_at(const char *title, const char *message, const char *file, int line,
                      int end_line);
void command_warning_at(const char *title, const char *message, const char *file, int line,
                        int end_line);

/* How many more warnings are shown as annotations. */
int command_warnings_left(void);

/* Shown if debug logging is on (RUNNER_DEBUG=1). */
void command_debug(const char *message);

/* Makes the runner show `***` for what is secret in `value`, line by line (system/redaction.h), and
 * redacts it from now on in everything that these functions write. */
void command_mask(const char *value);

/* Lines of the log that may contain anything: the runner obeys none of it. */
void command_text(const char *text);

/* The same, folded under a title. */
void command_group(const char *title, const char *text);

/* One JSON document, to standard output, for a program to read. Its strings may contain anything:
 * what the runner could obey is written as a JSON escape. 0, or -1 if it cannot be written. */
int command_json(const char *json);

/*
 * Between these two calls, the runner obeys nothing (GitHub: stopping and starting workflow
 * commands), and another process may write to commands_log(). The token that ends the pause is new
 * each time and cannot be guessed. Only for run/execution.
 *
 * commands_stop returns 0, or -1 if it could not be written; then the runner would obey everything.
 * commands_resume begins with a line feed unless `at_line_start`.
 */
int commands_stop(void);
void commands_resume(bool at_line_start);
int commands_log(void);

/* The text, with the characters escaped that the runner reads as syntax: % CR LF, and in a property
 * also : and , For the log's commands; lives in `arena`. */
char *command_escape_data(struct arena *arena, const char *text);
char *command_escape_property(struct arena *arena, const char *text);

#endif
