#include "run/workspace.h"

#include "system/environment.h"
#include "system/file.h"

static void pass_on(struct step *step, const char *name, struct string_list *to)
{
    const char *value = environment_get(step->environment, name);
    if (value != NULL)
        string_list_add(&step->arena, to, arena_format(&step->arena, "%s=%s", name, value));
}

struct capture workspace_check_start(struct step *step)
{
    struct arena *arena = &step->arena;
    const char *workspace = environment_get_nonempty(step->environment, "GITHUB_WORKSPACE");
    const char *git = step_find_program(step, "git");
    if (workspace == NULL || git == NULL || !file_exists(arena_format(arena, "%s/.git", workspace)))
        return (struct capture){.child = NULL};
    const struct string_list command =
        string_list_of(arena, "git", "-C", workspace, "status", "--porcelain");
    /* Later steps may use the repository at once: take no lock on its index. */
    struct string_list variables = string_list_of(arena, "GIT_OPTIONAL_LOCKS=0");
    pass_on(step, "PATH", &variables);
    pass_on(step, "HOME", &variables);
    return capture_start(git, command.items, variables.items);
}

bool workspace_check_finish(struct capture *check)
{
    bool changed = capture_has_output(check);
    capture_dismiss(check);
    return changed;
}
