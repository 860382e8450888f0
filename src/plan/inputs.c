#include "plan/inputs.h"

#include "plan/list.h"
#include "system/environment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct inputs, member)
#define BOTH(flag) .depot = {flag, FLAG_EACH}, .docker = {flag, FLAG_EACH}
#define BOTH_JOINED(flag) .depot = {flag, FLAG_JOINED}, .docker = {flag, FLAG_JOINED}
#define DEPOT_ONLY(flag) .depot = {flag, FLAG_EACH}, .depot_only = true

const struct input INPUTS[] = {
    {"add-hosts", INPUT_SPLIT_LIST, AT(add_hosts), BOTH("--add-host")},
    {"allow", INPUT_SPLIT_LIST, AT(allow), .depot = {"--allow", FLAG_JOINED},
     .docker = {"--allow", FLAG_EACH}},
    {"annotations", INPUT_WHOLE_LIST, AT(annotations), BOTH("--annotation")},
    {"attests", INPUT_WHOLE_LIST, AT(attests)},
    {"build-args", INPUT_WHOLE_LIST, AT(build_args), BOTH("--build-arg")},
    {"build-contexts", INPUT_WHOLE_LIST, AT(build_contexts)},
    {"build-platform", INPUT_STRING, AT(build_platform), DEPOT_ONLY("--build-platform")},
    {"builder", INPUT_STRING, AT(builder), .docker = {"--builder", FLAG_EACH}},
    {"buildx-fallback", INPUT_BOOL, AT(buildx_fallback), .default_value = "false"},
    {"cache-from", INPUT_WHOLE_LIST, AT(cache_from)},
    {"cache-to", INPUT_WHOLE_LIST, AT(cache_to)},
    {"call", INPUT_STRING, AT(call), .docker = {"--call", FLAG_EACH}},
    {"cgroup-parent", INPUT_STRING, AT(cgroup_parent), BOTH("--cgroup-parent")},
    {"cli-version", INPUT_STRING, AT(cli_version), .default_value = "latest"},
    {"context", INPUT_STRING, AT(context)},
    {"file", INPUT_STRING, AT(file), BOTH("--file")},
    {"fork-builder", INPUT_STRING, AT(fork_builder_name), .default_value = "auto"},
    {"github-token", INPUT_STRING, AT(github_token), .secret = true},
    {"labels", INPUT_WHOLE_LIST, AT(labels), BOTH("--label")},
    {"lint", INPUT_BOOL, AT(lint), DEPOT_ONLY("--lint"), .default_value = "false"},
    {"lint-fail-on", INPUT_STRING, AT(lint_fail_on), DEPOT_ONLY("--lint-fail-on")},
    {"load", INPUT_BOOL, AT(load), BOTH("--load"), .default_value = "false"},
    {"network", INPUT_STRING, AT(network), BOTH("--network")},
    {"no-cache", INPUT_BOOL, AT(no_cache), BOTH("--no-cache"), .default_value = "false"},
    {"no-cache-filters", INPUT_SPLIT_LIST, AT(no_cache_filters), BOTH("--no-cache-filter")},
    {"outputs", INPUT_LINE_LIST, AT(outputs), BOTH("--output")},
    {"platforms", INPUT_SPLIT_LIST, AT(platforms), BOTH_JOINED("--platform")},
    /* Docker has no projects, so a fallback loses nothing that deserves a notice. */
    {"project", INPUT_STRING, AT(project), .depot = {"--project", FLAG_EACH}},
    {"provenance", INPUT_STRING, AT(provenance)},
    {"pull", INPUT_BOOL, AT(pull), BOTH("--pull"), .default_value = "false"},
    {"push", INPUT_BOOL, AT(push), BOTH("--push"), .default_value = "false"},
    {"retries", INPUT_STRING, AT(retries_text), .default_value = "1"},
    {"save", INPUT_BOOL, AT(save), DEPOT_ONLY("--save"), .default_value = "false"},
    {"save-tag", INPUT_STRING, AT(save_tag), DEPOT_ONLY("--save-tag")},
    {"save-tags", INPUT_SPLIT_LIST, AT(save_tags), DEPOT_ONLY("--save-tag")},
    {"sbom", INPUT_STRING, AT(sbom)},
    {"sbom-dir", INPUT_STRING, AT(sbom_dir), DEPOT_ONLY("--sbom-dir")},
    {"secret-envs", INPUT_SPLIT_LIST, AT(secret_envs)},
    {"secret-files", INPUT_WHOLE_LIST, AT(secret_files)},
    {"secrets", INPUT_UNTRIMMED_LIST, AT(secrets), .secret = true},
    {"shm-size", INPUT_STRING, AT(shm_size), BOTH("--shm-size")},
    {"ssh", INPUT_AGENT_LIST, AT(ssh), BOTH("--ssh")},
    {"tags", INPUT_SPLIT_LIST, AT(tags), BOTH("--tag")},
    {"target", INPUT_STRING, AT(target), BOTH("--target")},
    {"token", INPUT_STRING, AT(token), .secret = true},
    {"ulimit", INPUT_WHOLE_LIST, AT(ulimit), BOTH("--ulimit")},
};
const size_t INPUT_COUNT = sizeof(INPUTS) / sizeof(INPUTS[0]);

