#include "plan/arguments.h"

#include "plan/example.h"
#include "unit.h"

/* Makes the plan for these inputs, without attestations that nobody asked for. */
static struct plan plan_on(enum builder builder, const char *const *settings, bool actions_cache)
{
    static struct facts facts;
    static struct inputs inputs;
    facts = builder == BUILDER_DEPOT ? example_facts() : example_fork_facts();
    facts.no_default_attestations = true;
    facts.actions_cache = actions_cache;
    inputs = example_inputs(settings);
    struct plan plan;
    struct error error = ERROR_INIT;
    if (plan_make(&arena, &inputs, &facts, &plan, &error) != 0)
        fail_msg("%s", error.message);
    return plan;
}

/* The table of docs/inputs.md, The inputs, with the flags of one input. The flags that are always
 * there are left out. */
static const struct argument_row {
    const char *name;
    const char *settings[4];
    const char *depot;
    const char *docker;
    const char *context;   /* NULL: the Git context */
    bool without_image_id; /* no --iidfile */
    bool actions_cache;
    bool always_docker;
} ROWS[] = {
    {"nothing set", {NULL}, "", ""},
    {"add-hosts",
     {"add-hosts=a:1,b:2"},
     "|--add-host|a:1|--add-host|b:2",
     "|--add-host|a:1|--add-host|b:2"},
    {"allow",
     {"allow=network.host\nsecurity.insecure"},
     "|--allow|network.host,security.insecure",
     "|--allow|network.host|--allow|security.insecure"},
    {"annotations",
     {"annotations=a=1,2\nindex:b=3"},
     "|--annotation|a=1,2|--annotation|index:b=3",
     "|--annotation|a=1,2|--annotation|index:b=3"},
    {"attests",
     {"attests=type=sbom,true\ntype=a"},
     "|--attest|type=sbom,disabled=false|--attest|type=a",
     "|--attest|type=sbom,disabled=false|--attest|type=a"},
    {"build-args",
     {"build-args=A=1, 2\nB\n\"C=3\"\"\""},
     "|--build-arg|A=1, 2|--build-arg|B|--build-arg|C=3\"",
     "|--build-arg|A=1, 2|--build-arg|B|--build-arg|C=3\""},
    {"build-contexts",
     {"build-contexts=a=./a\nb=docker-image://c"},
     "|--build-context|a=./a|--build-context|b=docker-image://c",
     "|--build-context|a=./a|--build-context|b=docker-image://c"},
    {"build-contexts of the default context",
     {"build-contexts=a={{ defaultContext }}:a"},
     "|--build-context|a=" EXAMPLE_CONTEXT ":a",
     "|--build-context|a=" EXAMPLE_CONTEXT ":a"},
    {"build-platform", {"build-platform=linux/arm64"}, "|--build-platform|linux/arm64", ""},
    {"builder", {"builder=mine"}, "", "|--builder|mine"},
    {"buildx-fallback", {"buildx-fallback=true"}, "|--progress|plain", ""},
    {"buildx-fallback: false", {"buildx-fallback=false"}, "", ""},
    {"cache-from",
     {"cache-from=type=registry,ref=a/b:c\ntype=local,src=d"},
     "|--cache-from|type=registry,ref=a/b:c|--cache-from|type=local,src=d",
     "|--cache-from|type=registry,ref=a/b:c|--cache-from|type=local,src=d"},
    {"cache-to",
     {"cache-to=type=inline\ntype=local,dest=d"},
     "|--cache-to|type=inline|--cache-to|type=local,dest=d",
     "|--cache-to|type=inline|--cache-to|type=local,dest=d"},
    {"call", {"call=check"}, NULL, "|--call|check", .always_docker = true},
    {"cgroup-parent", {"cgroup-parent=/a"}, "|--cgroup-parent|/a", "|--cgroup-parent|/a"},
    {"cli-version", {"cli-version=2.102.12"}, "", ""},
    {"context", {"context=./app"}, "", "", "./app"},
    {"context in the default context",
     {"context={{defaultContext}}:app"},
     "",
     "",
     EXAMPLE_CONTEXT ":app"},
    {"file", {"file=app/Dockerfile"}, "|--file|app/Dockerfile", "|--file|app/Dockerfile"},
    {"fork-builder", {"fork-builder=auto"}, "", ""},
    {"retries", {"retries=3"}, "", ""},
    {"github-token", {"github-token=ghs", "context=."}, "", "", "."},
    {"github-token with the Git context",
     {"github-token=ghs"},
     "|--secret|id=GIT_AUTH_TOKEN.github.com,src=/tmp/private/secret-0",
     "|--secret|id=GIT_AUTH_TOKEN.github.com,src=/tmp/private/secret-0"},
    {"labels",
     {"labels=a=1,2\nb=c d"},
     "|--label|a=1,2|--label|b=c d",
     "|--label|a=1,2|--label|b=c d"},
    {"lint", {"lint=true"}, "|--lint", ""},
    {"lint: false", {"lint=false"}, "", ""},
    {"lint-fail-on", {"lint-fail-on=warn"}, "|--lint-fail-on|warn", ""},
    {"load", {"load=true"}, "|--load", "|--load"},
    {"load: false", {"load=false"}, "", ""},
    {"network", {"network=host"}, "|--network|host", "|--network|host"},
    {"no-cache", {"no-cache=true"}, "|--no-cache", "|--no-cache"},
    {"no-cache: false", {"no-cache=false"}, "", ""},
    {"no-cache-filters",
     {"no-cache-filters=a, b"},
     "|--no-cache-filter|a|--no-cache-filter|b",
     "|--no-cache-filter|a|--no-cache-filter|b"},
    {"outputs",
     {"outputs=type=registry,\"name=a,b\"\ntype=docker"},
     "|--output|type=registry,\"name=a,b\"|--output|type=docker",
     "|--output|type=registry,\"name=a,b\"|--output|type=docker"},
    {"platforms",
     {"platforms=linux/amd64,linux/arm64"},
     "|--platform|linux/amd64,linux/arm64",
     "|--platform|linux/amd64,linux/arm64"},
    {"project", {"project=abc"}, "|--project|abc", ""},
    {"provenance: true",
     {"provenance=true"},
     "|--provenance|" EXAMPLE_BUILDER_ID,
     "|--attest|type=provenance," EXAMPLE_BUILDER_ID},
    {"provenance: false",
     {"provenance=false"},
     "|--provenance|false",
     "|--attest|type=provenance,disabled=true"},
    {"provenance: mode=max",
     {"provenance=mode=max"},
     "|--provenance|mode=max," EXAMPLE_BUILDER_ID,
     "|--attest|type=provenance,mode=max," EXAMPLE_BUILDER_ID},
    {"pull", {"pull=true"}, "|--pull", "|--pull"},
    {"pull: false", {"pull=false"}, "", ""},
    {"push", {"push=true"}, "|--push", "|--push"},
    {"push: false", {"push=false"}, "", ""},
    {"save", {"save=true"}, "|--save", ""},
    {"save: false", {"save=false"}, "", ""},
    {"save-tag", {"save-tag=a"}, "|--save-tag|a", ""},
    {"save-tags", {"save-tags=a,b"}, "|--save-tag|a|--save-tag|b", ""},
    {"save-tag and save-tags", {"save-tag=a", "save-tags=b"}, "|--save-tag|a|--save-tag|b", ""},
    {"sbom: true", {"sbom=true"}, "|--sbom|true", "|--attest|type=sbom,disabled=false"},
    {"sbom: false", {"sbom=false"}, "|--sbom|false", "|--attest|type=sbom,disabled=true"},
    {"sbom: attributes",
     {"sbom=generator=a"},
     "|--sbom|generator=a",
     "|--attest|type=sbom,generator=a"},
    {"sbom-dir", {"sbom-dir=out"}, "|--sbom-dir|out", ""},
    {"secrets",
     {"secrets=A=1\nB=2"},
     "|--secret|id=A,src=/tmp/private/secret-0|--secret|id=B,src=/tmp/private/secret-1",
     "|--secret|id=A,src=/tmp/private/secret-0|--secret|id=B,src=/tmp/private/secret-1"},
    {"secret-envs", {"secret-envs=A=B"}, "|--secret|id=A,env=B", "|--secret|id=A,env=B"},
    {"secret-files",
     {"secret-files=A=/there/a"},
     "|--secret|id=A,src=/there/a",
     "|--secret|id=A,src=/there/a"},
    {"shm-size", {"shm-size=128m"}, "|--shm-size|128m", "|--shm-size|128m"},
    {"ssh",
     {"ssh=default\nkey=/a,/b"},
     "|--ssh|default|--ssh|key=/a,/b",
     "|--ssh|default|--ssh|key=/a,/b"},
    {"tags",
     {"tags=a/b:1,a/b:2\nc/d"},
     "|--tag|a/b:1|--tag|a/b:2|--tag|c/d",
     "|--tag|a/b:1|--tag|a/b:2|--tag|c/d"},
    {"target", {"target=release"}, "|--target|release", "|--target|release"},
    {"token", {"token=depot_project_hidden"}, "", ""},
    {"ulimit",
     {"ulimit=nofile=1024:1024\nnproc=3"},
     "|--ulimit|nofile=1024:1024|--ulimit|nproc=3",
     "|--ulimit|nofile=1024:1024|--ulimit|nproc=3"},

    {"a value that looks like a flag", {"target=--push"}, "|--target|--push", "|--target|--push"},
    {"a value with line breaks and quotes",
     {"build-args=\"A=\n'$(id)`;\""},
     "|--build-arg|A=\n'$(id)`;",
     "|--build-arg|A=\n'$(id)`;"},

    {"an output to a directory",
     {"outputs=type=local,dest=out"},
     "|--output|type=local,dest=out",
     "|--output|type=local,dest=out",
     .without_image_id = true},
    {"an output without a type",
     {"outputs=out"},
     "|--output|out",
     "|--output|out",
     .without_image_id = true},
    {"an output to a tarball",
     {"outputs=type=tar,dest=out.tar"},
     "|--output|type=tar,dest=out.tar",
     "|--output|type=tar,dest=out.tar",
     .without_image_id = true},
    {"an output to a tarball among others",
     {"outputs=type=registry\ntype=tar,dest=a"},
     "|--output|type=registry|--output|type=tar,dest=a",
     "|--output|type=registry|--output|type=tar,dest=a",
     .without_image_id = true},
    {"an output to an OCI layout",
     {"outputs=type=oci,dest=local"},
     "|--output|type=oci,dest=local",
     "|--output|type=oci,dest=local"},

    {"a GitHub cache without its service",
     {"cache-from=type=gha\ntype=registry,ref=a", "cache-to=mode=max, type=gha"},
     "|--cache-from|type=registry,ref=a",
     "|--cache-from|type=registry,ref=a"},
    {"a GitHub cache with its service",
     {"cache-from=type=gha", "cache-to=type=gha,mode=max"},
     "|--cache-from|type=gha|--cache-to|type=gha,mode=max",
     "|--cache-from|type=gha|--cache-to|type=gha,mode=max",
     .actions_cache = true},
    {"a cache that only looks like GitHub's",
     {"cache-from=type=ghas\nscope=type=gha"},
     "|--cache-from|type=ghas|--cache-from|scope=type=gha",
     "|--cache-from|type=ghas|--cache-from|scope=type=gha"},
};

