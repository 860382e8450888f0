#include "plan/inputs.h"

#include "plan/example.h"
#include "unit.h"

#include <ctype.h>

enum kind { STRING, BOOLEAN, SPLIT, WHOLE, UNTRIMMED, AGENTS, LINES };

/* A value that each kind reads differently. */
static const char LIST_PROBE[] = "a, b\n\"c,d\"\n  e ";

static const struct {
    const char *set;
    const char *read;
} PROBES[] = {
    [STRING] = {" \tx, \"y\" \n", "x, \"y\""}, [BOOLEAN] = {" true\n", "true"},
    [SPLIT] = {LIST_PROBE, "a|b|c|d|e"},       [WHOLE] = {LIST_PROBE, "a, b|c,d|e"},
    [AGENTS] = {LIST_PROBE, "a,b|c,d|e"},      [UNTRIMMED] = {LIST_PROBE, "a, b|c,d|  e "},
    [LINES] = {LIST_PROBE, "a, b|\"c,d\"|e"},
};

/* docs/inputs.md, The inputs, row by row. */
static const struct input_row {
    const char *name;
    enum kind kind;
    size_t offset;
    const char *unset; /* what it is read as if it is not set */
} ROWS[] = {
#define AT(member) offsetof(struct inputs, member)
    {"add-hosts", SPLIT, AT(add_hosts), ""},
    {"allow", SPLIT, AT(allow), ""},
    {"annotations", WHOLE, AT(annotations), ""},
    {"attests", WHOLE, AT(attests), ""},
    {"build-args", WHOLE, AT(build_args), ""},
    {"build-contexts", WHOLE, AT(build_contexts), ""},
    {"build-platform", STRING, AT(build_platform), NULL},
    {"builder", STRING, AT(builder), NULL},
    {"buildx-fallback", BOOLEAN, AT(buildx_fallback), "false"},
    {"cache-from", WHOLE, AT(cache_from), ""},
    {"cache-to", WHOLE, AT(cache_to), ""},
    {"call", STRING, AT(call), NULL},
    {"cgroup-parent", STRING, AT(cgroup_parent), NULL},
    {"context", STRING, AT(context), NULL},
    {"file", STRING, AT(file), NULL},
    {"github-token", STRING, AT(github_token), NULL},
    {"labels", WHOLE, AT(labels), ""},
    {"lint", BOOLEAN, AT(lint), "false"},
    {"lint-fail-on", STRING, AT(lint_fail_on), NULL},
    {"load", BOOLEAN, AT(load), "false"},
    {"network", STRING, AT(network), NULL},
    {"no-cache", BOOLEAN, AT(no_cache), "false"},
    {"no-cache-filters", SPLIT, AT(no_cache_filters), ""},
    {"outputs", LINES, AT(outputs), ""},
    {"platforms", SPLIT, AT(platforms), ""},
    {"project", STRING, AT(project), NULL},
    {"provenance", STRING, AT(provenance), NULL},
    {"pull", BOOLEAN, AT(pull), "false"},
    {"push", BOOLEAN, AT(push), "false"},
    {"save", BOOLEAN, AT(save), "false"},
    {"save-tag", STRING, AT(save_tag), NULL},
    {"save-tags", SPLIT, AT(save_tags), ""},
    {"sbom", STRING, AT(sbom), NULL},
    {"sbom-dir", STRING, AT(sbom_dir), NULL},
    {"secrets", UNTRIMMED, AT(secrets), ""},
    {"secret-envs", SPLIT, AT(secret_envs), ""},
    {"secret-files", WHOLE, AT(secret_files), ""},
    {"shm-size", STRING, AT(shm_size), NULL},
    {"ssh", AGENTS, AT(ssh), ""},
    {"tags", SPLIT, AT(tags), ""},
    {"target", STRING, AT(target), NULL},
    {"token", STRING, AT(token), NULL},
    {"ulimit", WHOLE, AT(ulimit), ""},
    {"cli-version", STRING, AT(cli_version), "latest"},
};
/* `fork-builder`, which has one of three values, and `retries` have their own tests. */
enum { OTHER_INPUTS = 2 };

static const char *shown(const struct inputs *inputs, const struct input_row *row)
{
    const void *member = (const char *)inputs + row->offset;
    switch (row->kind) {
    case STRING:
        return *(const char *const *)member;
    case BOOLEAN:
        return *(const bool *)member ? "true" : "false";
    default:
        return joined(member);
    }
}

static struct inputs read_from(char *const *environment)
{
    struct inputs inputs;
    struct error error = ERROR_INIT;
    if (inputs_read(&arena, &vault, environment, &inputs, &error) != 0)
        fail_msg("%s", error.message);
    return inputs;
}

