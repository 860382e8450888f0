#include "system/file.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>

TEST(reads_a_whole_file)
{
    const char *path = unit_path("a");
    char *text = NULL;
    struct error error = ERROR_INIT;
    unit_write(path, "some\ntext");
    assert_int_equal(file_read(&arena, path, 9, &text, &error), 9);
    assert_text(text, "some\ntext");
}

TEST(reads_an_empty_file)
{
    const char *path = unit_path("a");
    char *text = NULL;
    struct error error = ERROR_INIT;
    unit_write(path, "");
    assert_int_equal(file_read(&arena, path, 0, &text, &error), 0);
    assert_text(text, "");
}

TEST(reads_bytes_that_are_no_text)
{
    const char *path = unit_path("a");
    char *bytes = NULL;
    struct error error = ERROR_INIT;
    assert_int_equal(file_append(path, "a\0b\377", 4, &error), 0);
    assert_int_equal(file_read(&arena, path, 100, &bytes, &error), 4);
    assert_memory_equal(bytes, "a\0b\377", 5);
}

TEST(reads_a_large_file)
{
    enum { SIZE = 3 * 1024 * 1024 };
    const char *path = unit_path("a");
    char *bytes = arena_allocate(&arena, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i % 251);
    char *read = NULL;
    struct error error = ERROR_INIT;
    assert_int_equal(file_append(path, bytes, SIZE, &error), 0);
    assert_int_equal(file_read(&arena, path, SIZE, &read, &error), SIZE);
    assert_memory_equal(read, bytes, SIZE);
}

TEST(reads_into_the_arena_that_is_given)
{
    const char *path = unit_path("a");
    char *text = NULL;
    struct error error = ERROR_INIT;
    unit_write(path, "hidden");
    assert_int_equal(file_read(&vault, path, 100, &text, &error), 6);
    assert_true(unit_is_secret_memory(text));
}

static void check_read_fails(const char *path, size_t limit, const char *reason)
{
    char *text = NULL;
    struct error error = ERROR_INIT;
    assert_int_equal(file_read(&arena, path, limit, &text, &error), -1);
    assert_has(error.message, arena_format(&arena, "`%s`", path));
    assert_has(error.message, reason);
}

TEST(names_the_file_that_cannot_be_read)
{
    check_read_fails(unit_path("missing"), 100, strerror(ENOENT));
    check_read_fails(unit_path(""), 100, "not a regular file");
    check_read_fails("/dev/null", 100, "not a regular file");
}

TEST(refuses_a_file_that_is_larger_than_the_limit)
{
    const char *path = unit_path("a");
    unit_write(path, "0123456789");
    check_read_fails(path, 9, "10 bytes");
}

TEST(appends_to_a_file)
{
    const char *path = unit_path("a");
    struct error error = ERROR_INIT;
    unit_write(path, "a");
    assert_int_equal(file_append(path, "b", 1, &error), 0);
    assert_int_equal(file_append(path, "", 0, &error), 0);
    assert_int_equal(file_append(path, "cd", 2, &error), 0);
    assert_text(unit_read(path), "abcd");
}

TEST(creates_a_file_to_append_to)
{
    const char *path = unit_path("a");
    struct error error = ERROR_INIT;
    assert_int_equal(file_append(path, "a", 1, &error), 0);
    assert_text(unit_read(path), "a");
}

TEST(names_the_file_that_cannot_be_written)
{
    struct error error = ERROR_INIT;
    assert_int_equal(file_append("/dev/full", "a", 1, &error), -1);
    assert_has(error.message, "`/dev/full`");
    assert_has(error.message, strerror(ENOSPC));
    assert_int_equal(file_append(unit_path("missing/a"), "a", 1, &error), -1);
    assert_has(error.message, unit_path("missing/a"));
    assert_has(error.message, strerror(ENOENT));
}

static void ignore(int number)
{
    (void)number;
}

/* Reads to the end, so slowly that the writer must wait. Returns how much arrived. */
static size_t read_slowly(int from)
{
    static char bytes[32 * 1024];
    size_t total = 0;
    for (ssize_t got; (got = read(from, bytes, sizeof(bytes))) > 0; total += (size_t)got)
        usleep(2000);
    return total;
}

