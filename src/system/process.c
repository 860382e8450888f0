#include "system/process.h"

#include "system/arena.h"
#include "system/child.h"
#include "system/clock.h"
#include "system/redaction.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const int ENDING_SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING_SIGNAL_COUNT = sizeof(ENDING_SIGNALS) / sizeof(ENDING_SIGNALS[0]) };

/* The signal handler sets these, and writes to the pipe to wake a poll. It runs on any thread. */
static atomic_int first_signal;
static atomic_llong first_signal_ms; /* by the monotonic clock */
static void (*_Atomic first_action)(void);
static atomic_int pending[ENDING_SIGNAL_COUNT];
static int wake_pipe[2] = {-1, -1};
/* Whether process_run is waiting. Only then does the end of a child wake a poll, because it would
 * make other waits spin. */
static volatile sig_atomic_t awaits_child;

static void do_first(void)
{
    void (*action)(void) = first_action;
    if (action != NULL)
        action();
}

static void on_signal(int number)
{
    int saved = errno;
    int none = 0;
    for (int i = 0; i < ENDING_SIGNAL_COUNT; i++) {
        if (ENDING_SIGNALS[i] != number)
            continue;
        if (first_signal == 0)
            first_signal_ms = clock_now_ms();
        if (atomic_compare_exchange_strong(&first_signal, &none, number))
            do_first();
        pending[i] = 1;
    }
    if (number == SIGCHLD && !awaits_child)
        return;
    if (write(wake_pipe[1], "", 1) < 0) {
        /* The pipe is full, so a poll will wake anyway. */
    }
    errno = saved;
}

int signals_catch(struct error *error)
{
    if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return error_set(error, "cannot create a pipe: %s", strerror(errno));
    /* SA_RESTART: a signal must not make stdio lose what it writes. All waiting is done in poll,
     * and a signal still interrupts that. */
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    int outcome = sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; outcome == 0 && i < ENDING_SIGNAL_COUNT; i++)
        outcome = sigaction(ENDING_SIGNALS[i], &action, NULL);
    if (outcome != 0)
        return error_set(error, "cannot catch signals: %s", strerror(errno));
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

void signals_do_first(void (*action)(void))
{
    static bool at_exit;
    first_action = action;
    if (!at_exit)
        at_exit = atexit(do_first) == 0;
}

int signals_received(void)
{
    return first_signal;
}

long long signals_age_ms(void)
{
    return first_signal != 0 ? clock_now_ms() - first_signal_ms : -1;
}

bool signals_wait(long long milliseconds)
{
    const long long until = clock_now_ms() + milliseconds;
    struct pollfd watched = {.fd = wake_pipe[0], .events = POLLIN};
    for (long long left; first_signal == 0 && (left = until - clock_now_ms()) > 0;)
        poll(&watched, 1, (int)(left < INT_MAX ? left : INT_MAX));
    return first_signal == 0;
}

int signals_descriptor(void)
{
    return wake_pipe[0];
}

enum { OUTPUT_BUFFER_SIZE = 64 * 1024 };

struct group {
    struct child *child;   /* NULL once the whole group has ended */
    int pipe;              /* what the group prints; -1 once that has ended */
    long long kill_at;     /* by the monotonic clock, in ms; 0 until it is told to end */
    long long patience_ms; /* how long it may go on; negative: without limit */
    bool undeliverable;    /* nobody reads `output` any more */
    bool mid_line;         /* what was passed on does not end with a line feed */
    char *buffer;          /* the last output, OUTPUT_BUFFER_SIZE bytes at most */
    size_t held;           /* bytes of the buffer that wait for `output` */
    size_t passed;         /* bytes of the buffer that were passed on */
    size_t begun;          /* bytes after those that may begin a secret, and wait for more */
    size_t taken;          /* how many bytes the last read returned */
};