static const char *variable(const char *name, char between, const char *value)
{
    char *text = arena_format(&arena, "INPUT_%s=%s", name, value);
    for (char *byte = text; *byte != '='; byte++)
        *byte = *byte == '-' ? between : (char)toupper((unsigned char)*byte);
    return text;
}

TEST(reads_an_input_in_its_kind)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(variable(row->name, '_', PROBES[row->kind].set)));
    assert_text(shown(&inputs, row), PROBES[row->kind].read);
}

TEST(reads_the_hyphenated_variable_too)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(variable(row->name, '-', PROBES[row->kind].set)));
    assert_text(shown(&inputs, row), PROBES[row->kind].read);
}

TEST(reads_an_unset_input_as_its_default)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(NULL));
    assert_text(shown(&inputs, row), row->unset);
}

TEST(reads_an_empty_input_as_unset)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(variable(row->name, '_', "")));
    assert_text(shown(&inputs, row), row->unset);
}

TEST(reads_a_blank_input_as_unset)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(variable(row->name, '_', " \n\t ")));
    assert_text(shown(&inputs, row), row->unset);
}

TEST(sets_no_other_input)
{
    const struct input_row *row = *state;
    struct inputs inputs = read_from(STRINGS(variable(row->name, '_', PROBES[row->kind].set)));
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (&ROWS[i] != row)
            assert_text(shown(&inputs, &ROWS[i]), ROWS[i].unset);
    assert_int_equal(inputs.fork_builder, FORK_BUILDER_AUTO);
    assert_int_equal(inputs.retries, 1);
}

TEST(the_table_has_every_row_once)
{
    assert_int_equal(INPUT_COUNT, COUNT(ROWS) + OTHER_INPUTS);
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        size_t found = 0;
        for (size_t j = 0; j < INPUT_COUNT; j++)
            found += strcmp(INPUTS[j].name, ROWS[i].name) == 0;
        if (found != 1)
            fail_msg("`%s` is there %zu times", ROWS[i].name, found);
    }
}

static const struct precedence_row {
    const char *name;
    const char *underscored; /* NULL: not set */
    const char *hyphenated;
    const char *read;
} PRECEDENCE[] = {
    {"none", NULL, NULL, NULL},         {"underscore only", "a", NULL, "a"},
    {"hyphen only", NULL, "b", "b"},    {"the same in both", "a", "a", "a"},
    {"the hyphen wins", "a", "b", "b"}, {"the hyphen wins over an empty one", "", "b", "b"},
};

static struct inputs read_pair(const struct precedence_row *row, bool underscored_first)
{
    struct string_list variables = {0};
    for (int i = 0; i < 2; i++) {
        bool underscored = (i == 0) == underscored_first;
        const char *value = underscored ? row->underscored : row->hyphenated;
        if (value != NULL)
            string_list_add(&arena, &variables,
                            variable("build-platform", underscored ? '_' : '-', value));
    }
    return read_from(variables.count > 0 ? variables.items : STRINGS(NULL));
}

TEST(prefers_the_hyphenated_variable)
{
    const struct precedence_row *row = *state;
    assert_text(read_pair(row, true).build_platform, row->read);
    assert_text(read_pair(row, false).build_platform, row->read);
}

static const struct wide_row {
    const char *name;
    enum kind kind;
    const char *read;
} WIDE[] = {
    {"build-platform", STRING, "a, b"}, {"push", BOOLEAN, "true"},  {"tags", SPLIT, "a|b"},
    {"build-args", WHOLE, "a, b"},      {"outputs", LINES, "a, b"},
};

/* Text copied from a web page contains blanks that are not ASCII. */
TEST(trims_white_space_as_the_peers_do)
{
    const struct wide_row *row = *state;
    const char *value = row->kind == BOOLEAN ? "\u00A0true\u00A0" : "\u3000a, b\u00A0\n";
    struct inputs inputs = read_from(STRINGS(variable(row->name, '_', value)));
    for (size_t i = 0; i < COUNT(ROWS); i++)
        if (strcmp(ROWS[i].name, row->name) == 0)
            assert_text(shown(&inputs, &ROWS[i]), row->read);
}

static const struct word_row {
    const char *name;
    const char *yaml; /* NULL: not a boolean there */
    const char *go;
} WORDS[] = {
    {"true", "true", "true"},
    {"True", "true", "true"},
    {"TRUE", "true", "true"},
    {"false", "false", "false"},
    {"False", "false", "false"},
    {"FALSE", "false", "false"},
    {"1", NULL, "true"},
    {"t", NULL, "true"},
    {"T", NULL, "true"},
    {"0", NULL, "false"},
    {"f", NULL, "false"},
    {"F", NULL, "false"},
    {"", NULL, NULL},
    {"tRUE", NULL, NULL},
    {"yes", NULL, NULL},
    {"no", NULL, NULL},
    {"on", NULL, NULL},
    {"y", NULL, NULL},
    {"11", NULL, NULL},
    {"truetrue", NULL, NULL},
    {"tru", NULL, NULL},
    {" true", NULL, NULL},
    {"false ", NULL, NULL},
};

