/*
 * The plan of a build: who builds and the exact command. What `plan` prints is what `build` runs.
 *
 * Pure: it is decided on the inputs and the facts alone, and nothing is read, written or asked.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/attestations.h"
#include "plan/builder.h"
#include "plan/facts.h"
#include "plan/inputs.h"
#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

/* What the builder is asked for: the inputs as they were read, and then without what the builder
 * cannot do. */
struct request {
    struct inputs inputs;
    struct attestations attestations; /* of provenance, sbom and attests */
    struct records cache_from;
    struct records cache_to;
    bool actions_cache_left_out; /* a `type=gha` among them */
    struct records outputs;      /* those of the inputs */
};

struct plan_variable {
    const char *name;
    const char *value; /* in the vault where secret */
    bool secret;
};

enum secret_source { SECRET_FILE, SECRET_ENV };

struct plan_secret {
    const char *id;
    const char *input; /* that it comes from */
    enum secret_source source;
    const char *path;  /* of a SECRET_FILE; absolute, in the private directory, where we write it */
    const char *value; /* what to write there, in the vault; NULL where the file is the user's */
    const char *variable; /* of a SECRET_ENV */
};

enum { PLAN_VARIABLES = 3 };

struct plan {
    enum builder builder;
    const char *reason;
    struct request request;
    bool classic;                  /* `docker build`, as there is no buildx */
    const char *temporary_builder; /* a docker-container builder of this name is made for the
                                      build and removed behind it; NULL: none is needed */
    bool temporary_on_host;        /* it shares this machine\'s network */
    struct string_list command;    /* argv; the program is found on PATH */
    struct plan_variable environment[PLAN_VARIABLES]; /* over what the child inherits */
    size_t environment_count;
    struct plan_secret *secrets;
    size_t secret_count;
    struct string_list masks; /* besides the secrets' values, what the log must not show */
    struct string_list notices;
    struct string_list warnings;
    const char *image_id_file; /* NULL where the outputs leave no image to identify */
    const char *metadata_file; /* NULL for `docker build`, which writes none */
    size_t metadata_limit;     /* bytes over which the output is left without the provenance */
    int retries;               /* how often it is tried again after a transient failure */
    bool default_context;      /* the context is the Git context because none was given */
};

/*
 * 0, or -1 with an error that names the input, why, and what to do. The plan refers to `inputs` and
 * `facts` and lives in `arena`.
 */
int plan_make(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
              struct plan *plan, struct error *error);

/*
 * The environment of the child, an array with a NULL behind the last, for execve: what is inherited
 * without INPUT_*, the OIDC request variables and a Depot token that docker has no use for (but
 * with whatever `secret-envs` names), and what the plan sets. Strings that hold secrets are in
 * `vault`.
 */
char **plan_environment(struct arena *arena, struct arena *vault, const struct plan *plan,
                        char *const *inherited);

/* Sets a variable of the child's environment, over one that it would inherit. Keeps the pointers.
 */
void plan_set_variable(struct plan *plan, const char *name, const char *value, bool secret);

/* Whether it can be a token (RFC 6750, 2.1: b64token): one that a user gives, or a service.
 * Anything else is some other answer, as JSON is, or would forge a line wherever it is written. */
bool token_is_valid(const char *token);

#endif