static const char *command_of(const struct argument_row *row, enum builder builder)
{
    struct plan plan = plan_on(builder, row->settings, row->actions_cache);
    return joined(&plan.command);
}

static const char *expected(const struct argument_row *row, const char *start, const char *flags)
{
    return arena_format(&arena, "%s%s|--metadata-file|/tmp/private/metadata.json%s|%s", start,
                        flags, row->without_image_id ? "" : "|--iidfile|/tmp/private/image-id",
                        row->context != NULL ? row->context : EXAMPLE_CONTEXT);
}

TEST(writes_the_command_of_depot)
{
    const struct argument_row *row = *state;
    const char *command = row->always_docker ? expected(row, "docker|buildx|build", row->docker)
                                             : expected(row, "depot|build", row->depot);
    assert_text(command_of(row, BUILDER_DEPOT), command);
}

TEST(writes_the_command_of_docker)
{
    const struct argument_row *row = *state;
    assert_text(command_of(row, BUILDER_DOCKER), expected(row, "docker|buildx|build", row->docker));
}

TEST(tells_where_the_files_of_the_run_are)
{
    const struct argument_row *row = *state;
    struct plan plan = plan_on(BUILDER_DEPOT, row->settings, row->actions_cache);
    assert_text(plan.metadata_file, "/tmp/private/metadata.json");
    assert_text(plan.image_id_file, row->without_image_id ? NULL : "/tmp/private/image-id");
}

