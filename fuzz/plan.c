#include "fuzz.h"

#include "plan/inputs.h"
#include "plan/plan.h"

/*
 * A whole plan, for any kind of run with any inputs. The first bytes say what kind of run it is.
 * Fields follow, with a NUL after each: the first byte selects the input, and the rest is its
 * value. In `secrets`, each field contains a mark, at the place that its second byte gives.
 */
static const char MARK[] = "zQ9mark";

static bool exists(const char *path)
{
    return strchr(path, 'e') != NULL;
}

static const char *docker_driver(unsigned char bits)
{
    static const char *const drivers[] = {NULL, "docker", "docker-container", "remote"};
    return drivers[bits & 3];
}

static struct facts facts_of(struct arena *arena, const unsigned char bits[5])
{
    const bool token = bits[0] & 1;
    struct facts facts = {
        .server_url = bits[0] & 2 ? "https://github.com" : NULL,
        .repository = bits[0] & 4 ? "octo/app" : NULL,
        .ref = bits[0] & 8 ? "refs/heads/main" : NULL,
        .sha = bits[0] & 16 ? "0123456789abcdef0123456789abcdef01234567" : NULL,
        .run_id = bits[0] & 32 ? "42" : NULL,
        .run_attempt = bits[0] & 32 ? "1" : NULL,
        .fork = bits[1] & 1,
        .private_repository = bits[1] & 2,
        .head_sha = bits[1] & 4 ? "89abcdef0123456789abcdef0123456789abcdef" : NULL,
        .pull_request_head = bits[1] & 8,
        .no_default_attestations = bits[1] & 16,
        .metadata_provenance = bits[1] & 32,
        .check_annotations = bits[1] & 64,
        .actions_cache = bits[1] & 128,
        .token_source = token ? (enum token_source)(bits[2] % TOKEN_NONE) : TOKEN_NONE,
        .token = token ? "depot_org_0123456789" : NULL,
        .challenge_failed = bits[2] & 16,
        .identity_refused = bits[2] & 32,
        .depot_failure = bits[2] & 64 ? "no machine" : NULL,
        .private_directory = "/tmp/private",
        .file_exists = exists,
    };
    facts.docker = (struct capabilities){
        .known = bits[3] & 1,
        .problem = (bits[3] & 6) == 6 ? "docker does not run" : NULL,
        .client_version = bits[3] & 8 ? "22.0.1" : "26.1.5",
        .buildx = bits[3] & 16,
        .buildx_version = bits[3] & 32 ? "0.9.1" : "0.15.1",
        .driver = docker_driver(bits[4]),
        .containerd_store = bits[4] & 4,
        .no_container_builder = bits[4] & 8 ? "it failed" : NULL,
    };
    if (bits[4] & 16)
        string_list_add(arena, &facts.docker.platforms, "linux/amd64");
    return facts;
}

/* With the mark in it, which no other text has. */
static const char *marked(struct arena *arena, const char *value)
{
    size_t length = strlen(value);
    size_t place = length > 0 ? (unsigned char)value[0] % (length + 1) : 0;
    return arena_format(arena, "%.*s%s%s", (int)place, value, MARK, value + place);
}

static const char *variable_of(struct arena *arena, const char *field)
{
    const struct input *input = &INPUTS[(unsigned char)field[0] % INPUT_COUNT];
    const char *value = field[0] != '\0' ? field + 1 : field;
    if (strcmp(input->name, "secrets") == 0)
        value = marked(arena, value);
    return arena_format(arena, "%s=%s", input_variable(arena, input->name), value);
}

static bool is_id(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
                                                "YZ0123456789_.-/")] == '\0';
}

static void check_shown(const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        fuzz_assert(strstr(list->items[i], MARK) == NULL);
}

/* Each entry of `secrets` is a secret or masked, and none is shown except as the name of one. */
static void check_secrets(const struct inputs *inputs, const struct plan *plan)
{
    size_t entries = plan->masks.count;
    bool names_mark = false;
    for (size_t i = 0; i < plan->secret_count; i++) {
        const struct plan_secret *secret = &plan->secrets[i];
        if (strcmp(secret->input, "github-token") == 0)
            continue;
        entries++;
        fuzz_assert(is_id(secret->id));
        names_mark = names_mark || strstr(secret->id, MARK) != NULL;
    }
    fuzz_assert(entries <=
                inputs->secrets.count + inputs->secret_files.count + inputs->secret_envs.count);
    if (inputs->secret_files.count == 0)
        fuzz_assert(entries == inputs->secrets.count + inputs->secret_envs.count);
    if (names_mark)
        return;
    check_shown(&plan->command);
    check_shown(&plan->warnings);
    check_shown(&plan->notices);
}

static void check_plan(struct arena *arena, struct arena *vault, const struct inputs *inputs,
                       const struct plan *plan)
{
    fuzz_assert(plan->command.count > 1 && plan->reason != NULL && plan->reason[0] != '\0');
    for (size_t i = 0; i < plan->command.count; i++)
        fuzz_assert(plan->command.items[i] != NULL);
    check_secrets(inputs, plan);
    char *const inherited[] = {NULL};
    char **environment = plan_environment(arena, vault, plan, inherited);
    for (char **variable = environment; *variable != NULL; variable++)
        fuzz_assert(strchr(*variable, '=') != NULL);
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct arena vault = ARENA_INIT;
    struct inputs inputs;
    struct plan plan;
    struct error error = ERROR_INIT;
    struct string_list environment = {0};
    enum { BITS = 5 };
    if (length < BITS || memmem(text, length, MARK, strlen(MARK)) != NULL)
        return;
    for (const char *field = text + BITS; field < text + length; field += strlen(field) + 1)
        string_list_add(arena, &environment, variable_of(arena, field));
    string_list_add(arena, &environment, "END=");
    const struct facts facts = facts_of(arena, (const unsigned char *)text);
    if (inputs_read(arena, &vault, environment.items, &inputs, &error) != 0 ||
        plan_make(arena, &inputs, &facts, &plan, &error) != 0)
        fuzz_assert(error.message[0] != '\0' && strstr(error.message, MARK) == NULL);
    else
        check_plan(arena, &vault, &inputs, &plan);
    arena_free(&vault);
}
