#include "docker/default_builder.h"

#include "system/file.h"
#include "unit.h"

#include <sys/stat.h>

#define CONFIG ".docker/config.json"

/* Files below HOME, each `PATH` or `PATH=CONTENT`, and variables, in which `~` is HOME. There is
 * also a socket and a plugin. */
static const struct setting_row {
    const char *name;
    bool found;
    const char *files[3];
    const char *variables[3];
} SETTINGS[] = {
    {"a socket that is named", true, .files = {NULL}},
    {"an empty configuration", true, {CONFIG "={}"}},
    {"credentials", true, {CONFIG "={\"auths\":{}}"}},
    {"the default context by name", true, {CONFIG "={\"currentContext\":\"default\"}"}},
    {"the default context by its variable", true, .variables = {"DOCKER_CONTEXT=default"}},
    {"the default builder by its variable", true, .variables = {"BUILDX_BUILDER=default"}},
    {"variables without a value", true, .variables = {"DOCKER_CONTEXT=", "BUILDX_BUILDER="}},
    {"builders of which none is current", true, {".docker/buildx/instances/mine={}"}},
    {"a current builder without a name",
     true,
     {".docker/buildx/current={\"Key\":\"unix:///x\",\"Name\":\"\",\"Global\":false}"}},
    {"a configuration elsewhere", true, {CONFIG "=["}, {"DOCKER_CONFIG=~/elsewhere"}},

    {"another context", false, {CONFIG "={\"currentContext\":\"remote\"}"}},
    {"another context by its variable", false, .variables = {"DOCKER_CONTEXT=remote"}},
    {"another builder by its variable", false, .variables = {"BUILDX_BUILDER=mine"}},
    {"a current builder", false, {".docker/buildx/current={\"Name\":\"mine\"}"}},
    {"a current builder that cannot be read", false, {".docker/buildx/current=mine"}},
    {"a current builder of this engine", false, {".docker/buildx/defaults/abc=mine"}},
    {"a current builder elsewhere",
     false,
     {"x/current={\"Name\":\"mine\"}"},
     {"BUILDX_CONFIG=~/x"}},
    {"an engine on the network", false, .variables = {"DOCKER_HOST=tcp://127.0.0.1:2375"}},
    {"an engine by ssh", false, .variables = {"DOCKER_HOST=ssh://a@b"}},
    {"a socket without a path", false, .variables = {"DOCKER_HOST=unix://"}},
    {"a socket that is not there", false, .variables = {"DOCKER_HOST=unix://~/none.sock"}},
    {"a configuration that is no JSON", false, {CONFIG "=["}},
    {"a configuration that is no object", false, {CONFIG "=[]"}},
    {"no HOME", false, .variables = {"HOME="}},
};

static void make_file(const char *place)
{
    const size_t name = strcspn(place, "=");
    char *path = unit_path(arena_format(&arena, "%.*s", (int)name, place));
    struct error error = ERROR_INIT;
    const char *folder = arena_format(&arena, "%.*s", (int)(strrchr(path, '/') - path), path);
    assert_int_equal(directory_create_all(folder, &error), 0);
    unit_write(path, place[name] == '=' ? place + name + 1 : "");
}

static void make_plugin(const char *folder)
{
    const char *place = arena_format(&arena, "%s/docker-buildx", folder);
    make_file(place);
    assert_int_equal(chmod(unit_path(place), 0755), 0);
}

/* The socket that is found, without what was started for it. */
static const char *socket_of(char *const *environment)
{
    struct default_builder builder = default_builder_find(&arena, environment);
    default_builder_dismiss(&builder);
    return builder.socket;
}

/* The row's own variables come first, so they win. */
static char **environment_of(const struct setting_row *row)
{
    struct string_list variables = {0};
    for (size_t i = 0; i < COUNT(row->variables) && row->variables[i] != NULL; i++) {
        const char *variable = row->variables[i];
        const char *home = strchr(variable, '~');
        if (home != NULL)
            variable = arena_format(&arena, "%.*s%s%s", (int)(home - variable), variable,
                                    unit_path("."), home + 1);
        string_list_add(&arena, &variables, variable);
    }
    string_list_add(&arena, &variables, arena_format(&arena, "HOME=%s", unit_path(".")));
    string_list_add(&arena, &variables,
                    arena_format(&arena, "DOCKER_HOST=unix://%s", unit_path("docker.sock")));
    return variables.items;
}

TEST(finds_the_socket_with)
{
    const struct setting_row *row = *state;
    make_file("docker.sock");
    make_plugin(".docker/cli-plugins");
    make_plugin("elsewhere/cli-plugins");
    for (size_t i = 0; i < COUNT(row->files) && row->files[i] != NULL; i++)
        make_file(row->files[i]);
    assert_text(socket_of(environment_of(row)), row->found ? unit_path("docker.sock") : NULL);
}

TEST(finds_the_plugin_where_the_configuration_says)
{
    const struct setting_row row = {.name = "a plugin elsewhere"};
    make_file("docker.sock");
    make_plugin("plugins");
    make_file(
        arena_format(&arena, CONFIG "={\"cliPluginsExtraDirs\":[1,\"%s\"]}", unit_path("plugins")));
    assert_text(socket_of(environment_of(&row)), unit_path("docker.sock"));
}

TEST(hears_nothing_of_an_engine_that_is_not_there)
{
    struct docker_engine engine;
    struct default_builder builder = {.socket = unit_path("docker.sock")};
    make_file("docker.sock");
    assert_int_equal(default_builder_ask(&arena, STRINGS(NULL), &builder, &engine), -1);
}

int main(void)
{
    UNIT_ROWS(finds_the_socket_with, SETTINGS);
    UNIT_TEST(finds_the_plugin_where_the_configuration_says);
    UNIT_TEST(hears_nothing_of_an_engine_that_is_not_there);
    return unit_run("docker/default_builder");
}
