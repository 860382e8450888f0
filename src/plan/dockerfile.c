#include "plan/dockerfile.h"

#include "plan/source.h"

#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* The folder in which the Dockerfile is looked up: the local context's, unless `file` names it from
 * the workspace. NULL for the workspace itself and for another repository. */
static const char *folder_of(const struct inputs *inputs)
{
    const char *context = inputs->context;
    if (context == NULL || strcmp(context, ".") == 0)
        return NULL;
    if (strncmp(context, "{{", 2) == 0) {
        const char *end = strstr(context, "}}:");
        return end != NULL ? end + 3 : NULL;
    }
    return inputs->file == NULL && !source_is_remote(context) ? context : NULL;
}

const char *dockerfile_path(struct arena *arena, const struct inputs *inputs, const char *name)
{
    const char *file = inputs->file != NULL ? inputs->file : name;
    if (strcmp(base_name(file), base_name(name)) != 0)
        return name;
    const char *folder = folder_of(inputs);
    size_t length = folder != NULL ? strlen(folder) : 0;
    while (length > 1 && folder[length - 1] == '/')
        length--;
    const char *path =
        length > 0 ? arena_format(arena, "%.*s/%s", (int)length, folder, file) : file;
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return path;
}
