#include "docker/default_builder.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/http.h"
#include "system/json.h"
#include "system/program.h"
#include "system/string_list.h"

#include <string.h>

enum { CONFIGURATION_LIMIT = 1024 * 1024 };

#define SYSTEM_PLUGINS                                                                             \
    "/usr/local/lib/docker/cli-plugins:/usr/local/libexec/docker/cli-plugins:"                     \
    "/usr/lib/docker/cli-plugins:/usr/libexec/docker/cli-plugins"

/* Of a context or builder by name. */
static bool is_default(const char *name)
{
    return name == NULL || name[0] == '\0' || strcmp(name, "default") == 0;
}

/* What is in a file of JSON; empty without the file, and NULL where it cannot be read. */
static cJSON *read_settings(struct arena *arena, const char *path)
{
    char *text;
    if (!file_exists(path))
        return cJSON_CreateObject();
    const ssize_t length = file_read(arena, path, CONFIGURATION_LIMIT, &text, NULL);
    return length >= 0 ? json_parse(text, (size_t)length) : NULL;
}

/* Whether the settings can be read, and their `member` names a default, or nothing. */
static bool names_default(const cJSON *settings, const char *member)
{
    const char *name = json_text(settings, member);
    return cJSON_IsObject(settings) && is_default(name);
}

static bool has_plugin(struct arena *arena, const char *folder, const cJSON *configuration)
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
    return program_find(arena, string_list_join(arena, &folders, ":"), "docker-buildx") != NULL;
}

/* Which `docker buildx use` does. Each use of a builder leaves a file that may name none. */
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

const char *default_builder_socket(struct arena *arena, char *const *environment)
{
    const char *socket = socket_of(environment);
    const char *home = environment_get_nonempty(environment, "HOME");
    const char *folder = environment_get_nonempty(environment, "DOCKER_CONFIG");
    if (folder == NULL && home != NULL)
        folder = arena_format(arena, "%s/.docker", home);
    if (socket == NULL || folder == NULL || !file_exists(socket) ||
        !is_default(environment_get(environment, "DOCKER_CONTEXT")) ||
        !is_default(environment_get(environment, "BUILDX_BUILDER")) ||
        another_is_current(arena, environment, folder))
        return NULL;
    scoped_json configuration = read_settings(arena, arena_format(arena, "%s/config.json", folder));
    return names_default(configuration, "currentContext") &&
                   has_plugin(arena, folder, configuration)
               ? arena_copy(arena, socket)
               : NULL;
}

int default_builder_ask(struct arena *arena, char *const *environment, const char *socket,
                        struct docker_engine *engine)
{
    scoped_http http = {.environment = environment};
    struct http_response response;
    const struct http_request request = {
        .method = "GET",
        .url = "http://localhost/info",
        .socket = socket,
        .attempts = 1,
    };
    if (http_send(&http, arena, &request, &response, NULL) != 0 || response.status != 200)
        return -1;
    docker_engine_read(arena, response.body, engine);
    return engine->problem == NULL ? 0 : -1;
}
