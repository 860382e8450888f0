#include "system/process.h"

#include "system/redaction.h"
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

/* What a child printed, and what to do then. */
struct watch {
    char text[1 << 16]; /* its beginning */
    size_t length;
    size_t total;
    unsigned long long sum;
    long long first_ms; /* when the first output came */
    const int
        *signals; /* signals that we send ourselves, one for each call, up to a 0; NULL: none */
};

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_output(void *context, const char *bytes, size_t length)
{
    struct watch *seen = context;
    if (seen->total == 0)
        seen->first_ms = now_ms();
    size_t room = sizeof(seen->text) - 1 - seen->length;
    size_t kept = length < room ? length : room;
    memcpy(seen->text + seen->length, bytes, kept);
    seen->length += kept;
    seen->text[seen->length] = '\0';
    seen->total += length;
    for (size_t i = 0; i < length; i++)
        seen->sum += (unsigned char)bytes[i];
    if (seen->signals != NULL && *seen->signals != 0)
        raise(*seen->signals++);
}

static struct watch watch;
static const char *output_path = "/dev/null";
static bool mid_line;

static int run_program(const char *program, char *const *arguments, char *const *environment,
                       struct error *error)
{
    const struct process process = {
        .program = program,
        .arguments = arguments,
        .environment = environment,
        .output = open(output_path, O_WRONLY | O_CLOEXEC),
        .on_output = on_output,
        .context = &watch,
    };
    int status = process_run(&process, &mid_line, error);
    close(process.output);
    return status;
}

static int run_shell(const char *script)
{
    struct error error = ERROR_INIT;
    return run_program("/bin/sh", STRINGS("sh", "-c", script),
                       STRINGS("PATH=/usr/local/bin:/usr/bin:/bin"), &error);
}

/* Signals are caught once in a process, and never forgotten, so tests that send signals run in
 * separate processes. */
static void start(void)
{
    static bool caught;
    struct error error = ERROR_INIT;
    if (!caught)
        assert_int_equal(signals_catch(&error), 0);
    caught = true;
    watch = (struct watch){0};
    output_path = "/dev/null";
}

static int asked;
static long long began_ms;
enum { PATIENCE_MS = 200 };

/* Waits until something is printed. */
static long long patience(void *context)
{
    const struct watch *seen = context;
    const long long left = began_ms + PATIENCE_MS - now_ms();
    asked++;
    if (seen->length > 0)
        return -1;
    return left > 0 ? left : 0;
}

static int run_impatiently(const char *script)
{
    start();
    asked = 0;
    began_ms = now_ms();
    struct error error = ERROR_INIT;
    const struct process process = {
        .program = "/bin/sh",
        .arguments = STRINGS("sh", "-c", script),
        .environment = STRINGS("PATH=/usr/bin:/bin"),
        .output = open(output_path, O_WRONLY | O_CLOEXEC),
        .on_output = on_output,
        .patience_ms = patience,
        .context = &watch,
    };
    int status = process_run(&process, &mid_line, &error);
    close(process.output);
    return status;
}

TEST(ends_what_it_has_no_patience_with)
{
    assert_int_equal(run_impatiently("exec sleep 600"), 128 + SIGTERM);
    assert_int_equal(run_impatiently("trap '' TERM; sleep 600"), 128 + SIGKILL);
}

TEST(has_patience_again_with_what_goes_on)
{
    assert_int_equal(run_impatiently("echo a; sleep 1; exit 3"), 3);
}

TEST(asks_rarely_how_long_a_quiet_program_may_go_on)
{
    assert_int_equal(run_impatiently("echo a; sleep 0.5; exit 3"), 3);
    assert_true(asked > 0 && asked < 20);
}

TEST(leaves_alone_what_is_quick)
{
    assert_int_equal(run_impatiently("exit 3"), 3);
}

static const struct status_row {
    const char *name;
    const char *script;
    int status;
} STATUSES[] = {
    {"success", "exit 0", 0},
    {"failure", "exit 1", 1},
    {"any status", "exit 255", 255},
    {"an interrupt", "kill -INT $$", 128 + SIGINT},
    {"a termination", "kill -TERM $$", 128 + SIGTERM},
    {"a kill", "kill -KILL $$", 128 + SIGKILL},
    {"a segmentation fault", "kill -SEGV $$", 128 + SIGSEGV},
    {"a hang-up, by default", "kill -HUP $$", 128 + SIGHUP},
    {"a quit, by default", "kill -QUIT $$", 128 + SIGQUIT},
    {"a broken pipe, by default", "kill -PIPE $$", 128 + SIGPIPE},
    {"a file that is too large, by default", "kill -XFSZ $$", 128 + SIGXFSZ},
    {"closed output", "exec >&- 2>&-; sleep 0.05; exit 3", 3},
    {"output in the background, when ended", "sleep 0.05; (exit 4); exit $?", 4},
};

