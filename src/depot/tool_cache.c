#include "depot/tool_cache.h"

#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* For directories next to the entries. No version starts like this, so no action takes it for one.
 */
#define STAGING_PREFIX ".installing-"

#define MARK_PREFIX "sha256:"

enum { CREATE_ATTEMPTS = 10, MARK_LIMIT = 4096 };

static char *home_of(struct arena *arena, const struct tool_cache *cache)
{
    return arena_format(arena, "%s/depot", cache->root);
}

char *tool_cache_directory(struct arena *arena, const struct tool_cache *cache, const char *version)
{
    return arena_format(arena, "%s/depot/%s/%s", cache->root, version,
                        cache->platform->architecture);
}

static char *mark_of(struct arena *arena, const char *directory)
{
    return arena_format(arena, "%s.complete", directory);
}

/* Whether it is of this kind, and nobody else can have written it. */
static bool is_trusted(const char *path, mode_t kind)
{
    struct stat status;
    return lstat(path, &status) == 0 && (status.st_mode & S_IFMT) == kind &&
           (status.st_uid == 0 || status.st_uid == geteuid()) && (status.st_mode & S_IWOTH) == 0;
}

static bool has_digest(struct arena *arena, const char *mark, const unsigned char *digest)
{
    unsigned char found[DIGEST_SIZE];
    char *text;
    return file_read(arena, mark, MARK_LIMIT, &text, NULL) > 0 &&
           strncmp(text, MARK_PREFIX, strlen(MARK_PREFIX)) == 0 &&
           release_parse_digest(text + strlen(MARK_PREFIX),
                                strcspn(text, "\n") - strlen(MARK_PREFIX), found) == 0 &&
           memcmp(found, digest, sizeof(found)) == 0;
}

enum tool_state tool_cache_look(const struct tool_cache *cache, const char *version)
{
    scoped_arena arena = ARENA_INIT;
    const char *directory = tool_cache_directory(&arena, cache, version);
    const char *program = arena_format(&arena, "%s/%s", directory, cache->platform->program);
    const char *mark = mark_of(&arena, directory);
    struct stat status;
    if (lstat(directory, &status) != 0)
        return TOOL_MISSING;
    return is_trusted(directory, S_IFDIR) && is_trusted(program, S_IFREG) &&
                   is_trusted(mark, S_IFREG) &&
                   program_is_whole(program, cache->platform->machine) &&
                   (cache->digest == NULL || has_digest(&arena, mark, cache->digest))
               ? TOOL_READY
               : TOOL_UNUSABLE;
}

/*
 * Opens and locks a directory. With LOCK_NB, fails if it cannot be locked. Otherwise waits, and
 * goes on without a lock on a file system that has none: a rename is atomic there too. Returns a
 * descriptor, or -1 with errno set.
 */
static int lock_directory(const char *path, int how)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    int outcome;
    do
        outcome = flock(descriptor, how);
    while (outcome != 0 && errno == EINTR);
    if (outcome == 0 || (how & LOCK_NB) == 0)
        return descriptor;
    file_close(&descriptor);
    return -1;
}

/* Removes the files of processes that were killed: their locks are gone. */
static void sweep(const char *home)
{
    scoped_arena arena = ARENA_INIT;
    struct string_list paths = {0};
    const char *prefix = arena_format(&arena, "%s/" STAGING_PREFIX, home);
    directory_list(&arena, home, &paths);
    for (size_t i = 0; i < paths.count; i++) {
        if (strncmp(paths.items[i], prefix, strlen(prefix)) != 0)
            continue;
        scoped_fd lock = lock_directory(paths.items[i], LOCK_EX | LOCK_NB);
        if (lock >= 0)
            file_remove_tree(paths.items[i], NULL);
    }
}

static int explain(const struct tool_cache *cache, const char *what, struct error *error)
{
    return error_set(error, "%s in the tool cache `%s` (RUNNER_TOOL_CACHE): %s", what, cache->root,
                     strerror(errno));
}

