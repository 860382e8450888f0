#include "plan/secrets.h"

#include "plan/list.h"
#include "plan/source.h"
#include "system/string_list.h"

#include <string.h>

#define BLANKS " \t"
#define NAMES                                                                                      \
    "A name consists of letters, digits, `_`, `.`, `-` and `/`. An entry whose value has several " \
    "lines must be in double quotes"
#define WHITE_SPACE BLANKS "\r\n\v\f"

/* An entry `KEY=VALUE`, cut at the first `=`. The key is trimmed; the value points into the entry.
 */
struct pair {
    const char *input;
    const char *key;
    const char *value;
};

/* What an entry may be. Any kind but ENTRY may be a piece of a secret. */
enum kind { ENTRY, COMMENT, EMPTY, OTHER };

static bool is_name(const char *text, size_t length)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_.-/";
    return length > 0 && strspn(text, allowed) >= length;
}

static enum kind read_entry(struct arena *arena, const char *entry, struct pair *pair)
{
    const char *key = entry + strspn(entry, BLANKS);
    const char *equals = strchr(key, '=');
    if (*key == '#')
        return COMMENT;
    if (equals == NULL)
        return OTHER;
    const char *value = equals + 1;
    if (value[strspn(value, "=" WHITE_SPACE)] == '\0')
        return strchr(value, '=') == NULL ? EMPTY : OTHER;
    size_t length = (size_t)(equals - key);
    while (length > 0 && strchr(BLANKS, key[length - 1]) != NULL)
        length--;
    if (!is_name(key, length))
        return OTHER;
    pair->key = arena_copy_bytes(arena, key, length);
    pair->value = value;
    return ENTRY;
}

static bool has_blanks_around_equals(const char *entry)
{
    const char *equals = strchr(entry, '=');
    return strchr(BLANKS, equals[-1]) != NULL && strchr(BLANKS, equals[1]) != NULL;
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
             arena_format(arena, "`%s` of `secret-files` is left out: its file does not exist.",
                          pair->key));
}

/* Leaves out the entries from `first` on that are of this kind, and returns the index of the next
 * one. They are masked, because they may be pieces of a secret, and the warning shows no part of
 * them. */
static size_t leave_out(struct arena *arena, const char *input, const struct string_list *entries,
                        size_t first, enum kind kind, struct plan *plan)
{
    static const char *const reasons[] = {
        [COMMENT] = "a line that begins with `#` is not a comment here: remove it",
        [EMPTY] = "nothing follows the `=`. A repository secret is empty for a fork's pull "
                  "request and for Dependabot. " NAMES,
        [OTHER] = "an entry is a name, `=` and a value. " NAMES,
    };
    struct pair unused;
    size_t end = first;
    for (; end < entries->count && read_entry(arena, entries->items[end], &unused) == kind; end++)
        string_list_add(arena, &plan->masks, entries->items[end]);
    const char *which =
        end == first + 1
            ? arena_format(arena, "Entry %zu of `%s` is", first + 1, input)
            : arena_format(arena, "Entries %zu to %zu of `%s` are", first + 1, end, input);
    warn(arena, plan, arena_format(arena, "%s left out: %s.", which, reasons[kind]));
    return end;
}

typedef void add_entry(struct arena *, const struct facts *, const struct pair *, struct plan *);

static void add_entries(struct arena *arena, const struct facts *facts, const char *input,
                        const struct string_list *entries, add_entry *add_one, struct plan *plan)
{
    for (size_t i = 0; i < entries->count;) {
        struct pair pair = {.input = input};
        enum kind kind = read_entry(arena, entries->items[i], &pair);
        if (kind != ENTRY) {
            i = leave_out(arena, input, entries, i, kind, plan);
            continue;
        }
        if (has_blanks_around_equals(entries->items[i]))
            warn(arena, plan,
                 arena_format(arena,
                              "`%s` of `%s` has spaces or tabs around its `=`, and those after it "
                              "are part of the value: write `KEY=VALUE` without them.",
                              pair.key, input));
        add_one(arena, facts, &pair, plan);
        i++;
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
    /* Named after the host, so that BuildKit never sends it to another one. */
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
