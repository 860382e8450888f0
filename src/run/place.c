#include "run/place.h"

#include "buildkit/dockerfile.h"
#include "plan/dockerfile.h"
#include "plan/source.h"
#include "run/workspace.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/process.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { DOCKERFILE_LIMIT = 1024 * 1024 };

/* The Dockerfile that was built, if this machine has it. */
struct built {
    const char *path; /* as the user knows it: from the workspace, or from the step's directory */
    const char *file; /* its real path from the workspace; NULL: it is not in there */
    const char *text; /* NULL: this machine does not have it */
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool chooses_frontend(const struct inputs *inputs)
{
    static const char argument[] = "BUILDKIT_SYNTAX=";
    for (size_t i = 0; i < inputs->build_args.count; i++)
        if (strncmp(inputs->build_args.items[i], argument, sizeof(argument) - 1) == 0)
            return true;
    return false;
}

/* The part of an absolute path below the workspace, links resolved; NULL if it is not below. */
static const char *below_workspace(struct step *step, const char *path)
{
    char real[PATH_MAX];
    char root[PATH_MAX];
    const char *workspace = environment_get_nonempty(step->environment, "GITHUB_WORKSPACE");
    if (workspace == NULL || realpath(workspace, root) == NULL || realpath(path, real) == NULL)
        return NULL;
    const size_t length = strlen(root);
    if (strncmp(real, root, length) != 0 || real[length] != '/')
        return NULL;
    return arena_copy(&step->arena, real + length + 1);
}

static const char *read_text(struct step *step, const char *path)
{
    char *text;
    const ssize_t length = file_read(&step->arena, path, DOCKERFILE_LIMIT, &text, NULL);
    return length >= 0 && strlen(text) == (size_t)length ? text : NULL;
}

/* From a directory of this machine. The file is the one that was built, unless the build changed
 * it. */
static void read_local(struct step *step, struct built *built)
{
    built->text = read_text(step, built->path);
    built->file = below_workspace(step, built->path);
}

/* From the repository at a commit, which must be the one in the workspace. */
static void read_committed(struct step *step, const char *context, struct built *built)
{
    const char *workspace = environment_get_nonempty(step->environment, "GITHUB_WORKSPACE");
    const char *commit = context != NULL ? strchr(context, '#') : NULL;
    if (workspace == NULL || commit == NULL)
        return;
    const char *path = arena_format(&step->arena, "%s/%s", workspace, built->path);
    const char *here = read_text(step, path);
    const char *there = here != NULL ? workspace_text(step, commit + 1, built->path) : NULL;
    if (there == NULL || strcmp(here, there) != 0)
        return;
    built->text = there;
    built->file = below_workspace(step, path);
}

static struct built find_built(struct step *step)
{
    struct arena *arena = &step->arena;
    const struct inputs *inputs = &step->inputs;
    const char *name = base_name(inputs->file != NULL ? inputs->file : "Dockerfile");
    struct built built = {.path = dockerfile_path(arena, inputs, name)};
    if (chooses_frontend(inputs) || (inputs->file != NULL && source_is_remote(inputs->file)))
        return built;
    if (source_is_default(inputs->context))
        read_committed(step, source_git_context(arena, &step->facts), &built);
    else if (!source_is_remote(inputs->context) && strcmp(inputs->context, "-") != 0)
        read_local(step, &built);
    return built;
}

/* Docker names the line and shows its text. */
static struct place by_docker(struct arena *arena, const struct built *built,
                              const struct build_source *source)
{
    const bool same = built->text != NULL && strcmp(base_name(built->path), source->file) == 0 &&
                      dockerfile_shows(built->text, source);
    return (struct place){same ? built->file : NULL,
                          same ? built->path : arena_copy(arena, source->file), source->line};
}

struct place find_place(struct step *step, const struct attempt *attempt)
{
    const struct progress *progress = attempt->progress;
    const struct build_step *failed = progress_failed_step(progress);
    const struct build_source source = progress_source(progress);
    struct place place = {.line = 0};
    /* With `--call check`, each warning has such a block. */
    if (signals_received() != 0 || attempt->timed_out || progress_verdict(progress) != NULL ||
        (source.line == 0 && failed == NULL))
        return place;
    const struct built built = find_built(step);
    if (source.file[0] != '\0')
        return by_docker(&step->arena, &built, &source);
    const char *text = built.text;
    if (source.line > 0 && (text == NULL || dockerfile_has_line(text, source.line)))
        place.line = source.line;
    else if (text != NULL && failed != NULL)
        place.line = dockerfile_step_line(&step->arena, text, progress, failed);
    place.name = built.path;
    place.file = place.line > 0 && text != NULL ? built.file : NULL;
    return place;
}