TEST(the_rows_cover_every_input)
{
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        bool found = false;
        for (size_t j = 0; j < COUNT(ROWS); j++)
            found = found || strcmp(ROWS[j].name, INPUTS[i].name) == 0 ||
                    (strncmp(ROWS[j].name, INPUTS[i].name, strlen(INPUTS[i].name)) == 0 &&
                     ROWS[j].name[strlen(INPUTS[i].name)] == ':');
        if (!found)
            fail_msg("no row for `%s`", INPUTS[i].name);
    }
}

TEST(puts_the_context_last_behind_all_inputs)
{
    static const char *const settings[] = {
        "tags=a",          "push=true",      "context=./b", "sbom=true",  "target=rel",
        "provenance=true", "attests=type=a", "secrets=A=1", "ulimit=a=1", NULL};
    static const enum builder builders[] = {BUILDER_DEPOT, BUILDER_DOCKER};
    for (size_t i = 0; i < COUNT(builders); i++) {
        struct plan plan = plan_on(builders[i], settings, false);
        assert_text(plan.command.items[plan.command.count - 1], "./b");
        assert_null(plan.command.items[plan.command.count]);
    }
}

static const struct context_row {
    const char *name; /* the context */
    bool ends_flags;
} CONTEXTS[] = {
    {"context=--push", true}, {"context=-x", true},   {"context=--", true},
    {"context=-", false},     {"context=./-", false}, {"context=a --push", false},
};