static void check_word(int (*parse)(const char *, bool *), const char *word, const char *expected)
{
    for (int before = 0; before < 2; before++) {
        bool value = before != 0;
        int outcome = parse(word, &value);
        assert_int_equal(outcome, expected != NULL ? 0 : -1);
        if (expected != NULL)
            assert_text(value ? "true" : "false", expected);
    }
}

TEST(reads_the_booleans_of_yaml)
{
    const struct word_row *row = *state;
    check_word(bool_parse, row->name, row->yaml);
}

TEST(reads_the_booleans_of_go)
{
    const struct word_row *row = *state;
    check_word(go_bool_parse, row->name, row->go);
}

static const struct bad_row {
    const char *name;
    const char *value;
    const char *parts[3]; /* of the message */
} BAD[] = {
    {"push", "yes", {"`push`", "`yes`", "true or false"}},
    {"buildx-fallback", "1", {"`buildx-fallback`", "`1`", "true or false"}},
    {"lint", "0", {"`lint`", "`0`", "true or false"}},
    {"load", "tRUE", {"`load`", "`tRUE`", "true or false"}},
    {"no-cache", "t", {"`no-cache`", "`t`", "true or false"}},
    {"pull", "on", {"`pull`", "`on`", "true or false"}},
    {"save", "null", {"`save`", "`null`", "true or false"}},
    {"retries", "11", {"`retries`", "`11`", "0 to 10"}},
    {"retries", "-1", {"`retries`", "`-1`", "0 to 10"}},
    {"retries", "+1", {"`retries`", "`+1`", "0 to 10"}},
    {"retries", "1.5", {"`retries`", "`1.5`", "0 to 10"}},
    {"retries", "true", {"`retries`", "`true`", "0 to 10"}},
    {"retries", "1 0", {"`retries`", "`1 0`", "0 to 10"}},
    {"retries", "999999999999999999999", {"`retries`", "999", "0 to 10"}},
    {"retries", "0x1", {"`retries`", "`0x1`", "0 to 10"}},
    {"fork-builder", "buildx", {"`fork-builder`", "`buildx`", "auto, depot or docker"}},
    {"fork-builder", "Depot", {"`fork-builder`", "`Depot`", "auto, depot or docker"}},
    {"tags", "a\n\"b", {"`tags`", "line 2", "never closed"}},
    {"build-args", "\"A=b", {"`build-args`", "line 1", "never closed"}},
    {"secrets", "\"A=hidden", {"`secrets`", "line 1", "never closed"}},
};

TEST(names_a_bad_input_and_what_is_wrong)
{
    const struct bad_row *row = *state;
    struct inputs inputs;
    struct error error = ERROR_INIT;
    char **environment = STRINGS(variable(row->name, '_', row->value));
    assert_int_equal(inputs_read(&arena, &vault, environment, &inputs, &error), -1);
    for (size_t i = 0; i < COUNT(row->parts); i++)
        assert_has(error.message, row->parts[i]);
    assert_has_not(error.message, "hidden");
    assert_has_not(error.message, "\n");
}

TEST(names_every_list_whose_quote_never_closes)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        if (ROWS[i].kind != SPLIT && ROWS[i].kind != WHOLE && ROWS[i].kind != UNTRIMMED)
            continue;
        struct inputs inputs;
        struct error error = ERROR_INIT;
        char **environment = STRINGS(variable(ROWS[i].name, '_', "\"a"));
        assert_int_equal(inputs_read(&arena, &vault, environment, &inputs, &error), -1);
        assert_has(error.message, arena_format(&arena, "`%s`", ROWS[i].name));
    }
}

static const struct fork_builder_row {
    const char *name;
    const char *setting; /* NULL: not set */
    enum fork_builder read;
} FORK_BUILDERS[] = {
    {"unset", NULL, FORK_BUILDER_AUTO},
    {"empty", "fork-builder=", FORK_BUILDER_AUTO},
    {"auto", "fork-builder=auto", FORK_BUILDER_AUTO},
    {"depot", "fork-builder=depot", FORK_BUILDER_DEPOT},
    {"docker", "fork-builder= docker ", FORK_BUILDER_DOCKER},
};