static void group_end(struct group *group, int number)
{
    if (group->child != NULL)
        child_signal(group->child, number);
    /* SIGINT gives a running child time to finish. A child that has ended needs none. */
    if ((number != SIGINT || group->child == NULL) && group->kill_at == 0)
        group->kill_at = clock_now_ms() + PROCESS_GRACE_MS;
}

static bool grace_is_over(const struct group *group)
{
    return group->kill_at != 0 && clock_now_ms() >= group->kill_at;
}

static void forward_signals(struct group *group)
{
    for (int i = 0; i < ENDING_SIGNAL_COUNT; i++) {
        if (!pending[i])
            continue;
        pending[i] = 0;
        group_end(group, ENDING_SIGNALS[i]);
    }
    if (grace_is_over(group) && group->child != NULL)
        child_signal(group->child, SIGKILL);
}

/* The output ends here. The beginning of a secret is not shown, because no mask would hide it. */
static void end_output(struct group *group)
{
    static const char hidden[] = "***";
    if (group->pipe >= 0)
        close(group->pipe);
    group->pipe = -1;
    if (group->held > 0)
        return; /* the rest is lost, because nobody reads it */
    memmove(group->buffer, group->buffer + group->passed, group->begun);
    if (redaction_is_part(group->buffer, group->begun))
        group->begun = (size_t)(stpcpy(group->buffer, hidden) - group->buffer);
    group->held = group->undeliverable ? 0 : group->begun;
    group->begun = 0;
    group->passed = 0;
}

/* Holds back what may be the beginning of a secret until more output arrives, so that the log never
 * ends inside one. */
static void take_output(const struct process *process, struct group *group)
{
    memmove(group->buffer, group->buffer + group->passed, group->begun);
    group->passed = 0;
    char *end = group->buffer + group->begun;
    ssize_t got = read(group->pipe, end, OUTPUT_BUFFER_SIZE - group->begun);
    if (got == 0)
        end_output(group);
    if (got <= 0)
        return;
    process->on_output(process->context, end, (size_t)got);
    group->taken = (size_t)got;
    const size_t all = group->begun + group->taken;
    group->begun = redaction_begun(group->buffer, all);
    if (group->begun > OUTPUT_BUFFER_SIZE / 2)
        group->begun = 0;
    group->held = group->undeliverable ? 0 : all - group->begun;
}

/* Files, and devices that are not terminals, never make a writer wait for a reader. */
static bool has_no_reader(int output)
{
    struct stat status;
    return fstat(output, &status) == 0 && !S_ISSOCK(status.st_mode) && !isatty(output);
}

/* How many bytes can be written at once without blocking, even if nobody reads them. A pipe that is
 * ready takes PIPE_BUF bytes (POSIX, write), and an empty one takes as many as it can hold. */
static size_t room_of(int output)
{
    int unread = 0;
    const int capacity = fcntl(output, F_GETPIPE_SZ);
    if (capacity > PIPE_BUF && ioctl(output, FIONREAD, &unread) == 0 && unread == 0)
        return (size_t)capacity;
    return capacity < 0 && has_no_reader(output) ? OUTPUT_BUFFER_SIZE : PIPE_BUF;
}

/* If nobody reads in time, the log may end after any portion. So none should end in a secret. */
static size_t portion_length(const struct group *group, size_t room)
{
    if (group->held <= room)
        return group->held;
    const size_t begun = redaction_begun(group->buffer + group->passed, room);
    return begun < room ? room - begun : room;
}

