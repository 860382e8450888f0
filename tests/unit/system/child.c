#include "system/child.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

/* What the program reports: whether the number of each group that it killed still belonged to the
 * group's leader. */
static int kills;
static int kills_of_nobody;

int kill(pid_t number, int signal)
{
    if (signal == SIGKILL && number < 0) {
        kills++;
        kills_of_nobody += syscall(SYS_kill, -number, 0) != 0;
    }
    return (int)syscall(SYS_kill, number, signal);
}

static struct child *start_shell(const char *script)
{
    struct child *child = NULL;
    const int failure =
        child_start("/bin/sh", STRINGS("sh", "-c", script), STRINGS("PATH=/usr/bin:/bin"),
                    STDERR_FILENO, STDERR_FILENO, &child);
    assert_int_equal(failure, 0);
    return child;
}

static void wait_for_end(struct child *child)
{
    while (!child_has_ended(child))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static const struct spawn_row {
    const char *name;
    const char *program;
    int failure;
} SPAWNS[] = {
    {"a program", "/bin/sh", 0},
    {"no program", "/not/there", ENOENT},
    {"a directory", "/tmp", EACCES},
};

TEST(starts)
{
    const struct spawn_row *row = *state;
    const char *output = unit_path("output");
    const char *errors = unit_path("errors");
    int output_file = open(output, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int errors_file = open(errors, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct child *child = NULL;
    int failure = child_start(row->program, STRINGS("sh", "-c", "echo $A; echo $B >&2; exit 7"),
                              STRINGS("A=1", "B=2"), output_file, errors_file, &child);
    close(output_file);
    close(errors_file);
    assert_int_equal(failure, row->failure);
    assert_int_equal(child != NULL, failure == 0);
    if (failure != 0)
        return;
    assert_int_equal(child_end(child), 7);
    assert_text(unit_read(output), "1\n");
    assert_text(unit_read(errors), "2\n");
}

static const struct end_row {
    const char *name;
    const char *script;
    int status;
} ENDS[] = {
    {"well", "exit 0", 0},
    {"with a status", "exit 7", 7},
    {"by a signal", "kill $$", 143},
    {"by being killed", "kill -KILL $$", 137},
    {"before its group", "sleep 600 & exit 3", 3},
};

TEST(gives_the_status_of_a_child_that_ends)
{
    const struct end_row *row = *state;
    assert_int_equal(child_end(start_shell(row->script)), row->status);
    struct child *seen = start_shell(row->script);
    wait_for_end(seen);
    assert_true(child_has_ended(seen));
    assert_int_equal(child_end(seen), row->status);
}

TEST(kills_a_group_while_its_number_is_its_own)
{
    kills = kills_of_nobody = 0;
    assert_int_equal(child_end(start_shell("sleep 600 & exit 0")), 0);
    struct child *child = start_shell("exec sleep 600");
    child_signal(child, SIGKILL);
    assert_int_equal(child_end(child), 137);
    assert_true(kills >= 3);
    assert_int_equal(kills_of_nobody, 0);
}

/* If another child was waited for meanwhile, this one keeps its status and its number. */
TEST(keeps_the_status_of_a_child_that_is_ended_later)
{
    struct child *early = start_shell("exit 5");
    struct child *late = start_shell("sleep 0.3; exit 6");
    wait_for_end(late);
    kills = 0;
    child_signal(early, SIGKILL);
    assert_int_equal(kills, 0);
    assert_int_equal(child_end(late), 6);
    assert_int_equal(child_end(early), 5);
}

TEST(has_as_many_as_it_says)
{
    struct child *all[CHILDREN];
    struct child *one_more = NULL;
    for (int i = 0; i < CHILDREN; i++)
        all[i] = start_shell(arena_format(&arena, "exit %d", i));
    assert_int_equal(child_start("/bin/true", STRINGS("true"), STRINGS(NULL), STDERR_FILENO,
                                 STDERR_FILENO, &one_more),
                     EAGAIN);
    for (int i = 0; i < CHILDREN; i++)
        assert_int_equal(child_end(all[i]), i);
    assert_int_equal(child_end(start_shell("exit 1")), 1);
}

int main(void)
{
    UNIT_ROWS(starts, SPAWNS);
    UNIT_ROWS(gives_the_status_of_a_child_that_ends, ENDS);
    UNIT_TEST(kills_a_group_while_its_number_is_its_own);
    UNIT_TEST(keeps_the_status_of_a_child_that_is_ended_later);
    UNIT_TEST(has_as_many_as_it_says);
    return unit_run("system/child");
}
