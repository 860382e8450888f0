#include "system/private_directory.h"

#include "unit.h"

#include "system/file.h"
#include "system/process.h"

#include <errno.h>
#include <sys/resource.h>

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static struct private_directory create(void)
{
    struct private_directory directory;
    struct error error = ERROR_INIT;
    assert_int_equal(private_directory_create(&arena, unit_path(""), &directory, &error), 0);
    return directory;
}

static void add(const struct private_directory *directory, const char *name)
{
    struct error error = ERROR_INIT;
    assert_int_equal(private_directory_add_secret(&arena, directory, name, "hidden", 6, &error), 0);
}

static int discard(struct private_directory *directory)
{
    struct error error = ERROR_INIT;
    return private_directory_remove(directory, &error);
}

static const char *in(const struct private_directory *directory, const char *name)
{
    return arena_format(&arena, "%s/%s", directory->path, name);
}

TEST(creates_directories_that_nobody_else_enters)
{
    mode_t before = umask(0);
    struct private_directory one = create();
    struct private_directory other = create();
    umask(before);
    assert_string_not_equal(one.path, other.path);
    assert_memory_equal(one.path, unit_path(""), strlen(unit_path("")));
    assert_int_equal(mode_of(one.path), 0700);
    assert_int_equal(mode_of(other.path), 0700);
    assert_true((fcntl(one.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(discard(&one), 0);
    assert_int_equal(discard(&other), 0);
}

TEST(names_the_parent_of_a_directory_that_cannot_be_created)
{
    struct private_directory directory;
    struct error error = ERROR_INIT;
    unit_write(unit_path("file"), "");
    assert_int_equal(private_directory_create(&arena, unit_path("file"), &directory, &error), -1);
    assert_has(error.message, unit_path("file"));
    assert_has(error.message, strerror(ENOTDIR));
    assert_int_equal(private_directory_create(&arena, unit_path("file/a"), &directory, &error), -1);
    assert_has(error.message, unit_path("file/a"));
    assert_has(error.message, "RUNNER_TEMP");
}

TEST(makes_the_parents_that_are_missing)
{
    struct private_directory directory;
    struct error error = ERROR_INIT;
    const char *parent = unit_path("missing/too");
    if (private_directory_create(&arena, parent, &directory, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(mode_of(directory.path), 0700);
    assert_int_equal(discard(&directory), 0);
    assert_true(file_exists(parent));
}

TEST(writes_a_secret)
{
    struct private_directory directory = create();
    mode_t before = umask(0);
    add(&directory, "a");
    umask(before);
    assert_int_equal(mode_of(in(&directory, "a")), 0600);
    assert_text(unit_read(in(&directory, "a")), "hidden");
    discard(&directory);
}

TEST(writes_no_secret_through_a_link_or_over_a_file)
{
    struct private_directory directory = create();
    struct error error = ERROR_INIT;
    const char *target = unit_path("target");
    assert_int_equal(symlink(target, in(&directory, "link")), 0);
    assert_int_equal(private_directory_add_secret(&arena, &directory, "link", "hidden", 6, &error),
                     -1);
    assert_has(error.message, in(&directory, "link"));
    assert_has(error.message, strerror(EEXIST));
    assert_false(file_exists(target));
    discard(&directory);
}

TEST(leaves_nothing_of_a_secret_for_which_there_is_no_space)
{
    struct private_directory directory = create();
    struct error error = ERROR_INIT;
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max});
    int outcome = private_directory_add_secret(&arena, &directory, "a", "hidden", 6, &error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(outcome, -1);
    assert_has(error.message, strerror(EFBIG));
    assert_false(file_exists(in(&directory, "a")));
    discard(&directory);
}

TEST(removes_its_secrets_first_and_nothing_else)
{
    struct private_directory directory = create();
    add(&directory, "a");
    add(&directory, "b");
    unit_write(in(&directory, "metadata.json"), "{}");
    private_directory_remove_secrets();
    private_directory_remove_secrets();
    assert_false(file_exists(in(&directory, "a")));
    assert_false(file_exists(in(&directory, "b")));
    assert_true(file_exists(in(&directory, "metadata.json")));
    assert_int_equal(discard(&directory), 0);
}

/* Whether both secrets are gone after `happen`. Runs in a separate process, because a signal is
 * never forgotten. */
static void check_gone(void (*happen)(const struct private_directory *directory))
{
    int status = 0;
    struct private_directory directory = create();
    pid_t child = fork();
    if (child == 0) {
        struct error error = ERROR_INIT;
        signals_catch(&error);
        add(&directory, "a");
        add(&directory, "b");
        happen(&directory);
        _exit(file_exists(in(&directory, "a")) || file_exists(in(&directory, "b")));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_false(file_exists(in(&directory, "a")));
    assert_false(file_exists(in(&directory, "b")));
    assert_int_equal(discard(&directory), 0);
}

static void send(const struct private_directory *directory)
{
    (void)directory;
    raise(SIGTERM);
}

static void send_first(const struct private_directory *directory)
{
    raise(SIGINT);
    add(directory, "c");
    if (file_exists(in(directory, "c")))
        _exit(1);
}

static void leave(const struct private_directory *directory)
{
    (void)directory;
    fclose(stdout);
    exit(0);
}

static void ignore_output(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
}

/* A program that prints to a pipe that nobody reads. It must not see the secret when it is told to
 * end. */
static void lose_the_reader(const struct private_directory *directory)
{
    int ends[2];
    bool mid_line;
    struct error error = ERROR_INIT;
    if (pipe2(ends, O_CLOEXEC) != 0)
        _exit(2);
    close(ends[0]);
    const struct process process = {
        .program = "/bin/sh",
        .arguments = STRINGS("sh", "-c",
                             "trap 'test -e \"$0\" && echo > \"$0.seen\"; exit' TERM; echo a; "
                             "while :; do sleep 0.05; done",
                             in(directory, "a")),
        .environment = STRINGS("PATH=/usr/bin:/bin"),
        .output = ends[1],
        .on_output = ignore_output,
    };
    process_run(&process, &mid_line, &error);
    if (file_exists(in(directory, "a.seen")))
        _exit(3);
}

TEST(removes_secrets_at_the_first_signal)
{
    check_gone(send);
}

TEST(keeps_no_secret_that_comes_after_a_signal)
{
    check_gone(send_first);
}

TEST(removes_secrets_at_exit)
{
    check_gone(leave);
}

TEST(removes_secrets_when_nobody_reads_the_output)
{
    check_gone(lose_the_reader);
}

TEST(removes_a_directory_and_its_files)
{
    struct private_directory directory = create();
    for (int i = 0; i < 50; i++)
        unit_write(in(&directory, arena_format(&arena, "%d", i)), "a");
    unit_write(in(&directory, ".hidden"), "a");
    assert_int_equal(symlink("/not/there", in(&directory, "link")), 0);
    assert_int_equal(discard(&directory), 0);
    assert_false(file_exists(directory.path));
    assert_int_equal(fcntl(directory.descriptor, F_GETFD), -1);
}

TEST(removes_no_file_that_a_link_leads_to)
{
    const char *kept = unit_path("kept");
    unit_write(kept, "a");
    struct private_directory directory = create();
    assert_int_equal(symlink(kept, in(&directory, "link")), 0);
    assert_int_equal(discard(&directory), 0);
    assert_text(unit_read(kept), "a");
}

/* What somebody else puts in its place: a link to a directory, or a directory. */
static void replace(const struct private_directory *directory, const char *target)
{
    assert_int_equal(rename(directory->path, unit_path("moved")), 0);
    if (target != NULL)
        assert_int_equal(symlink(target, directory->path), 0);
    else
        assert_int_equal(mkdir(directory->path, 0700), 0);
}

TEST(follows_no_link_in_its_place)
{
    struct error error = ERROR_INIT;
    struct private_directory directory = create();
    assert_int_equal(mkdir(unit_path("mine"), 0700), 0);
    unit_write(unit_path("mine/a"), "mine");
    add(&directory, "a");
    replace(&directory, unit_path("mine"));
    add(&directory, "b");
    assert_false(file_exists(unit_path("mine/b")));
    private_directory_remove_secrets();
    assert_false(file_exists(unit_path("moved/a")));
    assert_false(file_exists(unit_path("moved/b")));
    unit_write(unit_path("moved/metadata.json"), "{}");
    assert_int_equal(private_directory_remove(&directory, &error), -1);
    assert_has(error.message, directory.path);
    assert_text(unit_read(unit_path("mine/a")), "mine");
    assert_false(file_exists(unit_path("moved/metadata.json")));
}

TEST(removes_nothing_of_a_directory_in_its_place)
{
    struct private_directory directory = create();
    add(&directory, "a");
    replace(&directory, NULL);
    unit_write(in(&directory, "a"), "theirs");
    assert_int_equal(discard(&directory), -1);
    assert_text(unit_read(in(&directory, "a")), "theirs");
    assert_false(file_exists(unit_path("moved/a")));
}

TEST(removing_what_is_gone_is_no_error)
{
    struct private_directory directory = create();
    assert_int_equal(rmdir(directory.path), 0);
    assert_int_equal(discard(&directory), 0);
}

TEST(names_the_directory_that_stays_behind)
{
    struct error error = ERROR_INIT;
    struct private_directory directory = create();
    assert_int_equal(mkdir(in(&directory, "inner"), 0700), 0);
    assert_int_equal(private_directory_remove(&directory, &error), -1);
    assert_has(error.message, directory.path);
}

int main(void)
{
    UNIT_TEST(creates_directories_that_nobody_else_enters);
    UNIT_TEST(makes_the_parents_that_are_missing);
    UNIT_TEST(names_the_parent_of_a_directory_that_cannot_be_created);
    UNIT_TEST(writes_a_secret);
    UNIT_TEST(writes_no_secret_through_a_link_or_over_a_file);
    UNIT_TEST(leaves_nothing_of_a_secret_for_which_there_is_no_space);
    UNIT_TEST(removes_its_secrets_first_and_nothing_else);
    UNIT_TEST(removes_secrets_at_the_first_signal);
    UNIT_TEST(keeps_no_secret_that_comes_after_a_signal);
    UNIT_TEST(removes_secrets_at_exit);
    UNIT_TEST(removes_secrets_when_nobody_reads_the_output);
    UNIT_TEST(removes_a_directory_and_its_files);
    UNIT_TEST(removes_no_file_that_a_link_leads_to);
    UNIT_TEST(follows_no_link_in_its_place);
    UNIT_TEST(removes_nothing_of_a_directory_in_its_place);
    UNIT_TEST(removing_what_is_gone_is_no_error);
    UNIT_TEST(names_the_directory_that_stays_behind);
    return unit_run("system/private_directory");
}