TEST(returns_the_status_of)
{
    const struct status_row *row = *state;
    start();
    assert_int_equal(run_shell(row->script), row->status);
}

TEST(keeps_the_order_of_output_and_errors)
{
    start();
    struct string_list lines = {0};
    for (int i = 0; i < 200; i++)
        string_list_add(&arena, &lines, arena_format(&arena, "%c%d\n", i % 2 ? 'e' : 'o', i));
    int status = run_shell("i=0; while [ $i -lt 200 ]; do echo o$i; echo e$((i+1)) >&2; "
                           "i=$((i+2)); done");
    assert_int_equal(status, 0);
    assert_text(watch.text, string_list_join(&arena, &lines, ""));
}

TEST(passes_arguments_as_they_are)
{
    struct error error = ERROR_INIT;
    start();
    char **arguments =
        STRINGS("sh", "-c", "printf '[%s]' \"$0\" \"$@\"", "a b", "", "'\"$x`;\n", "--flag=*");
    assert_int_equal(run_program("/bin/sh", arguments, STRINGS(NULL), &error), 0);
    assert_text(watch.text, "[a b][]['\"$x`;\n][--flag=*]");
}

TEST(passes_this_environment_and_no_other)
{
    struct error error = ERROR_INIT;
    start();
    assert_int_equal(setenv("UNIT_TEST_SECRET", "hidden", 1), 0);
    int status =
        run_program("/usr/bin/env", STRINGS("env"), STRINGS("A=1", "B=two words", "C="), &error);
    unsetenv("UNIT_TEST_SECRET");
    assert_int_equal(status, 0);
    assert_text(watch.text, "A=1\nB=two words\nC=\n");
}

TEST(gives_our_standard_input)
{
    int ends[2];
    start();
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], "typed", 5), 5);
    close(ends[1]);
    int before = dup(STDIN_FILENO);
    dup2(ends[0], STDIN_FILENO);
    int status = run_shell("cat");
    if (before >= 0)
        dup2(before, STDIN_FILENO);
    close(before);
    close(ends[0]);
    assert_int_equal(status, 0);
    assert_text(watch.text, "typed");
}

TEST(runs_in_a_process_group_of_its_own)
{
    start();
    assert_int_equal(run_shell("set -- $(cat /proc/$$/stat); echo $$ $5"), 0);
    int id;
    int group;
    assert_int_equal(sscanf(watch.text, "%d %d", &id, &group), 2);
    assert_int_equal(id, group);
    assert_int_not_equal(group, getpgrp());
}