/* A signal without SA_RESTART makes a write stop early, or write nothing at all. */
TEST(writes_all_bytes_however_many_calls_it_takes)
{
    enum { SIZE = 1024 * 1024 };
    static const struct itimerval often = {{0, 1000}, {0, 1000}};
    int ends[2];
    int status;
    char *bytes = arena_allocate(&arena, SIZE);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t reader = fork();
    if (reader == 0) {
        close(ends[1]);
        _exit(read_slowly(ends[0]) == SIZE ? 0 : 1);
    }
    close(ends[0]);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = ignore}, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    int outcome = file_write_all(ends[1], bytes, SIZE);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    close(ends[1]);
    assert_int_equal(outcome, 0);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_int_equal(status, 0);
}

TEST(says_by_errno_why_not_all_is_written)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    errno = 0;
    assert_int_equal(file_write_all(full, "a", 1), -1);
    assert_int_equal(errno, ENOSPC);
    close(full);
    errno = 0;
    assert_int_equal(file_write_all(-1, "a", 1), -1);
    assert_int_equal(errno, EBADF);
    assert_int_equal(file_write_all(-1, "", 0), 0);
}

TEST(knows_what_exists)
{
    const char *path = unit_path("a");
    assert_false(file_exists(path));
    unit_write(path, "");
    assert_true(file_exists(path));
    assert_true(file_exists(unit_path("")));
    assert_false(file_exists(""));
}

TEST(removes_a_tree_and_follows_no_link)
{
    struct error error = ERROR_INIT;
    assert_int_equal(directory_create_all(unit_path("tree/a/b"), &error), 0);
    assert_int_equal(directory_create_all(unit_path("mine"), &error), 0);
    unit_write(unit_path("tree/a/file"), "x");
    unit_write(unit_path("mine/file"), "x");
    assert_int_equal(symlink(unit_path("mine"), unit_path("tree/a/b/link")), 0);

    assert_int_equal(file_remove_tree(unit_path("tree"), &error), 0);
    assert_false(file_exists(unit_path("tree")));
    assert_true(file_exists(unit_path("mine/file")));
    assert_int_equal(file_remove_tree(unit_path("tree"), &error), 0);
}

TEST(makes_the_directories_that_are_missing)
{
    struct error error = ERROR_INIT;
    assert_int_equal(directory_create_all(unit_path("a/b//c/"), &error), 0);
    assert_int_equal(directory_create_all(unit_path("a/b//c/"), &error), 0);
    assert_true(file_exists(unit_path("a/b/c")));
    unit_write(unit_path("a/file"), "x");
    assert_int_equal(directory_create_all(unit_path("a/file/b"), &error), -1);
    assert_has(error.message, unit_path("a/file/b"));
}

TEST(closes_a_descriptor_at_the_end_of_its_block)
{
    int number;
    {
        scoped_fd descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
        number = descriptor;
        assert_true(fcntl(number, F_GETFD) >= 0);
        errno = ENOSPC;
    }
    assert_int_equal(errno, ENOSPC);
    assert_int_equal(fcntl(number, F_GETFD), -1);
    errno = ENOSPC;
    {
        scoped_fd none = -1;
        assert_int_equal(none, -1);
    }
    assert_int_equal(errno, ENOSPC);
}

int main(void)
{
    UNIT_TEST(reads_a_whole_file);
    UNIT_TEST(reads_an_empty_file);
    UNIT_TEST(reads_bytes_that_are_no_text);
    UNIT_TEST(reads_a_large_file);
    UNIT_TEST(reads_into_the_arena_that_is_given);
    UNIT_TEST(names_the_file_that_cannot_be_read);
    UNIT_TEST(refuses_a_file_that_is_larger_than_the_limit);
    UNIT_TEST(appends_to_a_file);
    UNIT_TEST(creates_a_file_to_append_to);
    UNIT_TEST(names_the_file_that_cannot_be_written);
    UNIT_TEST(writes_all_bytes_however_many_calls_it_takes);
    UNIT_TEST(says_by_errno_why_not_all_is_written);
    UNIT_TEST(knows_what_exists);
    UNIT_TEST(removes_a_tree_and_follows_no_link);
    UNIT_TEST(makes_the_directories_that_are_missing);
    UNIT_TEST(closes_a_descriptor_at_the_end_of_its_block);
    return unit_run("system/file");
}
