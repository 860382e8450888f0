/*
 * The one reader of what a build prints: BuildKit's plain progress, as `docker buildx build` and
 * `depot build` write it when no terminal reads them (BuildKit: util/progress/progressui), and the
 * CLI's own words around it. It is fed with bytes in portions of any size, as they arrive.
 *
 *     #7 [linux/amd64 build 3/5] RUN make        a step's title, after an empty line
 *     #7 0.412 text                              what it prints
 *     #7 ...                                     another step is shown for a while
 *     #7 DONE 1.2s | CACHED | CANCELED | ERROR: text
 *     ------
 *      > [linux/amd64 build 3/5] RUN make:       a failed step again, up to the next such line
 *     ------
 *     Dockerfile:12                              docker: where it is, and the lines around it
 *     --------------------
 *     ERROR: failed to solve: text               the CLI's last words
 *
 * A frontend chooses the names, and steps print what they like. So nothing that a step prints is
 * taken for anything else, even after a carriage return. Time is linear in the number of bytes, and
 * memory is constant: at most about 240 KiB, of which an ordinary build touches little.
 */
#ifndef BUILDKIT_PROGRESS_H
#define BUILDKIT_PROGRESS_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PROGRESS_STEPS = 500,     /* of further steps, only the number is known */
    PROGRESS_NAME_SIZE = 201, /* of a step's name, with the NUL; longer ones are cut */
};

enum build_step_state {
    BUILD_STEP_RUNS,
    BUILD_STEP_DONE,
    BUILD_STEP_CACHED,
    BUILD_STEP_FAILED,
    BUILD_STEP_CANCELLED,
};

/* Names contain no escape sequences and, except for tabs, no control characters. Otherwise they are
 * hostile text. */
struct build_step {
    unsigned number;
    enum build_step_state state;
    long long time_ms; /* how long it took or, until it is done, the time of the last line that it
                          printed */
    bool rewritten;    /* its name had something that the rule above removed */
    char name[PROGRESS_NAME_SIZE]; /* empty if the log does not show it */
};

/* Where the failure is, according to docker. */
struct build_source {
    int line;                      /* from 1; 0: docker does not say */
    char file[PROGRESS_NAME_SIZE]; /* the Dockerfile's base name */
    char text[PROGRESS_NAME_SIZE]; /* that line, as far as it fits; may be empty */
};

struct progress;

/* A reader that has not read anything yet. Lives in `arena`. */
struct progress *progress_new(struct arena *arena);

void progress_feed(struct progress *progress, const char *bytes, size_t length);

/* Everything has been fed: a last line without an end counts too. Calling it again does nothing.
 * The functions below may also be called before, for all lines so far that have an end. */
void progress_end(struct progress *progress);

/* The steps, in the order in which they began. `index` must be below the count. */
size_t progress_step_count(const struct progress *progress);
const struct build_step *progress_step(const struct progress *progress, size_t index);

/* How many steps there were beyond PROGRESS_STEPS. */
size_t progress_steps_beyond(const struct progress *progress);

/* Whether a step of the build has begun, `#4 [internal] load build definition`, other than one that
 * gets a machine, `#2 [depot] launching amd64 machine`. From then on, a failure is the build's own.
 */
bool progress_began(const struct progress *progress);

/* Whether the build waits for a machine and nothing else runs. */
bool progress_waits_for_machine(const struct progress *progress);

/*
 * Why the build failed, in one line: the last of the CLI's own lines that begins with `error:` in
 * upper or lower case, without that word, or with `failed to solve`. If there is none, the last
 * line that is not blank; if there is none either, NULL.
 */
const char *progress_error(const struct progress *progress);

/* The step that the CLI's last words are about; NULL if they are not about a step, or no step
 * failed. */
const struct build_step *progress_failed_step(const struct progress *progress);

/* The exit status of the failed step's process (`exit code: 1`); -1 if the log does not show it. */
int progress_exit_status(const struct progress *progress);

/* What the builder says about the failure, never what a step printed: its last error and the failed
 * step's `ERROR:`, including the lines that continue them. Long ones are without their middle. ""
 * if there is nothing. Lives in `arena`. */
const char *progress_evidence(struct arena *arena, const struct progress *progress);

/* The last lines that a step printed, oldest first, without blank ones (buildkit/lines.h). If a
 * step ends without failing, its lines are dropped. They live in `arena`. */
void progress_step_lines(struct arena *arena, const struct progress *progress,
                         const struct build_step *step, struct string_list *lines);

/* Whether the builder's words about the failure, or the last lines of the failed step, contain
 * `text`. */
bool progress_failure_says(const struct progress *progress, const char *text);

/* The failure's place, as far as docker's block or a parse error (`parse error on line 2`) shows
 * it. */
struct build_source progress_source(const struct progress *progress);

/* How many warnings about the Dockerfile the builder counts. */
int progress_warnings(const struct progress *progress);

/* The first line of the summary of `--call check`; NULL if there is none. */
const char *progress_verdict(const struct progress *progress);

/* The build's address at Depot, from the CLI's own line before the build begins: it starts with
 * https://depot.dev/ and is made of letters, digits, `/`, `_` and `-`. NULL if there is none. */
const char *progress_build_url(const struct progress *progress);

/* How many bytes were examined to find the ends of lines, which is the work that grows with the
 * log. */
size_t progress_work(const struct progress *progress);

#endif
