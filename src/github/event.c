#include "github/event.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/json.h"

#include <string.h>
#include <strings.h>

/* An event's payload has at most 25 MB (GitHub: webhook payloads); a larger file is not a payload.
 */
enum { PAYLOAD_LIMIT = 64 * 1024 * 1024 };

/* The repository of a head is null if it has been deleted since. It is then not trusted. */
static bool is_fork(const cJSON *head, const cJSON *repository)
{
    const char *from = json_text(json_member(head, "repo"), "full_name");
    const char *to = json_text(repository, "full_name");
    return from == NULL || to == NULL || strcasecmp(from, to) != 0;
}

/* Events that run with the rights of the head. `pull_request_target` runs the target's code. */
static bool is_of_pull_request(const char *event)
{
    static const char *const events[] = {"pull_request", "pull_request_review",
                                         "pull_request_review_comment"};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (strcmp(event, events[i]) == 0)
            return true;
    return false;
}

int event_parse(struct arena *arena, const char *name, const char *payload, size_t length,
                struct event *event, struct error *error)
{
    *event = (struct event){0};
    scoped_json root = json_parse(payload, length);
    if (!cJSON_IsObject(root))
        return error_set(error, "it is not a JSON object");
    const cJSON *repository = json_member(root, "repository");
    const cJSON *head = json_member(json_member(root, "pull_request"), "head");
    event->private_repository = cJSON_IsTrue(json_member(repository, "private"));
    event->repository = json_text_copy(arena, repository, "full_name");
    event->fork = is_of_pull_request(name) && is_fork(head, repository);
    event->head_sha = json_text_copy(arena, head, "sha");
    return 0;
}

int event_read(struct arena *arena, char *const *environment, struct event *event,
               struct error *error)
{
    const char *name = environment_get_nonempty(environment, "GITHUB_EVENT_NAME");
    const char *path = environment_get_nonempty(environment, "GITHUB_EVENT_PATH");
    scoped_arena scratch = ARENA_INIT;
    char *payload = NULL;
    *event = (struct event){.private_repository = true};
    if (path == NULL)
        return error_set(error, "GITHUB_EVENT_PATH, the path of the event's payload, is not set");
    ssize_t length = file_read(&scratch, path, PAYLOAD_LIMIT, &payload, error);
    struct event told;
    if (length < 0 ||
        event_parse(arena, name != NULL ? name : "", payload, (size_t)length, &told, error) != 0)
        return error_set(error, "the event's payload `%s` (GITHUB_EVENT_PATH) cannot be used: %s",
                         path, error->message);
    *event = told;
    return 0;
}
