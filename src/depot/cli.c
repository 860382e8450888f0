#include "depot/cli.h"

#include "depot/release.h"
#include "depot/tool_cache.h"
#include "system/archive.h"
#include "system/clock.h"
#include "system/digest.h"
#include "system/download.h"
#include "system/environment.h"

#include <sodium.h>
#include <string.h>

enum { DOWNLOAD_SECONDS = 300 }; /* unless DEPOT_DOWNLOAD_TIMEOUT is set */

/* The CLI is 51 MB, its archive 21 MB. */
static const long long ARCHIVE_LIMIT = 256LL * 1000 * 1000;
static const long long UNPACKED_LIMIT = 512LL * 1000 * 1000;

/* An archive that is being downloaded and unpacked, while its digest is computed. */
struct passage {
    struct download download;
    struct digest *digest;
    const struct cli_wanted *wanted;
    struct cli_progress progress;
    long long began;
};

static void report(struct passage *passage, bool ended)
{
    passage->progress.received = passage->download.received;
    passage->progress.total = passage->download.total;
    passage->progress.elapsed = clock_now_ms() - passage->began;
    passage->progress.ended = ended;
    if (passage->wanted->on_progress != NULL)
        passage->wanted->on_progress(passage->wanted->context, &passage->progress);
}

static ssize_t pass(void *context, const char **bytes, struct error *error)
{
    struct passage *passage = context;
    char *block = digest_block(passage->digest);
    const ssize_t length = download_read(&passage->download, block, DIGEST_BLOCK_SIZE, error);
    if (length > 0)
        digest_add(passage->digest, (size_t)length);
    *bytes = block;
    report(passage, length <= 0);
    return length;
}

static int check_digest(const unsigned char found[DIGEST_SIZE],
                        const unsigned char expected[DIGEST_SIZE], const char *origin,
                        struct error *error)
{
    char expected_hex[2 * DIGEST_SIZE + 1];
    char found_hex[2 * DIGEST_SIZE + 1];
    if (sodium_memcmp(found, expected, DIGEST_SIZE) == 0)
        return 0;
    sodium_bin2hex(expected_hex, sizeof(expected_hex), expected, DIGEST_SIZE);
    sodium_bin2hex(found_hex, sizeof(found_hex), found, DIGEST_SIZE);
    return error_set(error,
                     "the archive has the SHA-256 %s, but %s says %s: it was changed or "
                     "damaged on the way",
                     found_hex, origin, expected_hex);
}

/* Writes the program from the release's archive, and checks the archive's digest. */
static int fill(struct http *http, const struct cli_wanted *wanted, const struct release *release,
                const struct tool_cache *cache, struct staging *staging, struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    unsigned char found[DIGEST_SIZE];
    const bool pinned = cache->digest != NULL;
    if (pinned)
        memcpy(staging->digest, cache->digest, sizeof(staging->digest));
    else if (release_checksum(http, release, staging->digest, error) != 0)
        return -1;
    struct passage *passage = arena_allocate(&arena, sizeof(*passage));
    passage->download = (struct download){
        .http = http,
        .url = release->url,
        .seconds =
            environment_seconds(wanted->environment, "DEPOT_DOWNLOAD_TIMEOUT", DOWNLOAD_SECONDS),
        .limit = ARCHIVE_LIMIT,
    };
    passage->wanted = wanted;
    passage->progress.version = release->version;
    passage->began = clock_now_ms();
    passage->digest = digest_begin(&arena);
    const struct byte_source source = {.read = pass, .context = passage};
    int outcome = archive_extract(&source, arena_format(&arena, "bin/%s", cache->platform->program),
                                  UNPACKED_LIMIT, staging->descriptor, error);
    digest_end(passage->digest, found);
    download_end(&passage->download);
    if (outcome == 0)
        outcome =
            check_digest(found, staging->digest,
                         pinned ? "the input `sha256`" : "the release's list of checksums", error);
    return outcome == 0 ? staging_complete(cache, staging, error) : -1;
}

enum outcome { INSTALLED, NO_PLACE, FAILED };

/* NO_PLACE: the cache cannot be written. */
static enum outcome install(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                            const struct release *release, const struct tool_cache *cache,
                            struct error *error)
{
    struct staging staging;
    enum outcome outcome = FAILED;
    if (staging_create(arena, cache, &staging, error) != 0)
        return NO_PLACE;
    if (fill(http, wanted, release, cache, &staging, error) != 0)
        staging_discard(cache, &staging);
    else
        outcome =
            staging_publish(cache, release->version, &staging, error) == 0 ? INSTALLED : NO_PLACE;
    if (outcome == FAILED)
        error_set(error, "depot %s could not be installed: %s; run the job again", release->version,
                  error->message);
    return outcome;
}

