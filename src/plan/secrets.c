#include "plan/secrets.h"

#include "plan/list.h"
#include "plan/source.h"

#include <string.h>

/* `KEY=VALUE`, cut at the first `=`. The key is trimmed, the value points into the entry. */
struct pair {
    const char *key;
    const char *value;
};

static bool split_pair(struct arena *arena, const char *entry, struct pair *pair)
{
    const char *equals = strchr(entry, '=');
    if (equals == NULL)
        return false;
    pair->key = text_trim(arena, arena_copy_bytes(arena, entry, (size_t)(equals - entry)));
    pair->value = equals + 1;
    return pair->key[0] != '\0';
}

static bool read_pair(struct arena *arena, const char *input, size_t index, const char *entry,
                      struct pair *pair, struct plan *plan)
{
    const char *warning = NULL;
    if (!split_pair(arena, entry, pair))
        warning = arena_format(arena, "Entry %zu of `%s` is left out: it has no KEY=VALUE form.",
                               index + 1, input);
    else if (pair->value[0] == '\0')
        warning =
            arena_format(arena, "`%s` of `%s` is left out: its value is empty.", pair->key, input);
    if (warning != NULL)
        string_list_add(arena, &plan->warnings, warning);
    return warning == NULL;
}

static void add(struct plan *plan, struct plan_secret secret)
{
    plan->secrets[plan->secret_count++] = secret;
}

static void add_value(struct arena *arena, const struct facts *facts, const char *id,
                      const char *value, struct plan *plan)
{
    const char *path =
        arena_format(arena, "%s/secret-%zu", facts->private_directory, plan->secret_count);
    add(plan, (struct plan_secret){.id = id, .source = SECRET_FILE, .path = path, .value = value});
}

static void add_file(struct arena *arena, const struct facts *facts, const struct pair *pair,
                     struct plan *plan)
{
    if (!facts->file_exists(pair->value)) {
        string_list_add(arena, &plan->warnings,
                        arena_format(arena,
                                     "`%s` of `secret-files` is left out: there is no file `%s`.",
                                     pair->key, pair->value));
        return;
    }
    add(plan, (struct plan_secret){.id = pair->key, .source = SECRET_FILE, .path = pair->value});
}

static bool has_secret(const struct plan *plan, const char *id)
{
    for (size_t i = 0; i < plan->secret_count; i++)
        if (strcmp(plan->secrets[i].id, id) == 0)
            return true;
    return false;
}

static void add_git_token(struct arena *arena, const struct inputs *inputs,
                          const struct facts *facts, const char *context, const char *git_context,
                          struct plan *plan)
{
    if (inputs->github_token == NULL || git_context == NULL ||
        strncmp(context, git_context, strlen(git_context)) != 0)
        return;
    /* Named after the host, so that BuildKit never offers it to another one. */
    const char *id =
        arena_format(arena, "GIT_AUTH_TOKEN.%s", source_host(arena, facts->server_url));
    if (!has_secret(plan, "GIT_AUTH_TOKEN") && !has_secret(plan, id))
        add_value(arena, facts, id, inputs->github_token, plan);
}

void secrets_collect(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                     const char *context, const char *git_context, struct plan *plan)
{
    size_t most =
        inputs->secrets.count + inputs->secret_files.count + inputs->secret_envs.count + 1;
    plan->secrets = arena_allocate(arena, most * sizeof(*plan->secrets));
    struct pair pair = {0};
    for (size_t i = 0; i < inputs->secret_envs.count; i++)
        if (read_pair(arena, "secret-envs", i, inputs->secret_envs.items[i], &pair, plan))
            add(plan,
                (struct plan_secret){.id = pair.key, .source = SECRET_ENV, .variable = pair.value});
    for (size_t i = 0; i < inputs->secrets.count; i++)
        if (read_pair(arena, "secrets", i, inputs->secrets.items[i], &pair, plan))
            add_value(arena, facts, pair.key, pair.value, plan);
    for (size_t i = 0; i < inputs->secret_files.count; i++)
        if (read_pair(arena, "secret-files", i, inputs->secret_files.items[i], &pair, plan))
            add_file(arena, facts, &pair, plan);
    add_git_token(arena, inputs, facts, context, git_context, plan);
}

char *secret_argument(struct arena *arena, const struct plan_secret *secret)
{
    bool from_env = secret->source == SECRET_ENV;
    const char *id = arena_format(arena, "id=%s", secret->id);
    const char *source = arena_format(arena, from_env ? "env=%s" : "src=%s",
                                      from_env ? secret->variable : secret->path);
    return arena_format(arena, "%s,%s", list_quote(arena, id), list_quote(arena, source));
}
