/*
 * What `plan` and `build` have in common: from the environment to the facts that a plan is made of.
 */
#ifndef RUN_PREPARE_H
#define RUN_PREPARE_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "system/arena.h"
#include "system/error.h"

struct preparation {
    struct arena arena;
    struct arena vault;
    char **environment; /* ours, its secrets moved to the vault */
    struct inputs inputs;
    struct error
        token_problem;  /* why there is no token from OIDC; empty where nothing went wrong */
    struct facts facts; /* without a private directory, and with the token that is there already */
};

/* Starts what guards secrets, and takes them from `environment`. Everything lives until
 * preparation_free. */
void preparation_start(struct preparation *preparation, char **environment);

/* Reads which run this is, and its event: those of the facts that no input has a part in. 0, or -1
 * with an error for the user. */
int preparation_read_run(struct preparation *preparation, struct error *error);

/* Reads that and the inputs. 0, or -1 with an error for the user. */
int preparation_read(struct preparation *preparation, struct error *error);

void preparation_free(struct preparation *preparation);

#endif
