#include "docker/inspect.h"

#include "system/json.h"

#include <string.h>

enum { ANSWER_LIMIT = 1024 * 1024, ANSWER_TIMEOUT_MS = 30 * 1000 };

struct docker_inspection docker_inspect_start(struct arena *arena, const char *program,
                                              char *const *environment, const char *builder)
{
    const struct string_list engine =
        string_list_of(arena, "docker", "info", "--format", "{{json .}}");
    struct string_list current = string_list_of(arena, "docker", "buildx", "inspect");
    /* It is not a flag, even if it starts like one. */
    if (builder != NULL && builder[0] == '-')
        string_list_add(arena, &current, "--");
    if (builder != NULL)
        string_list_add(arena, &current, builder);
    struct string_list talkative = string_list_of(arena, "DEBUG=1");
    for (char *const *variable = environment; *variable != NULL; variable++)
        string_list_add(arena, &talkative, *variable);
    return (struct docker_inspection){
        .engine = capture_start(program, engine.items, environment),
        /* It prints the driver's features only with DEBUG. */
        .builder = capture_start(program, current.items, talkative.items),
    };
}

/* Detects containerd's image store (Docker: containerd image store with Docker Engine). */
static bool is_containerd_store(const cJSON *status)
{
    const cJSON *pair;
    cJSON_ArrayForEach(pair, status)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0));
        const char *value = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 1));
        if (name != NULL && value != NULL && strcmp(name, "driver-type") == 0 &&
            strncmp(value, "io.containerd.snapshotter.", 26) == 0)
            return true;
    }
    return false;
}

static void read_plugins(struct arena *arena, const cJSON *plugins, struct docker_engine *engine)
{
    const cJSON *plugin;
    cJSON_ArrayForEach(plugin, plugins)
    {
        const char *name = json_text(plugin, "Name");
        /* A plugin that cannot be used says why. */
        if (name == NULL || strcmp(name, "buildx") != 0 || json_text(plugin, "Err") != NULL)
            continue;
        engine->buildx = true;
        engine->buildx_version = json_text_copy(arena, plugin, "Version");
    }
}

/* Podman's own `info`, and what its engine reports to docker. */
static bool is_podman(const cJSON *root)
{
    return json_member(root, "host") != NULL || json_member(root, "BuildahVersion") != NULL;
}

void docker_engine_read(struct arena *arena, const char *json, struct docker_engine *engine)
{
    *engine = (struct docker_engine){0};
    scoped_json root = json_parse(json, strlen(json));
    if (!cJSON_IsObject(root)) {
        engine->problem = "`docker info` gave no answer";
        return;
    }
    engine->podman = is_podman(root);
    const cJSON *client = json_member(root, "ClientInfo");
    const char *problem =
        cJSON_GetStringValue(cJSON_GetArrayItem(json_member(root, "ServerErrors"), 0));
    engine->problem = problem != NULL ? arena_copy(arena, problem) : NULL;
    engine->client_version = json_text_copy(arena, client, "Version");
    engine->containerd_store = is_containerd_store(json_member(root, "DriverStatus"));
    read_plugins(arena, json_member(client, "Plugins"), engine);
}

/* The value of a line `Name:  value`; NULL for other lines. */
static const char *field_value(const char *line, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    line += length + 1;
    return line + strspn(line, " \t");
}

/* `linux/amd64*, linux/arm64`: the star marks those that a node was created for. */
static void read_platforms(struct arena *arena, const char *text, struct string_list *platforms)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "*, \t\r");
        const char *name = arena_copy_bytes(arena, text, length);
        if (length > 0 && !string_list_has(platforms, name))
            string_list_add(arena, platforms, name);
        text += length;
        text += strspn(text, "*, \t\r");
    }
}

/* The value of a feature that a build may need: `true` or `false`; NULL for other lines. */
static const char *feature_value(const char *line)
{
    static const char *const features[] = {"Cache export", "Docker exporter",
                                           "Multi-platform build", "OCI exporter"};
    const char *value = NULL;
    line += strspn(line, " \t");
    for (size_t i = 0; value == NULL && i < sizeof(features) / sizeof(features[0]); i++)
        value = field_value(line, features[i]);
    return value;
}

void docker_builder_read(struct arena *arena, const char *text, struct docker_builder *builder)
{
    bool lacks = false;
    *builder = (struct docker_builder){0};
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const char *line = arena_copy_bytes(arena, text, length);
        const char *driver = field_value(line, "Driver");
        const char *platforms = field_value(line, "Platforms");
        const size_t word = driver != NULL ? strcspn(driver, " \t\r") : 0;
        if (word > 0 && builder->driver == NULL)
            builder->driver = arena_copy_bytes(arena, driver, word);
        const char *feature = feature_value(line);
        if (feature != NULL) {
            builder->able = true;
            lacks = lacks || strncmp(feature, "true", 4) != 0;
        }
        if (platforms != NULL)
            read_platforms(arena, platforms, &builder->platforms);
        text += length;
        text += *text == '\n';
    }
    builder->able = builder->able && !lacks;
}

void docker_inspect_finish(struct arena *arena, struct docker_inspection *inspection,
                           struct docker_engine *engine, struct docker_builder *builder)
{
    scoped_arena scratch = ARENA_INIT;
    char *text;
    capture_finish(&scratch, &inspection->engine, ANSWER_LIMIT, ANSWER_TIMEOUT_MS, &text);
    docker_engine_read(arena, text, engine);
    int status =
        capture_finish(&scratch, &inspection->builder, ANSWER_LIMIT, ANSWER_TIMEOUT_MS, &text);
    docker_builder_read(arena, status == 0 ? text : "", builder);
}

void docker_inspect_dismiss(struct docker_inspection *inspection)
{
    capture_dismiss(&inspection->engine);
    capture_dismiss(&inspection->builder);
}
