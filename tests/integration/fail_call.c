/*
 * Makes one call of the C library fail, once. For LD_PRELOAD.
 *
 * A call is identified by its place in the program, an offset in its file. FAIL_LOG names a file
 * that gets a line `NAME OFFSET` for each place that calls. FAIL_AT is the offset of the place
 * where the first call fails. Calls by libraries and by other programs are left alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLACES = 1000 };

static uintptr_t first;
static uintptr_t last;
static uintptr_t wanted;
static int log_file = -1;
static atomic_uintptr_t seen[PLACES];
static atomic_flag failed = ATOMIC_FLAG_INIT;

static int find_program(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    first = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            last = first + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    return 1;
}

__attribute__((constructor)) static void start(void)
{
    char program[4096] = "";
    const char *at = getenv("FAIL_AT");
    const char *log = getenv("FAIL_LOG");
    const ssize_t length = syscall(SYS_readlink, "/proc/self/exe", program, sizeof(program) - 1);
    if (length < 0 || strstr(program, "/depot-build-push") == NULL)
        return;
    dl_iterate_phdr(find_program, NULL);
    wanted = at != NULL ? strtoul(at, NULL, 16) : 0;
    if (log != NULL)
        log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                                0600);
}

static void note(const char *name, uintptr_t place)
{
    char line[100];
    for (int i = 0; i < PLACES; i++) {
        uintptr_t none = 0;
        if (seen[i] == place)
            return;
        if (atomic_compare_exchange_strong(&seen[i], &none, place))
            break;
        if (seen[i] == place)
            return;
    }
    const int length = snprintf(line, sizeof(line), "%s %lx\n", name, (unsigned long)place);
    syscall(SYS_write, log_file, line, (size_t)length);
}

static int fails(const char *name, const void *caller)
{
    const uintptr_t address = (uintptr_t)caller;
    if (last == 0 || address < first || address >= last)
        return 0;
    const int saved = errno;
    if (log_file >= 0)
        note(name, address - first);
    errno = saved;
    return wanted == address - first && !atomic_flag_test_and_set(&failed);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define CALL(type, name, failure, number, parameters, arguments)                                   \
    type name parameters                                                                           \
    {                                                                                              \
        if (!fails(#name, __builtin_return_address(0)))                                            \
            return REAL(name) arguments;                                                           \
        errno = number;                                                                            \
        return failure;                                                                            \
    }

CALL(int, access, -1, EACCES, (const char *path, int how), (path, how))
CALL(int, chmod, -1, EPERM, (const char *path, mode_t mode), (path, mode))
CALL(int, fchmod, -1, EPERM, (int file, mode_t mode), (file, mode))
CALL(int, flock, -1, ENOLCK, (int file, int how), (file, how))
CALL(int, fstat, -1, EIO, (int file, struct stat *status), (file, status))
CALL(int, stat, -1, EIO, (const char *path, struct stat *status), (path, status))
CALL(int, lstat, -1, EIO, (const char *path, struct stat *status), (path, status))
CALL(int, ftruncate, -1, EIO, (int file, off_t length), (file, length))
CALL(off_t, lseek, -1, ESPIPE, (int file, off_t offset, int from), (file, offset, from))
CALL(int, kill, -1, EPERM, (pid_t number, int which), (number, which))
CALL(int, mkdir, -1, ENOSPC, (const char *path, mode_t mode), (path, mode))
CALL(char *, mkdtemp, NULL, ENOSPC, (char *path), (path))
CALL(DIR *, opendir, NULL, EMFILE, (const char *path), (path))
CALL(DIR *, fdopendir, NULL, ENOMEM, (int file), (file))
CALL(int, pipe2, -1, EMFILE, (int ends[2], int flags), (ends, flags))
CALL(int, poll, -1, ENOMEM, (struct pollfd *files, nfds_t count, int time), (files, count, time))
CALL(ssize_t, pread, -1, EIO, (int file, void *to, size_t size, off_t at), (file, to, size, at))
CALL(ssize_t, read, -1, EIO, (int file, void *to, size_t size), (file, to, size))
CALL(ssize_t, write, -1, ENOSPC, (int file, const void *from, size_t size), (file, from, size))
CALL(int, remove, -1, EBUSY, (const char *path), (path))
CALL(int, rename, -1, EXDEV, (const char *from, const char *to), (from, to))
CALL(int, rmdir, -1, EBUSY, (const char *path), (path))
CALL(int, unlink, -1, EBUSY, (const char *path), (path))
CALL(int, unlinkat, -1, EBUSY, (int folder, const char *path, int flags), (folder, path, flags))
CALL(int, nftw, -1, EMFILE, (const char *path, __nftw_func_t each, int most, int flags),
     (path, each, most, flags))
CALL(int, waitid, -1, ECHILD, (idtype_t kind, id_t whom, siginfo_t *news, int how),
     (kind, whom, news, how))
CALL(pid_t, waitpid, -1, ECHILD, (pid_t whom, int *status, int how), (whom, status, how))
CALL(int, sigaction, -1, EINVAL,
     (int number, const struct sigaction *action, struct sigaction *before),
     (number, action, before))
CALL(char *, getcwd, NULL, ENOENT, (char *to, size_t size), (to, size))
CALL(FILE *, fopen, NULL, EMFILE, (const char *path, const char *how), (path, how))
CALL(int, fflush, EOF, EIO, (FILE *stream), (stream))
CALL(int, pthread_create, EAGAIN, EAGAIN,
     (pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context),
     (thread, how, run, context))
CALL(int, posix_spawn, EAGAIN, EAGAIN,
     (pid_t *number, const char *path, const posix_spawn_file_actions_t *files,
      const posix_spawnattr_t *how, char *const *arguments, char *const *environment),
     (number, path, files, how, arguments, environment))

int close(int file)
{
    const int outcome = (int)syscall(SYS_close, file);
    if (!fails("close", __builtin_return_address(0)))
        return outcome;
    errno = EIO;
    return -1;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    if (!fails("open", __builtin_return_address(0)))
        return REAL(open)(path, flags, mode);
    errno = EMFILE;
    return -1;
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    if (!fails("openat", __builtin_return_address(0)))
        return REAL(openat)(folder, path, flags, mode);
    errno = EMFILE;
    return -1;
}

int fcntl(int file, int command, ...)
{
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (!fails("fcntl", __builtin_return_address(0)))
        return REAL(fcntl)(file, command, argument);
    errno = EINVAL;
    return -1;
}

int ioctl(int file, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (!fails("ioctl", __builtin_return_address(0)))
        return REAL(ioctl)(file, request, argument);
    errno = ENOTTY;
    return -1;
}

extern void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
    if (!fails("malloc", __builtin_return_address(0)))
        return __libc_malloc(size);
    errno = ENOMEM;
    return NULL;
}