TEST(takes_no_context_for_a_flag)
{
    const struct context_row *row = *state;
    const char *const settings[] = {row->name, NULL};
    static const enum builder builders[] = {BUILDER_DEPOT, BUILDER_DOCKER};
    for (size_t i = 0; i < COUNT(builders); i++) {
        struct plan plan = plan_on(builders[i], settings, false);
        const size_t last = plan.command.count - 1;
        assert_text(plan.command.items[last], row->name + strlen("context="));
        assert_int_equal(strcmp(plan.command.items[last - 1], "--") == 0, row->ends_flags);
    }
}

static const struct said_row {
    const char *name;
    enum builder builder;
    const char *settings[4];
    bool actions_cache;
    const char *notice; /* a part of the only one; NULL: there is none */
    const char *warning;
} SAID[] = {
    {"nothing on depot", BUILDER_DEPOT, {"tags=a", "lint=true", "project=b"}},
    {"nothing on docker", BUILDER_DOCKER, {"tags=a", "push=true"}},
    {"nothing of what is off on docker", BUILDER_DOCKER, {"lint=false", "save=false"}},
    {"build-platform on docker",
     BUILDER_DOCKER,
     {"build-platform=a"},
     .notice = "`build-platform`"},
    {"lint on docker", BUILDER_DOCKER, {"lint=true"}, .notice = "`lint`"},
    {"lint-fail-on on docker", BUILDER_DOCKER, {"lint-fail-on=a"}, .notice = "`lint-fail-on`"},
    {"save on docker", BUILDER_DOCKER, {"save=true"}, .notice = "`save`"},
    {"save-tag on docker", BUILDER_DOCKER, {"save-tag=a"}, .notice = "`save-tag`"},
    {"save-tags on docker", BUILDER_DOCKER, {"save-tags=a"}, .notice = "`save-tags`"},
    {"sbom-dir on docker", BUILDER_DOCKER, {"sbom-dir=a"}, .notice = "`sbom-dir`"},
    {"several on docker",
     BUILDER_DOCKER,
     {"save=true", "lint=true", "build-platform=a"},
     .notice = "`build-platform`, `lint`, `save`"},
    {"builder on depot", BUILDER_DEPOT, {"builder=a"}, .warning = "`builder`"},
    {"builder on docker", BUILDER_DOCKER, {"builder=a"}},
    {"a GitHub cache to read", BUILDER_DEPOT, {"cache-from=type=gha"}, .warning = "`type=gha`"},
    {"a GitHub cache to write", BUILDER_DOCKER, {"cache-to=type=gha"}, .warning = "`type=gha`"},
    {"GitHub caches to read and write",
     BUILDER_DOCKER,
     {"cache-from=type=gha\ntype=gha,scope=a", "cache-to=type=gha"},
     .warning = "`type=gha`"},
    {"a GitHub cache with its service",
     BUILDER_DOCKER,
     {"cache-from=type=gha"},
     .actions_cache = true},
    {"another cache", BUILDER_DEPOT, {"cache-from=type=registry,ref=a"}},
};

