#include "github/outputs.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/secret.h"
#include "system/string_list.h"

#include <string.h>

char *outputs_format(struct arena *arena, const struct output *outputs, size_t count)
{
    struct string_list lines = {0};
    for (size_t i = 0; i < count; i++) {
        if (outputs[i].value == NULL)
            continue;
        char delimiter[SECRET_NONCE_SIZE];
        do
            secret_nonce(delimiter);
        while (strstr(outputs[i].value, delimiter) != NULL);
        string_list_add(arena, &lines,
                        arena_format(arena, "%s<<%s\n%s\n%s\n", outputs[i].name, delimiter,
                                     outputs[i].value, delimiter));
    }
    return string_list_join(arena, &lines, "");
}

static int append(char *const *environment, const char *file, const char *what, const char *text,
                  struct error *error)
{
    const char *path = environment_get_nonempty(environment, file);
    if (path == NULL || file_append(path, text, strlen(text), error) == 0)
        return 0;
    return error_set(error,
                     "%s could not be written to %s: %s; check the disk's free space and the "
                     "file's permissions",
                     what, file, error->message);
}

int outputs_write(char *const *environment, const struct output *outputs, size_t count,
                  struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    return append(environment, "GITHUB_OUTPUT", "the outputs",
                  outputs_format(&arena, outputs, count), error);
}

int exports_write(struct arena *arena, char *const *environment, const struct output *variables,
                  size_t count, struct error *error)
{
    return append(environment, "GITHUB_ENV", "the variables for later steps",
                  outputs_format(arena, variables, count), error);
}

int path_write(char *const *environment, const char *directory, struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    if (directory[strcspn(directory, "\r\n:")] != '\0')
        return error_set(error,
                         "the path of the CLI's directory has a line break or a colon, which PATH "
                         "cannot hold: set RUNNER_TOOL_CACHE to a path without them");
    return append(environment, "GITHUB_PATH", "the directory of the CLI",
                  arena_format(&arena, "%s\n", directory), error);
}

int summary_write(char *const *environment, const char *markdown, struct error *error)
{
    const char *path = environment_get_nonempty(environment, "GITHUB_STEP_SUMMARY");
    return path != NULL && file_exists(path)
               ? append(environment, "GITHUB_STEP_SUMMARY", "the job summary", markdown, error)
               : 0;
}
