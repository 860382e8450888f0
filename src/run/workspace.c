#include "run/workspace.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/process.h"
#include "system/program.h"
#include "system/string_list.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void pass_on(struct arena *arena, char *const *environment, const char *name,
                    struct string_list *to)
{
    const char *value = environment_get(environment, name);
    if (value != NULL)
        string_list_add(arena, to, arena_format(arena, "%s=%s", name, value));
}

struct workspace_check workspace_check_start(struct arena *arena, char *const *environment)
{
    struct workspace_check check = {.git = 0, .output = -1};
    const char *workspace = environment_get_nonempty(environment, "GITHUB_WORKSPACE");
    const char *git = program_find(arena, environment_get(environment, "PATH"), "git");
    if (workspace == NULL || git == NULL || !file_exists(arena_format(arena, "%s/.git", workspace)))
        return check;

    struct string_list variables = {0};
    pass_on(arena, environment, "PATH", &variables);
    pass_on(arena, environment, "HOME", &variables);
    /* Later steps may use the repository at once: take no lock on its index. */
    string_list_add(arena, &variables, "GIT_OPTIONAL_LOCKS=0");
    const char *const command[] = {"git", "-C", workspace, "status", "--porcelain"};
    struct string_list arguments = {0};
    for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++)
        string_list_add(arena, &arguments, command[i]);

    int ends[2];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0 && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
        if (process_spawn(git, arguments.items, variables.items, ends[1], nowhere, &check.git) ==
            0) {
            check.output = ends[0];
        } else {
            check.git = 0;
            close(ends[0]);
        }
        close(ends[1]);
    }
    if (nowhere >= 0)
        close(nowhere);
    return check;
}

bool workspace_check_finish(struct workspace_check *check)
{
    if (check->git == 0)
        return false;
    char byte;
    bool changed = read(check->output, &byte, 1) == 1;
    kill(-check->git, SIGKILL);
    while (waitpid(check->git, NULL, 0) < 0 && errno == EINTR)
        ;
    close(check->output);
    check->git = 0;
    return changed;
}
