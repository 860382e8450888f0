#include "docker/default_builder.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/http.h"
#include "system/json.h"
#include "system/program.h"
#include "system/string_list.h"

#include <string.h>

enum {
    CONFIGURATION_LIMIT = 1024 * 1024,
    PLUGIN_ANSWER_LIMIT = 64 * 1024,
    PLUGIN_ANSWER_TIMEOUT_MS = 10 * 1000
};

#define SYSTEM_PLUGINS                                                                             \
    "/usr/local/lib/docker/cli-plugins:/usr/local/libexec/docker/cli-plugins:"                     \
    "/usr/lib/docker/cli-plugins:/usr/libexec/docker/cli-plugins"

/* Whether it is the name of the default context or builder. */
static bool is_default(const char *name)
{
    return name == NULL || name[0] == '\0' || strcmp(name, "default") == 0;
}

/* The content of a JSON file; empty if there is no file, and NULL if it cannot be read. */
static cJSON *read_settings(struct arena *arena, const char *path)
{
    char *text;
    if (!file_exists(path))
        return cJSON_CreateObject();
    const ssize_t length = file_read(arena, path, CONFIGURATION_LIMIT, &text, NULL);
    return length >= 0 ? json_parse(text, (size_t)length) : NULL;
}

/* Whether the settings can be read, and their `member` is the default or not set. */
static bool names_default(const cJSON *settings, const char *member)
{
    const char *name = json_text(settings, member);
    return cJSON_IsObject(settings) && is_default(name);
}

static char *find_plugin(struct arena *arena, const char *folder, const cJSON *configuration)
{
    struct string_list folders = {0};
    const cJSON *extra;
    cJSON_ArrayForEach(extra, json_member(configuration, "cliPluginsExtraDirs"))
    {
        if (cJSON_IsString(extra))
            string_list_add(arena, &folders, extra->valuestring);
    }
    string_list_add(arena, &folders, arena_format(arena, "%s/cli-plugins", folder));
    string_list_add(arena, &folders, SYSTEM_PLUGINS);
    return program_find(arena, string_list_join(arena, &folders, ":"), "docker-buildx");
}

/* `docker buildx use` sets one. Each use of a builder leaves a file, which may name none. */
static bool another_is_current(struct arena *arena, char *const *environment, const char *folder)
{
    const char *own = environment_get_nonempty(environment, "BUILDX_CONFIG");
    const char *buildx = own != NULL ? own : arena_format(arena, "%s/buildx", folder);
    struct string_list defaults = {0};
    directory_list(arena, arena_format(arena, "%s/defaults", buildx), &defaults);
    scoped_json current = read_settings(arena, arena_format(arena, "%s/current", buildx));
    return defaults.count > 0 || !names_default(current, "Name");
}

static const char *socket_of(char *const *environment)
{
    const char *host = environment_get_nonempty(environment, "DOCKER_HOST");
    if (host == NULL)
        return "/var/run/docker.sock";
    return strncmp(host, "unix:///", 8) == 0 ? host + 7 : NULL;
}

/* NULL if docker may use an engine other than the one at this machine's socket, or another builder.
 */
static const char *engine_of_docker(struct arena *arena, char *const *environment,
                                    const char *folder)
{
    const char *socket = socket_of(environment);
    if (socket == NULL || !file_exists(socket) ||
        !is_default(environment_get(environment, "DOCKER_CONTEXT")) ||
        !is_default(environment_get(environment, "BUILDX_BUILDER")) ||
        another_is_current(arena, environment, folder))
        return NULL;
    return socket;
}

struct default_builder default_builder_find(struct arena *arena, char *const *environment)
{
    struct default_builder none = {.socket = NULL};
    const char *home = environment_get_nonempty(environment, "HOME");
    const char *folder = environment_get_nonempty(environment, "DOCKER_CONFIG");
    if (folder == NULL && home != NULL)
        folder = arena_format(arena, "%s/.docker", home);
    const char *socket = folder != NULL ? engine_of_docker(arena, environment, folder) : NULL;
    if (socket == NULL)
        return none;
    scoped_json configuration = read_settings(arena, arena_format(arena, "%s/config.json", folder));
    const char *plugin = find_plugin(arena, folder, configuration);
    if (plugin == NULL || !names_default(configuration, "currentContext"))
        return none;
    const struct string_list question =
        string_list_of(arena, "docker-buildx", "docker-cli-plugin-metadata");
    return (struct default_builder){.socket = arena_copy(arena, socket),
                                    .plugin = capture_start(plugin, question.items, environment)};
}

static bool plugin_starts(struct default_builder *builder)
{
    scoped_arena arena = ARENA_INIT;
    char *text;
    int status = capture_finish(&arena, &builder->plugin, PLUGIN_ANSWER_LIMIT,
                                PLUGIN_ANSWER_TIMEOUT_MS, &text);
    scoped_json answer = json_parse(text, strlen(text));
    return status == 0 && json_text(answer, "SchemaVersion") != NULL;
}

int default_builder_ask(struct arena *arena, char *const *environment,
                        struct default_builder *builder, struct docker_engine *engine)
{
    scoped_http http = {.environment = environment};
    struct http_response response;
    const struct http_request request = {
        .method = "GET",
        .url = "http://localhost/info",
        .socket = builder->socket,
        .attempts = 1,
    };
    const bool answers =
        http_send(&http, arena, &request, &response, NULL) == 0 && response.status == 200;
    if (!plugin_starts(builder) || !answers)
        return -1;
    docker_engine_read(arena, response.body, engine);
    return engine->problem == NULL && !engine->podman ? 0 : -1;
}

void default_builder_dismiss(struct default_builder *builder)
{
    capture_dismiss(&builder->plugin);
}
