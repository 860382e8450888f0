#include "system/capture.h"

#include "system/child.h"
#include "system/clock.h"
#include "system/file.h"
#include "system/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct capture capture_start(const char *program, char *const *arguments, char *const *environment)
{
    struct capture capture = {.output = -1};
    int ends[2];
    scoped_fd nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return capture;
    scoped_fd written = ends[1];
    if (child_start(program, arguments, environment, written, nowhere, &capture.child) == 0)
        capture.output = ends[0];
    else
        close(ends[0]);
    return capture;
}

/* How many ms are left to wait; 0 for none. */
static int time_left(const struct capture *capture, long long deadline)
{
    const long long age = signals_age_ms();
    const long long left = deadline - clock_now_ms();
    const long long grace = age < 0 ? left : capture->grace_ms - age;
    return (int)(left <= 0 || grace <= 0 ? 0 : left < grace ? left : grace);
}

/* Waits are short, because a signal that arrives just before a wait does not interrupt it. */
enum { LOOK_MS = 100 };

/* Waits until there is output, or its end, to read. False if there is none before `deadline`. */
static bool wait_for_output(const struct capture *capture, long long deadline)
{
    for (int left; (left = time_left(capture, deadline)) > 0;) {
        struct pollfd watched = {.fd = capture->output, .events = POLLIN};
        int ready = poll(&watched, 1, left < LOOK_MS ? left : LOOK_MS);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return false;
}

/* Reads until the output ends. False if it did not end in time, or is longer than `limit`. */
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

/* Kills the child if it has closed its output but does not exit by `deadline`. */
static int end(struct capture *capture, long long deadline)
{
    enum { BETWEEN_LOOKS_MS = 5 };
    struct child *child = capture->child;
    bool ended;
    close(capture->output);
    while (!(ended = child_has_ended(child)) && time_left(capture, deadline) > 0)
        poll(NULL, 0, BETWEEN_LOOKS_MS);
    if (!ended)
        child_signal(child, SIGKILL);
    capture->child = NULL;
    const int status = child_end(child);
    return ended ? status : -1;
}

bool capture_has_output(const struct capture *capture)
{
    int bytes = 0;
    return capture->child != NULL && ioctl(capture->output, FIONREAD, &bytes) == 0 && bytes > 0;
}

void capture_dismiss(struct capture *capture)
{
    if (capture->child != NULL)
        end(capture, 0);
}

int capture_finish(struct arena *arena, struct capture *capture, size_t limit, int milliseconds,
                   char **text)
{
    const long long deadline = clock_now_ms() + milliseconds;
    *text = arena_allocate(arena, limit + 1);
    if (capture->child == NULL)
        return -1;
    bool ended = read_all(capture, *text, limit, deadline);
    int status = end(capture, ended ? deadline : 0);
    return ended ? status : -1;
}
