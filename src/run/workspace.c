#include "run/workspace.h"

#include "system/environment.h"
#include "system/file.h"

#include <string.h>

static void pass_on(struct step *step, const char *name, struct string_list *to)
{
    const char *value = environment_get(step->environment, name);
    if (value != NULL)
        string_list_add(&step->arena, to, arena_format(&step->arena, "%s=%s", name, value));
}

/* Starts `git -C WORKSPACE` with `words` after it, unless the workspace is not a checkout. */
static struct capture ask_git(struct step *step, const char *const *words)
{
    struct arena *arena = &step->arena;
    const char *workspace = environment_get_nonempty(step->environment, "GITHUB_WORKSPACE");
    const char *git = step_find_program(step, "git");
    if (workspace == NULL || git == NULL || !file_exists(arena_format(arena, "%s/.git", workspace)))
        return (struct capture){.child = NULL};
    struct string_list command = string_list_of(arena, "git", "-C", workspace);
    for (; *words != NULL; words++)
        string_list_add(arena, &command, *words);
    /* Later steps may use the repository at the same time: take no lock on its index. */
    struct string_list variables = string_list_of(arena, "GIT_OPTIONAL_LOCKS=0");
    pass_on(step, "PATH", &variables);
    pass_on(step, "HOME", &variables);
    return capture_start(git, command.items, variables.items);
}

struct capture workspace_check_start(struct step *step)
{
    static const char *const words[] = {"status", "--porcelain", NULL};
    return ask_git(step, words);
}

bool workspace_check_finish(struct capture *check)
{
    bool changed = capture_has_output(check);
    capture_dismiss(check);
    return changed;
}

static const char *answer_of(struct step *step, struct capture *question)
{
    enum { ANSWER_LIMIT = 1024 * 1024, TIMEOUT_MS = 5000 };
    char *answer;
    return capture_finish(&step->arena, question, ANSWER_LIMIT, TIMEOUT_MS, &answer) == 0 ? answer
                                                                                          : NULL;
}

const char *workspace_text(struct step *step, const char *commit, const char *path)
{
    const char *object = arena_format(&step->arena, "%s:%s", commit, path);
    const char *const of_head[] = {"rev-parse", "--verify", "HEAD", NULL};
    const char *const of_file[] = {"cat-file", "blob", object, NULL};
    if (commit[strspn(commit, "0123456789abcdef")] != '\0')
        return NULL;
    struct capture head = ask_git(step, of_head);
    struct capture file = ask_git(step, of_file);
    const char *checked_out = answer_of(step, &head);
    const char *text = answer_of(step, &file);
    const size_t length = strlen(commit);
    const bool same = checked_out != NULL && strncmp(checked_out, commit, length) == 0 &&
                      checked_out[length] == '\n';
    return same ? text : NULL;
}
