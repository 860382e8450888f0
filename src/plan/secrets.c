#include "plan/secrets.h"

#include "plan/list.h"
#include "plan/source.h"
#include "system/string_list.h"

#include <string.h>

/* An entry `KEY=VALUE`, cut at the first `=`. The key is trimmed, the value points into the entry.
 */
struct pair {
    const char *input;
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

static void warn(struct arena *arena, struct plan *plan, const char *warning)
{
    string_list_add(arena, &plan->warnings, warning);
}

static void add(struct plan *plan, struct plan_secret secret)
{
    plan->secrets[plan->secret_count++] = secret;
}

static void add_env(struct arena *arena, const struct facts *facts, const struct pair *pair,
                    struct plan *plan)
{
    (void)arena;
    (void)facts;
    add(plan,
        (struct plan_secret){
            .id = pair->key, .input = pair->input, .source = SECRET_ENV, .variable = pair->value});
}

static void add_value(struct arena *arena, const struct facts *facts, const struct pair *pair,
                      struct plan *plan)
{
    const char *path =
        arena_format(arena, "%s/secret-%zu", facts->private_directory, plan->secret_count);
    add(plan, (struct plan_secret){.id = pair->key,
                                   .input = pair->input,
                                   .source = SECRET_FILE,
                                   .path = path,
                                   .value = pair->value});
}

static void add_file(struct arena *arena, const struct facts *facts, const struct pair *pair,
                     struct plan *plan)
{
    if (facts->file_exists(pair->value))
        add(plan,
            (struct plan_secret){
                .id = pair->key, .input = pair->input, .source = SECRET_FILE, .path = pair->value});
    else
        warn(arena, plan,
             arena_format(arena, "`%s` of `secret-files` is left out: there is no file `%s`.",
                          pair->key, pair->value));
}

/* The first entry without a `=`: most often a line of a value that should have been quoted. */
static size_t first_broken(const struct string_list *entries)
{
    size_t i = 0;
    while (i < entries->count && strchr(entries->items[i], '=') != NULL)
        i++;
    return i;
}

static void add_entries(struct arena *arena, const struct facts *facts, const char *input,
                        const struct string_list *entries,
                        void (*add_entry)(struct arena *, const struct facts *, const struct pair *,
                                          struct plan *),
                        struct plan *plan)
{
    const size_t trusted = add_entry == add_value ? first_broken(entries) : entries->count;
    for (size_t i = 0; i < entries->count; i++) {
        struct pair pair = {.input = input};
        bool is_pair = split_pair(arena, entries->items[i], &pair);
        if (is_pair && i > trusted)
            string_list_add(arena, &plan->masks, pair.key);
        if (!is_pair || (i > trusted && pair.value[0] == '\0'))
            warn(arena, plan,
                 arena_format(arena,
                              "Entry %zu of `%s` is left out: it has no KEY=VALUE form. An entry "
                              "of several lines must stand in double quotes.",
                              i + 1, input));
        else if (pair.value[0] == '\0')
            warn(arena, plan,
                 arena_format(arena, "`%s` of `%s` is left out: its value is empty.", pair.key,
                              input));
        else
            add_entry(arena, facts, &pair, plan);
    }
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
    const char *host = source_host(arena, facts->server_url);
    const struct pair pair = {.input = "github-token",
                              .key = arena_format(arena, "GIT_AUTH_TOKEN.%s", host),
                              .value = inputs->github_token};
    if (!has_secret(plan, "GIT_AUTH_TOKEN") && !has_secret(plan, pair.key))
        add_value(arena, facts, &pair, plan);
}

void secrets_collect(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                     const char *context, const char *git_context, struct plan *plan)
{
    size_t most =
        inputs->secrets.count + inputs->secret_files.count + inputs->secret_envs.count + 1;
    plan->secrets = arena_allocate(arena, most * sizeof(*plan->secrets));
    add_entries(arena, facts, "secret-envs", &inputs->secret_envs, add_env, plan);
    add_entries(arena, facts, "secrets", &inputs->secrets, add_value, plan);
    add_entries(arena, facts, "secret-files", &inputs->secret_files, add_file, plan);
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
