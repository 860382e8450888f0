#include "system/child.h"

#include "system/trace.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

struct child {
    pid_t number; /* 0: none */
    bool reaped;  /* if so, its number may belong to another process */
    int status;   /* from waitpid, once it is reaped */
};

static struct child children[CHILDREN];

/* posix_spawn rather than fork: it does not copy our page tables, and reports a failure itself. */
static int spawn(const char *program, char *const *arguments, char *const *environment, int output,
                 int errors, pid_t *pid)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE, SIGXFSZ};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
        sigaddset(&defaults, caught[i]);

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, errors, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    int failure = posix_spawn(pid, program, &files, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failure;
}

/* At exit, nobody else is left to end the children. */
static void kill_all(void)
{
    for (size_t i = 0; i < CHILDREN; i++)
        if (children[i].number != 0 && !children[i].reaped) {
            kill(-children[i].number, SIGKILL);
            waitpid(children[i].number, NULL, 0);
        }
}

int child_start(const char *program, char *const *arguments, char *const *environment, int output,
                int errors, struct child **child)
{
    TRACE_SCOPE("start");
    struct child *place = children;
    while (place < children + CHILDREN && place->number != 0)
        place++;
    if (place == children + CHILDREN)
        return EAGAIN;
#ifdef __linux__
    prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
    static bool at_exit;
    if (!at_exit)
        at_exit = atexit(kill_all) == 0;
    *place = (struct child){0};
    const int failure = spawn(program, arguments, environment, output, errors, &place->number);
    if (failure != 0)
        place->number = 0;
    *child = failure == 0 ? place : NULL;
    return failure;
}

void child_signal(const struct child *child, int number)
{
    if (!child->reaped)
        kill(-child->number, number);
}

/* Keeps the status of a child for a later call of child_end. */
static void reap(pid_t number)
{
    int status;
    if (waitpid(number, &status, 0) != number)
        return;
    for (size_t i = 0; i < CHILDREN; i++)
        if (children[i].number == number && !children[i].reaped) {
            children[i].reaped = true;
            children[i].status = status;
        }
}

/* The number of a child that has ended, or 0. It stays a zombie, so nobody else gets its number. */
static pid_t ended(idtype_t whom, pid_t number, int how)
{
    siginfo_t news = {0};
    int outcome;
    do
        outcome = waitid(whom, (id_t)number, &news, WEXITED | WNOWAIT | how);
    while (outcome != 0 && errno == EINTR);
    return outcome == 0 ? news.si_pid : 0;
}

bool child_has_ended(struct child *child)
{
    pid_t number;
    while ((number = ended(P_ALL, 0, WNOHANG)) != 0) {
        if (number == child->number)
            return true;
        reap(number);
    }
    return child->reaped;
}

int child_end(struct child *child)
{
    const pid_t number = child->number;
    if (!child->reaped && ended(P_PID, number, 0) == number) {
        kill(-number, SIGKILL);
        reap(number);
        while (waitpid(-number, NULL, 0) > 0 || errno == EINTR)
            ;
    }
    const int status = child->reaped ? child->status : -1;
    child->number = 0;
    if (status == -1)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
