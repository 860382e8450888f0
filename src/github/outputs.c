#include "github/outputs.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/secret.h"

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

int outputs_write(char *const *environment, const struct output *outputs, size_t count,
                  struct error *error)
{
    const char *path = environment_get_nonempty(environment, "GITHUB_OUTPUT");
    if (path == NULL)
        return 0;
    struct arena arena = ARENA_INIT;
    struct error reason = ERROR_INIT;
    const char *text = outputs_format(&arena, outputs, count);
    int outcome = file_append(path, text, strlen(text), &reason);
    if (outcome != 0)
        error_set(error,
                  "the outputs could not be written to GITHUB_OUTPUT: %s; check the disk's free "
                  "space and the file's permissions",
                  reason.message);
    arena_free(&arena);
    return outcome;
}