TEST(reads_the_builder_for_forks)
{
    const struct fork_builder_row *row = *state;
    assert_int_equal(INPUTS_OF(row->setting).fork_builder, row->read);
}

static const struct variable_row {
    const char *name;
    const char *variable;
} VARIABLES[] = {
    {"push", "INPUT_PUSH"},
    {"add-hosts", "INPUT_ADD_HOSTS"},
    {"no-cache-filters", "INPUT_NO_CACHE_FILTERS"},
};

TEST(names_the_variable_of_an_input)
{
    const struct variable_row *row = *state;
    assert_text(input_variable(&arena, row->name), row->variable);
}

static const struct retries_row {
    const char *name;
    const char *setting;
    int read;
} RETRIES[] = {
    {"empty", "retries=", 1},   {"none", "retries=0", 0},       {"one", "retries=1", 1},
    {"some", "retries= 7 ", 7}, {"the most", "retries=10", 10}, {"a leading zero", "retries=02", 2},
};

TEST(reads_how_often_to_retry)
{
    const struct retries_row *row = *state;
    assert_int_equal(INPUTS_OF(row->setting).retries, row->read);
}

static const struct secret_row {
    const char *name;
    bool secret;
} SECRETS[] = {
    {"INPUT_TOKEN=a", true},
    {"INPUT_TOKEN=", true},
    {"INPUT_GITHUB_TOKEN=a", true},
    {"INPUT_GITHUB-TOKEN=a", true},
    {"INPUT_SECRETS=a", true},
    {"INPUT_TOKENS=a", false},
    {"INPUT_TOKE=a", false},
    {"INPUT_SECRET_ENVS=a", false},
    {"INPUT_SECRET_FILES=a", false},
    {"INPUT_TAGS=a", false},
    {"INPUT_TOKEN", false},
    {"INPUT_", false},
    {"INPUT_=a", false},
    {"INPUT_token=a", false},
    {"INPUT_GITHUB+TOKEN=a", false},
    {"TOKEN=a", false},
    {"XINPUT_TOKEN=a", false},
    {"INPUT_GITHUB_TOKEN_=a", false},
    {"INPUT_TAGS=INPUT_TOKEN", false},
    {"", false},
};

TEST(knows_the_variables_that_hold_secrets)
{
    const struct secret_row *row = *state;
    assert_int_equal(input_is_secret(row->name), row->secret);
}

TEST(keeps_secret_inputs_in_the_vault_and_no_others)
{
    struct inputs inputs =
        INPUTS_OF("token=a", "github-token=b", "secrets=C=d", "tags=e", "context=f");
    assert_true(unit_is_secret_memory(inputs.token));
    assert_true(unit_is_secret_memory(inputs.github_token));
    assert_true(unit_is_secret_memory(inputs.secrets.items[0]));
    assert_false(unit_is_secret_memory(inputs.tags.items[0]));
    assert_false(unit_is_secret_memory(inputs.context));
}

TEST(ignores_variables_of_no_input)
{
    struct inputs inputs = read_from(STRINGS("TAGS=a", "INPUT_TAG=b", "INPUT_tags=c"));
    assert_int_equal(inputs.tags.count, 0);
}

int main(void)
{
    UNIT_ROWS(reads_an_input_in_its_kind, ROWS);
    UNIT_ROWS(reads_the_hyphenated_variable_too, ROWS);
    UNIT_ROWS(reads_an_unset_input_as_its_default, ROWS);
    UNIT_ROWS(reads_an_empty_input_as_unset, ROWS);
    UNIT_ROWS(reads_a_blank_input_as_unset, ROWS);
    UNIT_ROWS(sets_no_other_input, ROWS);
    UNIT_TEST(the_table_has_every_row_once);
    UNIT_ROWS(prefers_the_hyphenated_variable, PRECEDENCE);
    UNIT_ROWS(trims_white_space_as_the_peers_do, WIDE);
    UNIT_ROWS(reads_the_booleans_of_yaml, WORDS);
    UNIT_ROWS(reads_the_booleans_of_go, WORDS);
    UNIT_ROWS(names_a_bad_input_and_what_is_wrong, BAD);
    UNIT_TEST(names_every_list_whose_quote_never_closes);
    UNIT_ROWS(reads_the_builder_for_forks, FORK_BUILDERS);
    UNIT_ROWS(reads_how_often_to_retry, RETRIES);
    UNIT_ROWS(names_the_variable_of_an_input, VARIABLES);
    UNIT_ROWS(knows_the_variables_that_hold_secrets, SECRETS);
    UNIT_TEST(keeps_secret_inputs_in_the_vault_and_no_others);
    UNIT_TEST(ignores_variables_of_no_input);
    return unit_run("plan/inputs");
}
