/*
 * What a subcommand owns from its first line to its last.
 */
#ifndef RUN_STEP_H
#define RUN_STEP_H

#include "plan/builder.h"
#include "plan/facts.h"
#include "plan/inputs.h"
#include "run/installation.h"
#include "run/local_docker.h"
#include "system/arena.h"
#include "system/error.h"
#include "system/private_directory.h"
#include "system/string_list.h"

struct step {
    struct arena arena;
    struct arena vault;
    char **environment; /* the program's own, with its secrets moved to the vault */
    struct inputs inputs;
    struct facts facts;               /* what is known so far */
    struct error token_problem;       /* why OIDC gave no token; empty if nothing went wrong */
    struct installation installation; /* of the CLI, during the wait for a token */
    struct local_docker docker;
    struct private_directory directory; /* of the current attempt */
    long long began_at;                 /* s since 1970 */
    long long began_ms;                 /* by the monotonic clock */
    int tries;                          /* how often the current builder was started */
    int retried;                        /* how often the build was tried again */
    struct string_list said;            /* what was said already: see step_says */
};

/* Starts the protection of secrets, and moves them out of `environment`. Everything lives until
 * step_free. */
void step_start(struct step *step, char **environment);

/* Reads which run this is, and its event: the facts that do not depend on inputs. Warns if the
 * event cannot be read. */
void step_read_run(struct step *step);

/* Reads the run, the inputs, and the token if one is already set. Returns 0, or -1 with an error
 * for the user. */
int step_read(struct step *step, struct error *error);

/* Which builder builds, by what is known so far. */
enum builder step_builder(const struct step *step);

/* The program `name` on PATH, in the step's arena; NULL if there is none. */
const char *step_find_program(struct step *step, const char *name);

/* Whether to say `text`: true only the first time. The step keeps `text`. */
bool step_says(struct step *step, const char *text);

void step_free(struct step *step);

#endif
