/*
 * The inputs of the action: the one table of them, and reading it from the environment.
 *
 * Names, kinds and defaults are the union of docker/build-push-action v7 and the Node
 * depot/build-push-action v1; action.yml and README are checked against this table.
 */
#ifndef PLAN_INPUTS_H
#define PLAN_INPUTS_H

#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

#include <stdbool.h>
#include <stddef.h>

enum fork_builder { FORK_BUILDER_AUTO, FORK_BUILDER_DEPOT, FORK_BUILDER_DOCKER };

enum { RETRIES_MOST = 10 };

/* A string is NULL if the input is unset or empty. */
struct inputs {
    struct string_list add_hosts;
    struct string_list allow;
    struct string_list annotations;
    struct string_list attests;
    struct string_list build_args;
    struct string_list build_contexts;
    const char *build_platform;
    const char *builder;
    bool buildx_fallback;
    struct string_list cache_from;
    struct string_list cache_to;
    const char *call;
    const char *cgroup_parent;
    const char *cli_version;
    const char *context;
    const char *file;
    const char *fork_builder_name;
    enum fork_builder fork_builder; /* read from fork_builder_name */
    const char *github_token;       /* in the vault */
    struct string_list labels;
    bool lint;
    const char *lint_fail_on;
    bool load;
    const char *network;
    bool no_cache;
    struct string_list no_cache_filters;
    struct string_list outputs;
    struct string_list platforms;
    const char *project;
    const char *provenance;
    bool pull;
    bool push;
    const char *retries_text;
    int retries; /* read from retries_text: 0 to RETRIES_MOST */
    bool save;
    const char *save_tag;
    struct string_list save_tags;
    const char *sbom;
    const char *sbom_dir;
    struct string_list secret_envs;
    struct string_list secret_files;
    struct string_list secrets; /* in the vault */
    const char *shm_size;
    struct string_list ssh;
    struct string_list tags;
    const char *target;
    const char *token; /* in the vault */
    struct string_list ulimit;
};

enum input_kind {
    INPUT_STRING,
    INPUT_BOOL,
    INPUT_SPLIT_LIST,
    INPUT_WHOLE_LIST,
    INPUT_UNTRIMMED_LIST,
    INPUT_AGENT_LIST,
    INPUT_LINE_LIST,
};

/* How a list becomes arguments: `--flag a --flag b`, or `--flag a,b`. */
enum flag_form { FLAG_EACH, FLAG_JOINED };

struct flag {
    const char *name; /* NULL: the builder has none, or arguments.c decides */
    enum flag_form form;
};

struct input {
    const char *name;
    enum input_kind kind;
    size_t offset; /* of the value in struct inputs */
    struct flag depot;
    struct flag docker;
    const char *default_value; /* what an unset input means; NULL: nothing */
    bool secret;               /* the variable is wiped and the value lives in the vault */
    bool depot_only;           /* dropped on docker, with a notice to the user */
};

extern const struct input INPUTS[];
extern const size_t INPUT_COUNT;

/* `push` → `INPUT_PUSH`, `add-hosts` → `INPUT_ADD_HOSTS`: the name that action.yml sets. */
char *input_variable(struct arena *arena, const char *name);

/* Whether `variable`, a `NAME=VALUE`, is an input whose row says secret. */
bool input_is_secret(const char *variable);

/* Reads the inputs of a table into `values`, a struct whose offsets are in the rows. Returns 0 or
 * -1, like inputs_read. */
int inputs_read_table(struct arena *arena, struct arena *vault, char *const *environment,
                      const struct input *table, size_t count, void *values, struct error *error);

/* Reads all inputs. 0, or -1 with an error that names the input, its value and what is allowed. */
int inputs_read(struct arena *arena, struct arena *vault, char *const *environment,
                struct inputs *inputs, struct error *error);

/* YAML 1.2 core schema: true, True, TRUE, false, False, FALSE. 0, or -1 for anything else. */
int bool_parse(const char *text, bool *value);

/* Go's strconv.ParseBool, which the CLIs use: 1 t T true True TRUE, 0 f F false False FALSE. */
int go_bool_parse(const char *text, bool *value);

#endif