TEST(leaves_no_descriptor_behind)
{
    start();
    int before = dup(STDOUT_FILENO);
    close(before);
    for (int i = 0; i < 3; i++) {
        struct error error = ERROR_INIT;
        assert_int_equal(run_shell("echo a"), 0);
        run_program("/not/there", STRINGS("a"), STRINGS(NULL), &error);
    }
    int behind = dup(STDOUT_FILENO);
    close(behind);
    assert_int_equal(behind, before);
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

TEST(gives_the_child_no_other_end_of_its_pipe)
{
    start();
    assert_int_equal(run_shell("readlink /proc/self/fd/1; ls -l /proc/self/fd"), 0);
    const char *pipe = arena_copy_bytes(&arena, watch.text, strcspn(watch.text, "\n"));
    assert_has(pipe, "pipe:");
    /* Its own line, standard output and standard error. */
    assert_int_equal(occurrences(watch.text, pipe), 3);
}

TEST(says_why_a_program_cannot_be_started)
{
    const char *plain = unit_path("plain");
    start();
    unit_write(plain, "");
    const struct {
        const char *program;
        int reason;
    } rows[] = {{"/not/there", ENOENT}, {plain, EACCES}, {"/tmp", EACCES}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct error error = ERROR_INIT;
        assert_int_equal(run_program(rows[i].program, STRINGS("a"), STRINGS(NULL), &error), -1);
        assert_has(error.message, arena_format(&arena, "`%s`", rows[i].program));
        assert_has(error.message, strerror(rows[i].reason));
    }
    assert_int_equal(watch.total, 0);
}

TEST(says_what_to_do_where_all_arguments_are_too_long_together)
{
    enum { COUNT_OF_ARGUMENTS = 200, SIZE = 100000 };
    struct string_list arguments = {0};
    struct error error = ERROR_INIT;
    start();
    for (int i = 0; i < COUNT_OF_ARGUMENTS; i++) {
        char *argument = arena_allocate(&arena, SIZE + 1);
        string_list_add(&arena, &arguments, memset(argument, 'x', SIZE));
    }
    assert_int_equal(run_program("/bin/true", arguments.items, STRINGS(NULL), &error), -1);
    assert_has(error.message, "`/bin/true`");
    assert_has(error.message, "larger than the system takes");
}

TEST(passes_all_of_a_big_output)
{
    enum { MEGABYTES = 64 };
    start();
    assert_int_equal(run_shell("head -c 67108864 /dev/zero | tr '\\0' '\\1'"), 0);
    assert_int_equal(watch.total, MEGABYTES * 1024 * 1024);
    assert_int_equal(watch.sum, watch.total);
}

TEST(passes_bytes_that_are_no_text)
{
    start();
    assert_int_equal(run_shell("printf 'a\\000\\377b'"), 0);
    assert_int_equal(watch.total, 4);
    assert_memory_equal(watch.text, "a\0\377b", 4);
}

TEST(passes_output_as_it_comes)
{
    start();
    assert_int_equal(run_shell("echo a; sleep 0.5; echo b"), 0);
    assert_text(watch.text, "a\nb\n");
    assert_true(now_ms() - watch.first_ms >= 400);
}

TEST(writes_to_the_output_what_it_shows)
{
    const char *path = unit_path("output");
    start();
    unit_write(path, "");
    output_path = path;
    assert_int_equal(run_shell("for i in 1 2 3; do echo o$i; echo e$i >&2; done"), 0);
    assert_text(unit_read(path), "o1\ne1\no2\ne2\no3\ne3\n");
    assert_text(watch.text, unit_read(path));
}

TEST(writes_all_of_a_big_output_to_a_file)
{
    enum { LENGTH = 60894 };
    const char *path = unit_path("output");
    unsigned long long sum = 0;
    start();
    unit_write(path, "");
    output_path = path;
    assert_int_equal(run_shell("seq 12000"), 0);
    const char *text = unit_read(path);
    for (const char *byte = text; *byte != '\0'; byte++)
        sum += (unsigned char)*byte;
    assert_int_equal(strlen(text), LENGTH);
    assert_int_equal(watch.total, LENGTH);
    assert_int_equal(sum, watch.sum);
}

static const struct secret_row {
    const char *name;
    const char *script;
    const char *output;
} SECRETS[] = {
    {"a secret", "printf 'a secret of words b'", "a secret of words b"},
    {"a secret at the end", "printf 'a secret of words'", "a secret of words"},
    {"a secret in two parts", "printf 'a secret of'; sleep 0.05; printf ' words b'",
     "a secret of words b"},
    {"what turns out to be none", "printf 'a secret of'; sleep 0.05; printf ' state b'",
     "a secret of state b"},
    {"the beginning of one, and a line feed", "echo 'a secret of'", "a secret of\n"},
    {"the beginning of one", "printf 'a secret of'", "a ***"},
    {"the beginning of one in pieces",
     "for i in a ' ' se cr et; do printf \"$i\"; sleep 0.02; done", "a ***"},
    {"three characters of one", "printf 'a sec'", "a sec"},
    {"the beginning of one when it is killed", "printf 'a secret o'; kill -9 $$", "a ***"},
    {"the beginning of one while a process goes on", "setsid sleep 1 & printf 'a secret o'",
     "a ***"},
};

TEST(ends_its_output_within_no_secret)
{
    const struct secret_row *row = *state;
    const char *path = unit_path("output");
    start();
    unit_write(path, "");
    output_path = path;
    redaction_add("secret of words");
    run_shell(row->script);
    redaction_forget();
    assert_text(unit_read(path), row->output);
}

/* What is written at once may be the last output that is read. */
TEST(writes_no_portion_that_ends_within_a_secret)
{
    int ends[2];
    char portion[4096 + 1];
    start();
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    redaction_add("secret of words");
    const struct process process = {
        .program = "/bin/sh",
        .arguments =
            STRINGS("sh", "-c", "yes 'secret of words' | tr '\\n' ' ' | head -c 20000; echo end"),
        .environment = STRINGS("PATH=/usr/bin:/bin"),
        .output = ends[1],
        .on_output = on_output,
        .context = &watch,
    };
    struct error error = ERROR_INIT;
    assert_int_equal(process_run(&process, &mid_line, &error), 0);
    redaction_forget();
    close(ends[1]);
    size_t total = 0;
    for (ssize_t length; (length = read(ends[0], portion, sizeof(portion) - 1)) > 0;) {
        portion[length] = '\0';
        assert_true(portion[length - 1] == '\n' || strcmp(portion + length - 6, "words ") == 0);
        total += (size_t)length;
    }
    close(ends[0]);
    assert_int_equal(total, 20000 + strlen("end\n"));
}

static const struct line_row {
    const char *name;
    const char *script;
    bool mid_line;
} LINES[] = {
    {"nothing", "exit 0", false},
    {"a line", "echo a", false},
    {"a line without its end", "printf a", true},
    {"a line and half of one", "echo a; sleep 0.05; printf b", true},
    {"half a line, and its end later", "printf a; sleep 0.05; echo", false},
    {"a carriage return", "printf 'a\\r'", true},
    {"more than the buffer takes at once", "head -c 200000 /dev/zero", true},
    {"more than that, and a line feed", "head -c 200000 /dev/zero; echo", false},
};

TEST(tells_whether_the_output_stands_in_the_middle_of_a_line)
{
    const struct line_row *row = *state;
    start();
    mid_line = !row->mid_line;
    assert_int_equal(run_shell(row->script), 0);
    assert_int_equal(mid_line, row->mid_line);
}

TEST(leaves_the_output_as_it_was_if_nothing_can_be_started)
{
    struct error error = ERROR_INIT;
    start();
    mid_line = true;
    assert_int_equal(run_program("/not/there", STRINGS("a"), STRINGS(NULL), &error), -1);
    assert_false(mid_line);
}

/* Runs a script with a pipe as its output. `reader` reads from it in another process. */
static int run_to_pipe(const char *script, int (*reader)(int from), int *reader_status)
{
    int ends[2];
    int status;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 1;
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        _exit(reader(ends[0]));
    }
    close(ends[0]);
    output_path = arena_format(&arena, "/proc/self/fd/%d", ends[1]);
    int outcome = run_shell(script);
    close(ends[1]);
    waitpid(child, &status, 0);
    *reader_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

static int read_slowly(int from)
{
    static char bytes[8 * 1024];
    size_t total = 0;
    for (ssize_t got; (got = read(from, bytes, sizeof(bytes))) > 0; total += (size_t)got)
        usleep(500);
    return total == 1024 * 1024 ? 0 : 1;
}

TEST(loses_nothing_to_a_slow_reader)
{
    int reader_status;
    start();
    assert_int_equal(run_to_pipe("head -c 1048576 /dev/zero", read_slowly, &reader_status), 0);
    assert_int_equal(reader_status, 0);
    assert_int_equal(watch.total, 1024 * 1024);
}

static int read_a_little(int from)
{
    char bytes[100];
    return read(from, bytes, sizeof(bytes)) > 0 ? 0 : 1;
}

TEST(ends_the_child_when_the_reader_has_gone)
{
    int reader_status;
    start();
    assert_int_equal(run_to_pipe("exec yes", read_a_little, &reader_status), 128 + SIGTERM);
    assert_int_equal(reader_status, 0);
}

static const char *unread_script;

/* A reader that never reads must not keep us from reacting to the signal that ends us. */
static int signal_while_nobody_reads(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return 1;
    start();
    output_path = arena_format(&arena, "/proc/self/fd/%d", ends[1]);
    pid_t parent = getpid();
    pid_t sender = fork();
    if (sender == 0) {
        usleep(300000);
        _exit(kill(parent, SIGTERM));
    }
    int status = run_shell(unread_script);
    waitpid(sender, NULL, 0);
    return status;
}

TEST(forwards_a_signal_while_nobody_reads)
{
    unread_script = "exec yes";
    assert_int_equal(unit_in_child(signal_while_nobody_reads), 128 + SIGTERM);
}

TEST(kills_the_child_that_outlives_its_grace_while_nobody_reads)
{
    /* The first bytes leave too little room to fill the pipe completely, and the signal arrives
     * before it is full. */
    unread_script = "trap '' TERM; head -c 1000 /dev/zero; sleep 0.6; exec yes";
    assert_int_equal(unit_in_child(signal_while_nobody_reads), 128 + SIGKILL);
}

/* An empty pipe takes a portion of its full size, and then nothing of the next one. */
static int secrets_while_nobody_reads(void)
{
    static const char last_words[] = "of many words ";
    static char log[1 << 17];
    redaction_add("secret of many words");
    const int status = signal_while_nobody_reads();
    const int reader = open(output_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const ssize_t length = read(reader, log, sizeof(log) - 1);
    const size_t end = sizeof(last_words) - 1;
    if (status != 128 + SIGTERM || length < 1 << 15)
        return 1;
    return memcmp(log + length - end, last_words, end) == 0 ? 0 : 2;
}

TEST(ends_a_log_that_nobody_reads_within_no_secret)
{
    unread_script = "yes 'secret of many words' | tr '\\n' ' '";
    assert_int_equal(unit_in_child(secrets_while_nobody_reads), 0);
}

/* The child has often ended before its output is read. */
TEST(loses_no_output_of_a_child_that_ends_at_once)
{
    start();
    for (int i = 0; i < 50; i++) {
        watch = (struct watch){0};
        assert_int_equal(run_shell("head -c 60000 /dev/zero"), 0);
        assert_int_equal(watch.total, 60000);
    }
}

/* Ended, and waited for: a zombie would still be found. */
static void assert_gone(const char *id)
{
    pid_t process = (pid_t)strtol(id, NULL, 10);
    assert_true(process > 1);
    errno = 0;
    assert_int_equal(kill(process, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static const struct orphan_row {
    const char *name;
    const char *script; /* prints the process ID of what it leaves behind */
    int status;
} ORPHANS[] = {
    {"that has our output open", "sleep 1000 & echo $!; exit 3", 3},
    {"that has closed its output", "sleep 1000 >/dev/null 2>&1 & echo $!", 0},
    {"that ignores signals", "(trap '' INT TERM HUP; while :; do sleep 1000; done) & echo $!", 0},
    {"whose leader was killed", "sleep 1000 & echo $!; kill -KILL $$", 128 + SIGKILL},
    {"that is a grandchild", "(sleep 1000 & echo $!); exit 0", 0},
    {"that stops itself", "sleep 1000 & echo $!; kill -STOP $!", 0},
};

TEST(kills_what_is_left_of_the_group)
{
    const struct orphan_row *row = *state;
    start();
    assert_int_equal(run_shell(row->script), row->status);
    assert_gone(watch.text);
}

/* The zombies among our children, except the shell itself. */
#define WAIT_FOR_NO_ZOMBIE                                                                         \
    "for i in $(seq 100); do"                                                                      \
    " n=$(grep -sl \"^State:.Z\" $(grep -sl \"^PPid:.$PPID$\" /proc/[0-9]*/status) | wc -l);"      \
    " [ $n = 0 ] && break; sleep 0.1; done; echo $n"

static const struct leave_row {
    const char *name;
    const char *script;
} LEAVERS[] = {
    {"in their own sessions",
     "for i in 1 2 3 4 5; do (setsid true &); done; sleep 0.3; " WAIT_FOR_NO_ZOMBIE},
    {"in the group", "for i in 1 2 3 4 5; do (true &); done; sleep 0.3; " WAIT_FOR_NO_ZOMBIE},
};

TEST(waits_for_orphans_while_the_program_runs)
{
    const struct leave_row *row = *state;
    start();
    assert_int_equal(run_shell(row->script), 0);
    assert_text(watch.text, "0\n");
}

TEST(waits_for_no_process_that_has_left_the_group)
{
    start();
    assert_int_equal(run_shell("setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.3; exit 0"), 0);
    pid_t left = (pid_t)strtol(watch.text, NULL, 10);
    assert_true(left > 1);
    assert_int_equal(kill(left, SIGKILL), 0);
    waitpid(left, NULL, 0);
}

TEST(reads_no_more_than_there_is_of_one_that_writes_for_ever)
{
    start();
    assert_int_equal(run_shell("setsid sh -c 'echo $$; exec yes' & sleep 0.3; exit 0"), 0);
    pid_t left = (pid_t)strtol(watch.text, NULL, 10);
    assert_true(left > 1);
    kill(left, SIGKILL);
    waitpid(left, NULL, 0);
}

TEST(ends_the_child_where_output_cannot_be_delivered)
{
    start();
    output_path = "/dev/full";
    assert_int_equal(run_shell("echo a; while :; do sleep 1000; done"), 128 + SIGTERM);
}

TEST(still_sees_what_cannot_be_delivered)
{
    start();
    output_path = "/dev/full";
    assert_int_equal(run_shell("trap '' TERM; for i in 1 2 3; do echo a; sleep 0.05; done; exit 7"),
                     7);
    assert_text(watch.text, "a\na\na\n");
}

TEST(kills_the_child_that_outlives_its_grace)
{
    start();
    output_path = "/dev/full";
    assert_int_equal(run_shell("trap '' TERM; echo a; while :; do sleep 1000; done"),
                     128 + SIGKILL);
}

static const struct signal_row {
    const char *name;
    int signals[4]; /* signals that reach us, one for each line that the child prints */
    const char *script;
    int status;
    int first;
} SIGNALS[] = {
    {"SIGINT", {SIGINT}, "echo a; exec sleep 1000", 128 + SIGINT, SIGINT},
    {"SIGTERM", {SIGTERM}, "echo a; exec sleep 1000", 128 + SIGTERM, SIGTERM},
    {"SIGHUP", {SIGHUP}, "echo a; exec sleep 1000", 128 + SIGHUP, SIGHUP},
    {"SIGQUIT", {SIGQUIT}, "echo a; exec sleep 1000", 128 + SIGQUIT, SIGQUIT},
    {"SIGTERM to the whole group",
     {SIGTERM},
     "trap 'wait; exit 6' TERM; sleep 1000 & sleep 0.3; echo a; wait; exit 7",
     6,
     SIGTERM},
    {"SIGINT to a child that cleans up",
     {SIGINT},
     "trap 'exit 6' INT; echo a; while :; do sleep 0.02; done",
     6,
     SIGINT},
    {"SIGINT, without a grace period", {SIGINT}, "trap '' INT; echo a; sleep 2; exit 8", 8, SIGINT},
    {"SIGINT and then SIGTERM",
     {SIGINT, SIGTERM},
     "trap 'echo b' INT; trap 'exit 9' TERM; echo a; while :; do sleep 0.02; done",
     9,
     SIGINT},
    {"SIGTERM, with a grace period",
     {SIGTERM},
     "trap '' TERM; echo a; while :; do sleep 1000; done",
     128 + SIGKILL,
     SIGTERM},
    {"SIGTERM twice, with the grace period of the first",
     {SIGTERM, SIGTERM},
     "trap '' TERM; echo a; sleep 1; echo b; sleep 1.2; exit 7",
     128 + SIGKILL,
     SIGTERM},
    {"SIGTERM to a child that closed its output",
     {SIGTERM},
     "echo a; exec >&- 2>&-; exec sleep 1000",
     128 + SIGTERM,
     SIGTERM},
};

static const struct signal_row *signal_row;

static int forward(void)
{
    start();
    watch.signals = signal_row->signals;
    int status = run_shell(signal_row->script);
    return signals_received() != signal_row->first ? 101 : status;
}

TEST(forwards)
{
    signal_row = *state;
    assert_int_equal(unit_in_child(forward), signal_row->status);
}

static int remember_signals(void)
{
    struct error error = ERROR_INIT;
    if (signals_catch(&error) != 0 || signals_received() != 0)
        return 1;
    struct pollfd watched = {.fd = signals_descriptor(), .events = POLLIN};
    if (poll(&watched, 1, 0) != 0)
        return 2;
    raise(SIGTERM);
    if (poll(&watched, 1, 0) != 1 || signals_received() != SIGTERM)
        return 3;
    raise(SIGINT);
    raise(SIGHUP);
    return signals_received() == SIGTERM ? 0 : 4;
}

TEST(remembers_the_first_signal)
{
    assert_int_equal(unit_in_child(remember_signals), 0);
}

static int ignore_a_broken_pipe(void)
{
    struct error error = ERROR_INIT;
    int ends[2];
    if (signals_catch(&error) != 0 || pipe(ends) != 0)
        return 1;
    close(ends[0]);
    if (write(ends[1], "a", 1) != -1 || errno != EPIPE)
        return 2;
    return signals_received() == 0 ? 0 : 3;
}

TEST(ignores_a_broken_pipe)
{
    assert_int_equal(unit_in_child(ignore_a_broken_pipe), 0);
}

static int survive_many_signals(void)
{
    struct error error = ERROR_INIT;
    if (signals_catch(&error) != 0)
        return 1;
    /* More than fits in the pipe that wakes us: the handler must not wait. */
    for (int i = 0; i < 100000; i++)
        raise(SIGINT);
    return signals_received() == SIGINT ? 0 : 2;
}

TEST(a_storm_of_signals_blocks_nothing)
{
    assert_int_equal(unit_in_child(survive_many_signals), 0);
}

static int signal_before_the_child(void)
{
    struct error error = ERROR_INIT;
    if (signals_catch(&error) != 0)
        return 1;
    raise(SIGTERM);
    watch = (struct watch){0};
    return run_shell("exec sleep 1000");
}

TEST(forwards_a_signal_that_came_before_the_child)
{
    assert_int_equal(unit_in_child(signal_before_the_child), 128 + SIGTERM);
}

int main(void)
{
    /* Must run before any test that catches signals in this process. */
    UNIT_TEST(ends_what_it_has_no_patience_with);
    UNIT_TEST(has_patience_again_with_what_goes_on);
    UNIT_TEST(asks_rarely_how_long_a_quiet_program_may_go_on);
    UNIT_TEST(leaves_alone_what_is_quick);
    UNIT_TEST(remembers_the_first_signal);
    UNIT_TEST(ignores_a_broken_pipe);
    UNIT_TEST(a_storm_of_signals_blocks_nothing);
    UNIT_TEST(forwards_a_signal_that_came_before_the_child);
    UNIT_ROWS(returns_the_status_of, STATUSES);
    UNIT_TEST(keeps_the_order_of_output_and_errors);
    UNIT_TEST(passes_arguments_as_they_are);
    UNIT_TEST(passes_this_environment_and_no_other);
    UNIT_TEST(gives_our_standard_input);
    UNIT_TEST(runs_in_a_process_group_of_its_own);
    UNIT_TEST(leaves_no_descriptor_behind);
    UNIT_TEST(gives_the_child_no_other_end_of_its_pipe);
    UNIT_TEST(says_why_a_program_cannot_be_started);
    UNIT_TEST(says_what_to_do_where_all_arguments_are_too_long_together);
    UNIT_TEST(passes_all_of_a_big_output);
    UNIT_TEST(passes_bytes_that_are_no_text);
    UNIT_TEST(passes_output_as_it_comes);
    UNIT_TEST(writes_to_the_output_what_it_shows);
    UNIT_TEST(writes_all_of_a_big_output_to_a_file);
    UNIT_ROWS(ends_its_output_within_no_secret, SECRETS);
    UNIT_TEST(writes_no_portion_that_ends_within_a_secret);
    UNIT_ROWS(tells_whether_the_output_stands_in_the_middle_of_a_line, LINES);
    UNIT_TEST(leaves_the_output_as_it_was_if_nothing_can_be_started);
    UNIT_TEST(loses_nothing_to_a_slow_reader);
    UNIT_TEST(ends_the_child_when_the_reader_has_gone);
    UNIT_TEST(forwards_a_signal_while_nobody_reads);
    UNIT_TEST(kills_the_child_that_outlives_its_grace_while_nobody_reads);
    UNIT_TEST(ends_a_log_that_nobody_reads_within_no_secret);
    UNIT_TEST(loses_no_output_of_a_child_that_ends_at_once);
    UNIT_ROWS(kills_what_is_left_of_the_group, ORPHANS);
    UNIT_ROWS(waits_for_orphans_while_the_program_runs, LEAVERS);
    UNIT_TEST(waits_for_no_process_that_has_left_the_group);
    UNIT_TEST(reads_no_more_than_there_is_of_one_that_writes_for_ever);
    UNIT_TEST(ends_the_child_where_output_cannot_be_delivered);
    UNIT_TEST(still_sees_what_cannot_be_delivered);
    UNIT_TEST(kills_the_child_that_outlives_its_grace);
    UNIT_ROWS(forwards, SIGNALS);
    return unit_run("system/process");
}