static void pass_output(const struct process *process, struct group *group)
{
    const size_t length = portion_length(group, room_of(process->output));
    ssize_t written = write(process->output, group->buffer + group->passed, length);
    if (written < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (written < 0) {
        do_first();
        group->undeliverable = true;
        group->held = 0;
        group_end(group, SIGTERM);
        return;
    }
    group->passed += (size_t)written;
    group->mid_line = group->buffer[group->passed - 1] != '\n';
    group->held -= (size_t)written;
}

static int wait_limit(const struct group *group)
{
    long long left = group->patience_ms;
    if (group->kill_at != 0)
        left = group->kill_at > clock_now_ms() ? group->kill_at - clock_now_ms() : 0;
    return left < 0 ? -1 : (int)(left < INT_MAX ? left : INT_MAX);
}

static void clear_wake_pipe(void)
{
    char discarded[64];
    while (read(wake_pipe[0], discarded, sizeof(discarded)) > 0)
        ;
}

static void keep_patience(const struct process *process, struct group *group)
{
    if (process->patience_ms == NULL || group->kill_at != 0)
        return;
    group->patience_ms = process->patience_ms(process->context);
    if (group->patience_ms == 0)
        group_end(group, SIGTERM);
}

/* Waits until there is something to do, and does it: reads or passes on output, or notices a signal
 * or the end of a child. */
static void advance(const struct process *process, struct group *group)
{
    const bool full = group->held > 0;
    struct pollfd watched[] = {
        {.fd = wake_pipe[0], .events = POLLIN},
        {.fd = full ? process->output : group->pipe, .events = full ? POLLOUT : POLLIN},
    };
    if (poll(watched, 2, wait_limit(group)) < 0)
        return;
    if (watched[0].revents != 0)
        clear_wake_pipe();
    if (watched[1].revents == 0)
        return;
    if (full)
        pass_output(process, group);
    else
        take_output(process, group);
}

/* Passes on only what is in the pipe now: a process that left the group may write forever. */
static void pass_rest(const struct process *process, struct group *group)
{
    int left = 0;
    if (group->pipe >= 0)
        ioctl(group->pipe, FIONREAD, &left);
    if (first_signal != 0)
        group_end(group, first_signal);
    while (!grace_is_over(group) && (group->held > 0 || (left > 0 && group->pipe >= 0))) {
        group->taken = 0;
        forward_signals(group);
        advance(process, group);
        left -= (int)group->taken;
    }
    if (group->pipe >= 0)
        end_output(group);
    while (!grace_is_over(group) && group->held > 0)
        advance(process, group);
}

static int explain_spawn(const char *program, int failure, struct error *error)
{
    if (failure == E2BIG)
        return error_set(error,
                         "cannot run `%s`: its arguments and environment together are larger than "
                         "the system takes: put the longest inputs into files or secrets",
                         program);
    const bool is_busy = failure == EAGAIN || failure == ENOMEM;
    return error_set(error, "cannot run `%s`: %s%s", program, strerror(failure),
                     is_busy ? "" : "; install it again, for this machine");
}

int process_run(const struct process *process, bool *mid_line, struct error *error)
{
    *mid_line = false;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(error, "cannot create a pipe: %s", strerror(errno));
    /* Only our end: the child's end still blocks when the pipe is full. */
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    scoped_arena arena = ARENA_INIT;
    struct group group = {
        .pipe = ends[0],
        .buffer = arena_allocate(&arena, OUTPUT_BUFFER_SIZE),
        .patience_ms = -1,
    };
    awaits_child = 1;
    int failure = child_start(process->program, process->arguments, process->environment, ends[1],
                              ends[1], &group.child);
    close(ends[1]);
    if (failure != 0) {
        awaits_child = 0;
        close(ends[0]);
        return explain_spawn(process->program, failure, error);
    }

    while (!child_has_ended(group.child)) {
        forward_signals(&group);
        keep_patience(process, &group);
        advance(process, &group);
    }
    const int status = child_end(group.child);
    group.child = NULL;
    if (process->on_end != NULL)
        process->on_end();
    awaits_child = 0;
    pass_rest(process, &group);
    *mid_line = group.mid_line;
    if (first_signal == 0)
        clear_wake_pipe();
    return status >= 0 ? status : error_set(error, "lost track of `%s`", process->program);
}
