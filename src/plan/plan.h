/*
 * The plan of a build: who builds and the exact command. What `plan` prints is what `build` runs.
 *
 * Pure: it depends only on the inputs and the facts, and nothing is read, written or asked.
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

/* What the builder is asked for: the inputs as they were read, then without what the builder cannot
 * do. */
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
    const char *value; /* in the vault if secret */
    bool secret;
};

enum secret_source { SECRET_FILE, SECRET_ENV };

struct plan_secret {
    const char *id;
    const char *input; /* that it comes from */
    enum secret_source source;
    const char *path;  /* of a SECRET_FILE; absolute, in the private directory, where we write it */
    const char *value; /* what to write there, in the vault; NULL if the file is the user's own */
    const char *variable; /* of a SECRET_ENV */
};

enum { PLAN_VARIABLES = 3 };

struct plan {
    enum builder builder;
    const char *reason;
    struct request request;
    bool classic;                  /* `docker build`, as there is no buildx */
    const char *temporary_builder; /* a docker-container builder with this name is made for the
                                      build and removed after it; NULL: none is needed */
    bool temporary_on_host;        /* it shares this machine\'s network */
    struct string_list command;    /* argv; the program is found on PATH */
    struct plan_variable environment[PLAN_VARIABLES]; /* these override what the child inherits */
    size_t environment_count;
    struct plan_secret *secrets;
    size_t secret_count;
    struct string_list masks; /* besides the secrets' values, what the log must not show */
    struct string_list notices;
    struct string_list warnings;
    const char *image_id_file; /* NULL if the outputs leave no image to identify */
    const char *metadata_file; /* NULL for `docker build`, which writes none */
    size_t metadata_limit;     /* above so many bytes, the output omits the provenance */
    int retries;               /* how often it is tried again after a transient failure */
    bool default_context;      /* the context is the Git context because none was given */
};

/*
 * 0, or -1 with an error that names the input, the reason and the remedy. The plan refers to
 * `inputs` and `facts` and lives in `arena`.
 */
int plan_make(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
              struct plan *plan, struct error *error);

/*
 * The environment of the child, an array that ends with NULL, for execve: what the plan sets, and
 * what is inherited except for INPUT_*, the OIDC request variables and a Depot token that docker
 * does not need. Whatever `secret-envs` names is kept. Strings that hold secrets are in `vault`.
 */
char **plan_environment(struct arena *arena, struct arena *vault, const struct plan *plan,
                        char *const *inherited);

/* Sets a variable in the child's environment, overriding an inherited one. Keeps the pointers. */
void plan_set_variable(struct plan *plan, const char *name, const char *value, bool secret);

/* Whether it can be a token (RFC 6750, 2.1: b64token), given by a user or by a service. Anything
 * else is another kind of answer, such as JSON, or would forge a line in what it is written to. */
bool token_is_valid(const char *token);

#endif