/* 0; -1 with errno set. ENOENT: another installation that failed has just removed `home`. */
static int try_create(struct arena *arena, const struct tool_cache *cache, const char *home,
                      struct staging *staging)
{
    scoped_fd guard = lock_directory(home, LOCK_EX);
    if (guard < 0)
        return -1;
    sweep(home);
    char *directory = arena_format(arena, "%s/" STAGING_PREFIX "XXXXXX", home);
    if (mkdtemp(directory) == NULL)
        return -1;
    staging->directory = directory;
    staging->lock = lock_directory(directory, LOCK_EX | LOCK_NB);
    staging->program = arena_format(arena, "%s/%s", directory, cache->platform->program);
    staging->descriptor = open(staging->program, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return staging->descriptor >= 0 ? 0 : -1;
}

int staging_create(struct arena *arena, const struct tool_cache *cache, struct staging *staging,
                   struct error *error)
{
    const char *home = home_of(arena, cache);
    *staging = (struct staging){.descriptor = -1, .lock = -1};
    for (int i = 0; i < CREATE_ATTEMPTS; i++) {
        if (directory_create_all(home, error) != 0)
            return error_set(error, "the tool cache (RUNNER_TOOL_CACHE) cannot be used: %s",
                             error->message);
        if (try_create(arena, cache, home, staging) == 0)
            return 0;
        if (errno != ENOENT)
            break;
    }
    explain(cache, "cannot make a directory", error);
    staging_discard(cache, staging);
    return -1;
}

void staging_discard(const struct tool_cache *cache, struct staging *staging)
{
    scoped_arena arena = ARENA_INIT;
    file_close(&staging->descriptor);
    if (staging->directory != NULL)
        file_remove_tree(staging->directory, NULL);
    file_close(&staging->lock);
    /* Fails if it is not empty, as it should. */
    rmdir(home_of(&arena, cache));
    *staging = (struct staging){.descriptor = -1, .lock = -1};
}

/* Moves a broken entry out of the way and removes it. */
static int clear_place(struct arena *arena, const struct staging *staging, const char *directory,
                       const char *mark)
{
    if (unlink(mark) != 0 && errno != ENOENT)
        return -1;
    const char *broken = arena_format(arena, "%s-broken", staging->directory);
    if (rename(directory, broken) != 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    file_remove_tree(broken, NULL);
    return 0;
}

static int write_mark(struct arena *arena, const char *mark, const unsigned char *digest)
{
    char hex[2 * DIGEST_SIZE + 1];
    scoped_fd descriptor = open(mark, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return -1;
    sodium_bin2hex(hex, sizeof(hex), digest, DIGEST_SIZE);
    const char *line = arena_format(arena, MARK_PREFIX "%s\n", hex);
    return file_write_all(descriptor, line, strlen(line));
}

static int put_in_place(struct arena *arena, const struct tool_cache *cache, const char *version,
                        const struct staging *staging)
{
    const char *above = arena_format(arena, "%s/depot/%s", cache->root, version);
    const char *directory = tool_cache_directory(arena, cache, version);
    const char *mark = mark_of(arena, directory);
    if (directory_create_all(above, NULL) != 0)
        return -1;
    const bool placed = clear_place(arena, staging, directory, mark) == 0 &&
                        rename(staging->directory, directory) == 0;
    if (placed && write_mark(arena, mark, staging->digest) == 0)
        return 0;
    const int failure = errno;
    if (placed)
        file_remove_tree(directory, NULL);
    rmdir(above);
    errno = failure;
    return -1;
}

int staging_complete(const struct tool_cache *cache, struct staging *staging, struct error *error)
{
    const int outcome = fchmod(staging->descriptor, 0755) | close(staging->descriptor);
    staging->descriptor = -1;
    if (outcome != 0)
        return explain(cache, "cannot write the CLI", error);
    if (program_is_whole(staging->program, cache->platform->machine))
        return 0;
    return error_set(error, "the archive's `%s` is not a program for this machine (%s %s)",
                     cache->platform->program, cache->platform->system,
                     cache->platform->architecture);
}

int staging_publish(const struct tool_cache *cache, const char *version, struct staging *staging,
                    struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    scoped_fd guard = lock_directory(home_of(&arena, cache), LOCK_EX);
    int outcome = 0;
    if (tool_cache_look(cache, version) != TOOL_READY &&
        (chmod(staging->directory, 0755) != 0 ||
         put_in_place(&arena, cache, version, staging) != 0))
        outcome = explain(cache, "cannot move the CLI into place", error);
    /* After the move, there is nothing to remove under the old name. */
    staging_discard(cache, staging);
    return outcome;
}
