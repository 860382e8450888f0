/*
 * What a job owns from its first line to its last.
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
    char **environment; /* ours, its secrets moved to the vault */
    struct inputs inputs;
    struct facts facts;               /* what became known so far */
    struct error token_problem;       /* why OIDC gave no token; empty if nothing went wrong */
    struct installation installation; /* of the CLI, while a token is waited for */
    struct local_docker docker;
    struct private_directory directory; /* of the attempt that is under way */
    long long began_at;                 /* s since 1970 */
    long long began_ms;                 /* of the monotonic clock */
    int tries;                          /* how often the builder was started that is to build */
    int retried;                        /* how often it was to be tried again */
    struct string_list said;            /* what need not be said again: see step_says */
};

/* Starts what guards secrets, and takes them from `environment`. Everything lives until step_free.
 */
void step_start(struct step *step, char **environment);

/* Reads which run this is, and its event: those of the facts that no input has a part in. Warns of
 * an event that cannot be read. */
void step_read_run(struct step *step);

/* Reads that, the inputs, and the token that is there already. 0, or -1 with an error for the user.
 */
int step_read(struct step *step, struct error *error);

/* Who builds, by what is known so far. */
enum builder step_builder(const struct step *step);

/* The program `name` on PATH, in the step's arena; NULL if there is none. */
const char *step_find_program(struct step *step, const char *name);

/* Whether `text` is to be said: true for the first time only, of which the step keeps `text`. */
bool step_says(struct step *step, const char *text);

void step_free(struct step *step);

#endif
