#include "github/event.h"

#include "system/environment.h"
#include "system/file.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <strings.h>

/* Events' payloads have at most 25 MB (GitHub: webhook payloads); more than that is no payload. */
enum { PAYLOAD_LIMIT = 64 * 1024 * 1024 };

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* A head whose repository was deleted since is null: no longer ours to trust. */
static bool is_fork(const cJSON *head, const cJSON *repository)
{
    const char *from = text(member(member(head, "repo"), "full_name"));
    const char *to = text(member(repository, "full_name"));
    return from == NULL || to == NULL || strcasecmp(from, to) != 0;
}

int event_parse(struct arena *arena, const char *name, const char *payload, size_t length,
                struct event *event, struct error *error)
{
    *event = (struct event){0};
    cJSON *root = cJSON_ParseWithLength(payload, length);
    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return error_set(error, "it is not a JSON object");
    }
    const cJSON *repository = member(root, "repository");
    const cJSON *head = member(member(root, "pull_request"), "head");
    const char *sha = text(member(head, "sha"));
    event->private_repository = cJSON_IsTrue(member(repository, "private"));
    event->fork = strcmp(name, "pull_request") == 0 && is_fork(head, repository);
    event->head_sha = sha != NULL ? arena_copy(arena, sha) : NULL;
    cJSON_Delete(root);
    return 0;
}

int event_read(struct arena *arena, char *const *environment, struct event *event,
               struct error *error)
{
    static const char cure[] = "this program runs as a step of a GitHub Actions job, where the "
                               "runner writes it";
    const char *name = environment_get_nonempty(environment, "GITHUB_EVENT_NAME");
    const char *path = environment_get_nonempty(environment, "GITHUB_EVENT_PATH");
    if (path == NULL)
        return error_set(error, "GITHUB_EVENT_PATH, the event's payload, is not set: %s", cure);
    struct arena scratch = ARENA_INIT;
    struct error reason = ERROR_INIT;
    char *payload = NULL;
    ssize_t length = file_read(&scratch, path, PAYLOAD_LIMIT, &payload, &reason);
    int outcome = length < 0 ? -1
                             : event_parse(arena, name != NULL ? name : "", payload, (size_t)length,
                                           event, &reason);
    if (outcome != 0)
        error_set(error, "the event's payload `%s` (GITHUB_EVENT_PATH) cannot be used: %s; %s",
                  path, reason.message, cure);
    arena_free(&scratch);
    return outcome;
}
