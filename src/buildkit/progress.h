/*
 * The one reader of what a build prints: BuildKit's plain progress, as `docker buildx build` and
 * `depot build` write it when no terminal reads them (BuildKit: util/progress/progressui), and the
 * CLI's own words around it. It is fed with bytes in any portions, as they pass.
 *
 *     #7 [linux/amd64 build 3/5] RUN make        a step's title, after an empty line
 *     #7 0.412 text                              what it prints
 *     #7 ...                                     another step is shown for a while
 *     #7 DONE 1.2s | CACHED | CANCELED | ERROR: text
 *     ------
 *      > [linux/amd64 build 3/5] RUN make:       a failed step again, to the next such line
 *     ------
 *     Dockerfile:12                              docker: where that is, with the lines around it
 *     --------------------
 *     ERROR: failed to solve: text               the CLI's last words
 *
 * Names are a frontend's and steps print what they like: nothing that a step prints is taken for
 * anything else, also when it follows a carriage return. Time is linear in the bytes, and memory
 * constant: about 240 KiB at most, of which an ordinary build touches little.
 */
#ifndef BUILDKIT_PROGRESS_H
#define BUILDKIT_PROGRESS_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PROGRESS_STEPS = 500,     /* of more, only the number is known */
    PROGRESS_NAME_SIZE = 201, /* of a step's name, with the NUL; more is cut */
};

enum build_step_state {
    BUILD_STEP_RUNS,
    BUILD_STEP_DONE,
    BUILD_STEP_CACHED,
    BUILD_STEP_FAILED,
    BUILD_STEP_CANCELLED,
};

/* Names are without escape sequences and, tabs aside, control characters, but otherwise hostile
 * text. */
struct build_step {
    unsigned number;
    enum build_step_state state;
    long long time_ms; /* that it took, or, unless it is done, of the last line that it printed */
    bool rewritten;    /* what is missing in its name, by the rule above, was there */
    char name[PROGRESS_NAME_SIZE]; /* empty if the log does not tell it */
};

/* Where docker says that the failure is. */
struct build_source {
    int line;                      /* from 1; 0: it says nothing */
    char file[PROGRESS_NAME_SIZE]; /* the Dockerfile's base name */
    char text[PROGRESS_NAME_SIZE]; /* that line, as far as it fits; may be empty */
};

struct progress;

/* A reader that has read nothing. Lives in `arena`. */
struct progress *progress_new(struct arena *arena);

void progress_feed(struct progress *progress, const char *bytes, size_t length);

/* All is fed: a last line without an end is one too. To call it again does nothing. What follows
 * may also be asked before, about all lines so far that have an end. */
void progress_end(struct progress *progress);

/* In the order in which they began. `index` is below the count. */
size_t progress_step_count(const struct progress *progress);
const struct build_step *progress_step(const struct progress *progress, size_t index);

/* How many more steps there were than PROGRESS_STEPS. */
size_t progress_steps_beyond(const struct progress *progress);

/* A step of the build was begun, `#4 [internal] load build definition`, other than those that get a
 * machine, `#2 [depot] launching amd64 machine`. From then on a failure is the build's own. */
bool progress_began(const struct progress *progress);

/* A machine is asked for, and nothing else runs. */
bool progress_waits_for_machine(const struct progress *progress);

/*
 * Why the build failed, in one line: the last of the CLI's own lines that begins with `error:` in
 * any case, without that word, or with `failed to solve`; else the last line that is not blank;
 * else NULL.
 */
const char *progress_error(const struct progress *progress);

/* The step that the CLI's last words are about; NULL if they are about none, or none failed. */
const struct build_step *progress_failed_step(const struct progress *progress);

/* The exit status that the failed step's process ended with (`exit code: 1`); -1 if the log does
 * not tell it. */
int progress_exit_status(const struct progress *progress);

/* What the builder says about the failure, never what a step printed: its last error and the failed
 * step's `ERROR:`, lines that go on with them included; long ones without their middle. "" if there
 * is nothing. Lives in `arena`. */
const char *progress_evidence(struct arena *arena, const struct progress *progress);

/* The last lines that a step printed, oldest first, without the blank ones (buildkit/lines.h);
 * those of a step that did not fail are forgotten when it ends. They live in `arena`. */
void progress_step_lines(struct arena *arena, const struct progress *progress,
                         const struct build_step *step, struct string_list *lines);

/* Whether the builder's words about the failure, or the last lines of the failed step, hold `text`.
 */
bool progress_failure_says(const struct progress *progress, const char *text);

/* As far as docker's block or a parse error (`parse error on line 2`) tells it. */
struct build_source progress_source(const struct progress *progress);

/* How many warnings of the Dockerfile the builder counts. */
int progress_warnings(const struct progress *progress);

/* What `--call check` sums up, its first line; NULL if nothing. */
const char *progress_verdict(const struct progress *progress);

/* Where the build is at Depot, from the CLI's own line before the build begins: an address of
 * https://depot.dev/ made of letters, digits, `/`, `_` and `-`. NULL if there is none. */
const char *progress_build_url(const struct progress *progress);

/* How many bytes were looked at to find the lines' ends, which is what grows with the log. */
size_t progress_work(const struct progress *progress);

#endif