/* 0, with the digest from the input `sha256` if it is set, or -1. */
static int check_wanted(const struct cli_wanted *wanted, unsigned char *digest, struct error *error)
{
    if (wanted->sha256 != NULL &&
        release_parse_digest(wanted->sha256, strlen(wanted->sha256), digest) != 0)
        return error_set(error,
                         "input `sha256` is not a SHA-256: write the 64 hexadecimal digits of "
                         "the archive's SHA-256, not `%s`",
                         wanted->sha256);
    if (environment_get_nonempty(wanted->environment, "RUNNER_TOOL_CACHE") == NULL)
        return error_set(error, "RUNNER_TOOL_CACHE, where the CLI is installed, is not set: run "
                                "this program as a step of a GitHub Actions job, where the runner "
                                "sets it");
    return 0;
}

/* The runner's cache, and one of this job, for an entry of the runner's that can be neither used
 * nor replaced. */
enum { CACHES = 2 };

static void name_caches(struct arena *arena, const struct cli_wanted *wanted,
                        const struct platform *platform, const unsigned char *digest,
                        struct tool_cache caches[CACHES])
{
    const char *temp = environment_get_nonempty(wanted->environment, "RUNNER_TEMP");
    const struct tool_cache cache = {
        .root = environment_get(wanted->environment, "RUNNER_TOOL_CACHE"),
        .platform = platform,
        .digest = wanted->sha256 != NULL ? digest : NULL,
    };
    caches[0] = caches[1] = cache;
    caches[1].root = temp != NULL ? arena_format(arena, "%s/depot-tools", temp) : NULL;
}

static int take(struct arena *arena, const struct tool_cache *cache, const char *version,
                const char *how, struct cli *cli)
{
    cli->version = version;
    cli->directory = tool_cache_directory(arena, cache, version);
    cli->program = arena_format(arena, "%s/%s", cli->directory, cache->platform->program);
    cli->line = arena_format(arena, "depot %s %s %s", version, how, cli->directory);
    return 0;
}

/* 0, or -1 if it is in neither cache. */
static int find(struct arena *arena, const struct tool_cache caches[CACHES], const char *version,
                struct cli *cli)
{
    for (int i = 0; i < CACHES; i++)
        if (caches[i].root != NULL && tool_cache_look(&caches[i], version) == TOOL_READY)
            return take(arena, &caches[i], version, "is already installed in", cli);
    return -1;
}

static int install_anywhere(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                            const struct release *release, const struct tool_cache caches[CACHES],
                            struct cli *cli, struct error *error)
{
    const struct tool_cache *cache = &caches[0];
    const char *how = "was installed in";
    enum outcome outcome = install(http, arena, wanted, release, cache, error);
    if (outcome == NO_PLACE && caches[1].root != NULL &&
        tool_cache_look(cache, release->version) == TOOL_UNUSABLE) {
        how = arena_format(arena,
                           "in the tool cache is not trusted and cannot be replaced (%s): "
                           "another copy was installed in",
                           error->message);
        cache = &caches[1];
        outcome = install(http, arena, wanted, release, cache, error);
    }
    cli->installed = outcome == INSTALLED;
    return cli->installed ? take(arena, cache, release->version, how, cli) : -1;
}

int cli_provide(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                struct cli *cli, struct error *error)
{
    struct platform platform;
    struct release release;
    unsigned char digest[DIGEST_SIZE];
    struct tool_cache caches[CACHES];
    char *const *environment = wanted->environment;
    *cli = (struct cli){0};
    if (check_wanted(wanted, digest, error) != 0 ||
        platform_find(environment_get(environment, "RUNNER_OS"),
                      environment_get(environment, "RUNNER_ARCH"), &platform, error) != 0)
        return -1;
    name_caches(arena, wanted, &platform, digest, caches);
    const char *exact = release_exact_version(arena, wanted->version);
    if (exact != NULL && find(arena, caches, exact, cli) == 0)
        return 0;
    if (release_look_up(http, arena, environment, &platform,
                        exact != NULL ? exact : wanted->version, &release, error) != 0)
        return -1;
    if (exact != NULL && strcmp(exact, release.version) != 0)
        return error_set(error, "depot %s was requested, but the lookup answered with %s", exact,
                         release.version);
    if (find(arena, caches, release.version, cli) == 0)
        return 0;
    return install_anywhere(http, arena, wanted, &release, caches, cli, error);
}
