#include "system/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void file_close(const int *descriptor)
{
    const int saved = errno;
    if (*descriptor >= 0)
        close(*descriptor);
    errno = saved;
}

/* 0 with the size of a regular file, or -1. */
static int check_size(int descriptor, const char *path, size_t limit, size_t *size,
                      struct error *error)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return error_set(error, "cannot read `%s`: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(error, "cannot read `%s`: it is not a regular file", path);
    if ((unsigned long long)status.st_size > limit)
        return error_set(error, "cannot read `%s`: it has %lld bytes, more than the %zu allowed",
                         path, (long long)status.st_size, limit);
    *size = (size_t)status.st_size;
    return 0;
}

ssize_t file_read(struct arena *arena, const char *path, size_t limit, char **text,
                  struct error *error)
{
    size_t size = 0;
    size_t length = 0;
    ssize_t got = 1;
    scoped_fd descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return error_set(error, "cannot open `%s`: %s", path, strerror(errno));
    if (check_size(descriptor, path, limit, &size, error) != 0)
        return -1;
    *text = arena_allocate(arena, size + 1);
    while (length < size && got != 0) {
        got = read(descriptor, *text + length, size - length);
        if (got < 0 && errno != EINTR)
            return error_set(error, "cannot read `%s`: %s", path, strerror(errno));
        length += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)length;
}

int file_write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

int file_append(const char *path, const char *bytes, size_t length, struct error *error)
{
    int descriptor = open(path, O_APPEND | O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return error_set(error, "cannot write `%s`: %s", path, strerror(errno));
    off_t before = lseek(descriptor, 0, SEEK_END);
    int failure = file_write_all(descriptor, bytes, length) == 0 ? 0 : errno;
    /* Some file systems report a full disk only here. */
    if (close(descriptor) != 0 && failure == 0)
        failure = errno;
    /* A partial write is worse than none. */
    if (failure != 0 && truncate(path, before) != 0) {
        /* It is not a regular file, so nothing was kept. */
    }
    if (failure != 0)
        return error_set(error, "cannot write `%s`: %s", path, strerror(failure));
    return 0;
}

int file_open_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDWR | O_NOCTTY) != stream)
            return -1;
    return 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void directory_list(struct arena *arena, const char *path, struct string_list *paths)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            string_list_add(arena, paths, arena_format(arena, "%s/%s", path, entry->d_name));
    if (directory != NULL)
        closedir(directory);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *position)
{
    (void)status;
    (void)kind;
    (void)position;
    return remove(path);
}

int file_remove_tree(const char *path, struct error *error)
{
    enum { OPEN_DIRECTORIES = 8 };
    if (nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT)
        return error_set(error, "cannot remove `%s`: %s", path, strerror(errno));
    return 0;
}

int directory_create_all(const char *path, struct error *error)
{
    char part[PATH_MAX];
    const size_t length = strlen(path);
    if (length >= sizeof(part))
        return error_set(error, "the path is too long: cannot create `%s`", path);
    for (size_t end = 1; end <= length; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        memcpy(part, path, end);
        part[end] = '\0';
        const int failure = mkdir(part, 0755) != 0 ? errno : 0;
        if (failure != 0 && failure != EEXIST && access(part, F_OK) != 0)
            return error_set(error, "cannot create `%s`: %s", part, strerror(failure));
    }
    return 0;
}
