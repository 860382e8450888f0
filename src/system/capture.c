#include "system/capture.h"

#include "system/clock.h"
#include "system/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct capture capture_start(const char *program, char *const *arguments, char *const *environment)
{
    struct capture capture = {.child = 0, .output = -1};
    int ends[2];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0)
        return capture;
    if (pipe2(ends, O_CLOEXEC) == 0) {
        if (process_spawn(program, arguments, environment, ends[1], nowhere, &capture.child) == 0) {
            capture.output = ends[0];
        } else {
            capture.child = 0;
            close(ends[0]);
        }
        close(ends[1]);
    }
    close(nowhere);
    return capture;
}

/* Whether there is output, or its end, to read before `deadline`. */
static bool wait_for_output(const struct capture *capture, long long deadline)
{
    for (;;) {
        long long left = deadline - clock_now_ms();
        struct pollfd watched = {.fd = capture->output, .events = POLLIN};
        if (left <= 0 || (signals_received() != 0 && !capture->through_signals))
            return false;
        /* A signal that comes between the two ends no poll: look again now and then. */
        int ready = poll(&watched, 1, left < 100 ? (int)left : 100);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* Whether the output came to its end. */
static bool read_all(const struct capture *capture, char *text, size_t limit, long long deadline)
{
    size_t length = 0;
    while (length < limit && wait_for_output(capture, deadline)) {
        ssize_t got = read(capture->output, text + length, limit - length);
        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        length += got > 0 ? (size_t)got : 0;
    }
    return false;
}

static int end(struct capture *capture)
{
    int status = 0;
    pid_t waited;
    close(capture->output);
    while ((waited = waitpid(capture->child, &status, 0)) < 0 && errno == EINTR)
        ;
    capture->child = 0;
    return waited > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool capture_has_output(const struct capture *capture)
{
    int bytes = 0;
    return capture->child != 0 && ioctl(capture->output, FIONREAD, &bytes) == 0 && bytes > 0;
}

void capture_dismiss(struct capture *capture)
{
    if (capture->child == 0)
        return;
    kill(-capture->child, SIGKILL);
    end(capture);
}

int capture_finish(struct arena *arena, struct capture *capture, size_t limit, int milliseconds,
                   char **text)
{
    *text = arena_allocate(arena, limit + 1);
    if (capture->child == 0)
        return -1;
    bool ended = read_all(capture, *text, limit, clock_now_ms() + milliseconds);
    if (!ended)
        kill(-capture->child, SIGKILL);
    int status = end(capture);
    return ended ? status : -1;
}