static void check_said(const struct string_list *said, const char *part)
{
    assert_int_equal(said->count, part != NULL ? 1 : 0);
    if (part != NULL)
        assert_has(said->items[0], part);
}

TEST(says_once_what_is_left_out)
{
    const struct said_row *row = *state;
    struct plan plan = plan_on(row->builder, row->settings, row->actions_cache);
    check_said(&plan.notices, row->notice);
    check_said(&plan.warnings, row->warning);
}

static const struct long_row {
    const char *name; /* the input */
    const char *before;
    const char *behind;
    const char *around; /* what the argument contains besides the long part */
} LONG[] = {
    {"target", "", "", ""},
    {"build-args", "A=1\nB=", "\nC=3", "B="},
    {"add-hosts", "a,", ",b", ""},
    {"platforms", "linux/amd64,", "", "linux/amd64,"},
    {"labels", "a=", "", "a="},
    {"outputs", "type=oci,dest=", "", "type=oci,dest="},
    {"build-contexts", "a=", "", "a="},
    {"build-contexts", "a={{defaultContext}}:", "", "a=" EXAMPLE_CONTEXT ":"},
    {"cache-from", "type=registry,ref=", "", "type=registry,ref="},
    {"cache-to", "type=registry,ref=", "", "type=registry,ref="},
    {"context", "{{defaultContext}}:", "", EXAMPLE_CONTEXT ":"},
    {"attests", "type=", "", "type="},
    {"provenance", "builder-id=", "", "builder-id="},
    {"sbom", "generator=", "", "generator="},
    {"secret-envs", "A=", "", "id=A,env="},
};

static int plan_of_length(const struct long_row *row, size_t length, struct error *error)
{
    size_t repeated = length - strlen(row->around);
    char *value = arena_allocate(&arena, repeated + 1);
    memset(value, 'x', repeated);
    const char *setting =
        arena_format(&arena, "%s=%s%s%s", row->name, row->before, value, row->behind);
    struct facts facts = example_facts();
    facts.no_default_attestations = true;
    struct inputs inputs = INPUTS_OF(setting);
    struct plan plan;
    return plan_make(&arena, &inputs, &facts, &plan, error);
}

TEST(takes_the_longest_argument_that_linux_takes)
{
    const struct long_row *row = *state;
    struct error error = ERROR_INIT;
    assert_int_equal(plan_of_length(row, 131071, &error), 0);
}

TEST(names_the_input_of_a_longer_argument)
{
    const struct long_row *row = *state;
    struct error error = ERROR_INIT;
    assert_int_equal(plan_of_length(row, 131072, &error), -1);
    assert_has(error.message, arena_format(&arena, "`%s`", row->name));
    assert_has(error.message, "131072");
    assert_has(error.message, "131071");
}

TEST(joined_items_are_one_argument)
{
    char *item = arena_allocate(&arena, 70001);
    memset(item, 'x', 70000);
    struct inputs inputs = INPUTS_OF(arena_format(&arena, "allow=%s,%s", item, item));
    struct plan plan;
    struct error error = ERROR_INIT;
    struct facts depot = example_facts();
    struct facts docker = example_fork_facts();
    assert_int_equal(plan_make(&arena, &inputs, &depot, &plan, &error), -1);
    assert_has(error.message, "`allow`");
    assert_has(error.message, "140001");
    assert_int_equal(plan_make(&arena, &inputs, &docker, &plan, &error), 0);
}

TEST(the_limit_is_that_of_linux)
{
    assert_int_equal(ARGUMENT_LIMIT, 131071);
}

int main(void)
{
    UNIT_ROWS(writes_the_command_of_depot, ROWS);
    UNIT_ROWS(writes_the_command_of_docker, ROWS);
    UNIT_ROWS(tells_where_the_files_of_the_run_are, ROWS);
    UNIT_TEST(the_rows_cover_every_input);
    UNIT_ROWS(takes_no_context_for_a_flag, CONTEXTS);
    UNIT_TEST(puts_the_context_last_behind_all_inputs);
    UNIT_ROWS(says_once_what_is_left_out, SAID);
    UNIT_ROWS(takes_the_longest_argument_that_linux_takes, LONG);
    UNIT_ROWS(names_the_input_of_a_longer_argument, LONG);
    UNIT_TEST(joined_items_are_one_argument);
    UNIT_TEST(the_limit_is_that_of_linux);
    return unit_run("plan/arguments");
}