/* `keep_hyphens`: the name that the runner and the toolkit use. action.yml cannot set it (some
 * shells drop such variables), but a container action or a person can. */
static char *variable_name(struct arena *arena, const char *name, bool keep_hyphens)
{
    char *variable = arena_format(arena, "INPUT_%s", name);
    for (char *byte = variable; *byte != '\0'; byte++)
        if (*byte == '-' && !keep_hyphens)
            *byte = '_';
        else
            *byte = (char)toupper((unsigned char)*byte);
    return variable;
}

char *input_variable(struct arena *arena, const char *name)
{
    return variable_name(arena, name, false);
}

bool input_is_secret(const char *variable)
{
    if (strncmp(variable, "INPUT_", 6) != 0)
        return false;
    const char *name = variable + 6;
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        if (!INPUTS[i].secret)
            continue;
        const char *expected = INPUTS[i].name;
        size_t at = 0;
        while (expected[at] != '\0' && (name[at] == toupper((unsigned char)expected[at]) ||
                                        (name[at] == '_' && expected[at] == '-')))
            at++;
        if (expected[at] == '\0' && name[at] == '=')
            return true;
    }
    return false;
}

static const char *value_of(struct arena *arena, char *const *environment, const char *name)
{
    const char *value = environment_get(environment, variable_name(arena, name, true));
    if (value == NULL)
        value = environment_get(environment, variable_name(arena, name, false));
    return value == NULL ? "" : value;
}

int bool_parse(const char *text, bool *value)
{
    static const char *const words[] = {"false", "False", "FALSE", "true", "True", "TRUE"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) != 0)
            continue;
        *value = i >= 3;
        return 0;
    }
    return -1;
}

int go_bool_parse(const char *text, bool *value)
{
    if (text[0] != '\0' && text[1] == '\0' && strchr("01fFtT", text[0]) != NULL) {
        *value = strchr("1tT", text[0]) != NULL;
        return 0;
    }
    return bool_parse(text, value);
}

static const enum list_kind LIST_KINDS[] = {
    [INPUT_SPLIT_LIST] = LIST_SPLIT,         [INPUT_WHOLE_LIST] = LIST_WHOLE,
    [INPUT_UNTRIMMED_LIST] = LIST_UNTRIMMED, [INPUT_AGENT_LIST] = LIST_AGENTS,
    [INPUT_LINE_LIST] = LIST_LINES,
};

static int read_one(struct arena *arena, const struct input *input, const char *value, void *member,
                    struct error *error)
{
    const char *trimmed = text_trim(arena, value);
    if (trimmed[0] == '\0' && input->default_value != NULL)
        trimmed = input->default_value;
    struct error reason = ERROR_INIT;
    switch (input->kind) {
    case INPUT_STRING:
        *(const char **)member = trimmed[0] != '\0' ? trimmed : NULL;
        return 0;
    case INPUT_BOOL:
        if (bool_parse(trimmed, member) != 0)
            return error_set(error, "input `%s` is not a boolean: write true or false, not `%s`",
                             input->name, trimmed);
        return 0;
    default:
        value = input->kind == INPUT_UNTRIMMED_LIST ? value : trimmed;
        if (list_parse(arena, LIST_KINDS[input->kind], value, member, &reason) != 0)
            return error_set(error,
                             "input `%s` cannot be read as a list: %s; close it, or write "
                             "a quote inside a quoted value as \"\"",
                             input->name, reason.message);
        return 0;
    }
}

static int read_fork_builder(struct inputs *inputs, struct error *error)
{
    static const char *const names[] = {
        [FORK_BUILDER_AUTO] = "auto",
        [FORK_BUILDER_DEPOT] = "depot",
        [FORK_BUILDER_DOCKER] = "docker",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(inputs->fork_builder_name, names[i]) != 0)
            continue;
        inputs->fork_builder = (enum fork_builder)i;
        return 0;
    }
    return error_set(
        error, "input `fork-builder` has an unknown value: write auto, depot or docker, not `%s`",
        inputs->fork_builder_name);
}

static int read_retries(struct inputs *inputs, struct error *error)
{
    const char *text = inputs->retries_text;
    const size_t length = strlen(text);
    if (length == 0 || length > 2 || strspn(text, "0123456789") < length ||
        (inputs->retries = (int)strtol(text, NULL, 10)) > RETRIES_MOST)
        return error_set(
            error,
            "input `retries` is not a valid number: write a whole number from 0 to %d, not `%s`",
            RETRIES_MOST, text);
    return 0;
}

int inputs_read_table(struct arena *arena, struct arena *vault, char *const *environment,
                      const struct input *table, size_t count, void *values, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct input *input = &table[i];
        const char *value = value_of(arena, environment, input->name);
        void *member = (char *)values + input->offset;
        if (read_one(input->secret ? vault : arena, input, value, member, error) != 0)
            return -1;
    }
    return 0;
}

int inputs_read(struct arena *arena, struct arena *vault, char *const *environment,
                struct inputs *inputs, struct error *error)
{
    *inputs = (struct inputs){0};
    if (inputs_read_table(arena, vault, environment, INPUTS, INPUT_COUNT, inputs, error) != 0)
        return -1;
    return read_fork_builder(inputs, error) == 0 ? read_retries(inputs, error) : -1;
}
