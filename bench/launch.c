/* launch REPORT COMMAND ARGUMENT…: runs the command (an absolute path) until it ends, and writes a
 * line of numbers to the file REPORT: when it started and when it ended (CLOCK_MONOTONIC, ns), its
 * exit status, the CPU time of it and of all children that it waited for (us), what they wrote to
 * disk (bytes), and its own peak memory (KiB).
 *
 * The peak is VmHWM at the moment of its exit, where it is stopped for that. ru_maxrss could be the
 * peak of its largest child, and is never less than that of the process it was forked from. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

static long peak_of(pid_t process)
{
    char path[64];
    char line[256];
    long peak = -1;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)process);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (sscanf(line, "VmHWM: %ld kB", &peak) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return peak;
}

static pid_t start(char **command)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execv(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Continues it after a stop: at its start, at its exit, or at a signal, which it then receives. */
static void resume(pid_t child, int status, long *peak)
{
    static int started;
    int number = WSTOPSIG(status);
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
        *peak = peak_of(child);
        number = 0;
    } else if (!started && number == SIGTRAP) {
        ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACEEXIT);
        started = 1;
        number = 0;
    }
    ptrace(PTRACE_CONT, child, NULL, (void *)(long)number);
}

static long long microseconds(const struct timeval *time)
{
    return (long long)time->tv_sec * 1000000 + time->tv_usec;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    FILE *report = fopen(argv[1], "w");
    const long long began = now();
    pid_t child = start(argv + 2);
    struct rusage usage;
    long peak = -1;
    int status = 0;
    while (wait4(child, &status, 0, &usage) == child && WIFSTOPPED(status))
        resume(child, status, &peak);
    const long long ended = now();
    if (report == NULL)
        return 2;
    fprintf(report, "%lld %lld %d %lld %lld %ld\n", began, ended,
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime),
            (long long)usage.ru_oublock * 512, peak);
    return fclose(report) == 0 ? 0 : 2;
}
