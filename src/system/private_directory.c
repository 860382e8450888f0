#include "system/private_directory.h"

#include "system/file.h"
#include "system/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file that a signal handler must find: listed before the file is created. */
struct secret_file {
    struct secret_file *next;
    int directory;
    const char *name;
};
static struct secret_file *_Atomic secret_files;

void private_directory_remove_secrets(void)
{
    for (const struct secret_file *file = secret_files; file != NULL; file = file->next)
        unlinkat(file->directory, file->name, 0);
}

/* The directory that an exit must find; without a path there is none (any more). */
static struct private_directory existing;

static void remove_existing(void)
{
    if (existing.path != NULL)
        private_directory_remove(&existing, NULL);
}

int private_directory_create(struct arena *arena, const char *parent,
                             struct private_directory *directory, struct error *error)
{
    char *path = arena_format(arena, "%s/depot-build-push-XXXXXX", parent);
    const char *problem = NULL;
    directory->path = path;
    directory->descriptor = -1;
    /* Runners on Kubernetes may name a directory that does not exist yet. */
    if (!file_exists(parent) && directory_create_all(parent, error) != 0)
        problem = error->message;
    else if (mkdtemp(path) != NULL)
        directory->descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory->descriptor < 0) {
        error_set(
            error,
            "cannot create a directory in `%s`: %s; RUNNER_TEMP must name a writable directory "
            "with free space",
            parent, problem != NULL ? problem : strerror(errno));
        rmdir(path);
        return -1;
    }
    signals_do_first(private_directory_remove_secrets);
    static bool at_exit;
    if (!at_exit)
        at_exit = atexit(remove_existing) == 0;
    existing = *directory;
    return 0;
}

/* 0, or -1 with errno set. */
static int write_secret(int directory, const char *name, const char *bytes, size_t length)
{
    int file = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    int failure = file_write_all(file, bytes, length) == 0 ? 0 : errno;
    /* Some file systems report a full disk only here. */
    if (close(file) != 0 && failure == 0)
        failure = errno;
    errno = failure;
    return failure == 0 ? 0 : -1;
}

int private_directory_add_secret(struct arena *arena, const struct private_directory *directory,
                                 const char *name, const char *bytes, size_t length,
                                 struct error *error)
{
    struct secret_file *file = arena_allocate(arena, sizeof(*file));
    file->next = secret_files;
    file->directory = directory->descriptor;
    file->name = arena_copy(arena, name);
    secret_files = file;
    int outcome = write_secret(directory->descriptor, name, bytes, length);
    if (outcome != 0)
        error_set(error, "cannot write `%s/%s`: %s", directory->path, name, strerror(errno));
    if (outcome != 0 || signals_received() != 0)
        unlinkat(directory->descriptor, name, 0);
    return outcome;
}

int private_directory_remove(struct private_directory *directory, struct error *error)
{
    const char *path = directory->path;
    private_directory_remove_secrets();
    secret_files = NULL;
    existing.path = NULL;
    DIR *files = fdopendir(directory->descriptor);
    const struct dirent *entry;
    while (files != NULL && (entry = readdir(files)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(files), entry->d_name, 0);
    if (files != NULL)
        closedir(files);
    if (rmdir(path) != 0 && errno != ENOENT)
        return error_set(error, "cannot remove `%s`: %s", path, strerror(errno));
    return 0;
}
