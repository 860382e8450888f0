#include "run/advice.h"

#include <string.h>

static bool has_any(const char *line, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(line, *words) != NULL)
            return true;
    return false;
}

/* Registries word it in many ways (Docker: registry HTTP API, errors). */
static bool is_refused_push(const char *line)
{
    static const char *const refusals[] = {"denied",
                                           "unauthorized",
                                           "authorization",
                                           "authentication required",
                                           "forbidden",
                                           "no basic auth credentials",
                                           NULL};
    static const char *const of_base_images[] = {"pull access", "source metadata", NULL};
    return has_any(line, refusals) && !has_any(line, of_base_images);
}

static bool pushes(const struct inputs *inputs)
{
    bool pushes = inputs->push;
    for (size_t i = 0; i < inputs->outputs.count; i++)
        pushes = pushes || strstr(inputs->outputs.items[i], "push=true") != NULL ||
                 strstr(inputs->outputs.items[i], "type=registry") != NULL;
    return pushes;
}

const char *docker_advice(const struct inputs *inputs, const struct facts *facts,
                          const struct log *log, const char *line)
{
    if (facts->fork && pushes(inputs) && is_refused_push(line))
        return "A fork's pull request has no credentials for the registry: build without a push "
               "there, with `push: ${{ github.event_name != 'pull_request' }}`";
    if (log->foreign_program)
        return "A program of another architecture cannot run here: add a step `uses: "
               "docker/setup-qemu-action@v3` before this one";
    return NULL;
}
