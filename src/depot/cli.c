#include "depot/cli.h"

#include "depot/release.h"
#include "depot/tool_cache.h"
#include "system/archive.h"
#include "system/clock.h"
#include "system/digest.h"
#include "system/download.h"
#include "system/environment.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    DOWNLOAD_SECONDS = 300, /* where DEPOT_DOWNLOAD_TIMEOUT does not say otherwise */
    DOWNLOAD_SECONDS_MOST = 24 * 60 * 60,
};

/* The CLI has 51 MB, its archive 21 MB. */
static const long long ARCHIVE_LIMIT = 256LL * 1000 * 1000;
static const long long UNPACKED_LIMIT = 512LL * 1000 * 1000;

/* An archive on its way from the network to its place, its digest reckoned as it passes. */
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
                     "damaged on its way",
                     found_hex, origin, expected_hex);
}

/* 0, or -1 where the input is not a digest. `origin` says where the digest comes from. */
static int expected_digest(struct http *http, const struct cli_wanted *wanted,
                           const struct release *release, unsigned char *digest,
                           const char **origin, struct error *error)
{
    *origin = "the release's list of checksums";
    if (wanted->sha256 == NULL)
        return release_checksum(http, release, digest, error);
    *origin = "the input `sha256`";
    return release_parse_digest(wanted->sha256, strlen(wanted->sha256), digest);
}

static long download_seconds(char *const *environment)
{
    const char *text = environment_get_nonempty(environment, "DEPOT_DOWNLOAD_TIMEOUT");
    char *end;
    long seconds = text != NULL ? strtol(text, &end, 10) : 0;
    return text != NULL && *end == '\0' && seconds > 0 && seconds <= DOWNLOAD_SECONDS_MOST
               ? seconds
               : DOWNLOAD_SECONDS;
}

static int fill(struct http *http, const struct cli_wanted *wanted, const struct release *release,
                const struct platform *platform, struct staging *staging, struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    unsigned char expected[DIGEST_SIZE];
    unsigned char found[DIGEST_SIZE];
    const char *origin;
    if (expected_digest(http, wanted, release, expected, &origin, error) != 0)
        return -1;
    struct passage *passage = arena_allocate(&arena, sizeof(*passage));
    passage->download = (struct download){
        .http = http,
        .url = release->url,
        .seconds = download_seconds(wanted->environment),
        .limit = ARCHIVE_LIMIT,
    };
    passage->wanted = wanted;
    passage->progress.version = release->version;
    passage->began = clock_now_ms();
    passage->digest = digest_begin(&arena);
    const struct byte_source source = {.read = pass, .context = passage};
    int outcome = archive_extract(&source, arena_format(&arena, "bin/%s", platform->program),
                                  UNPACKED_LIMIT, staging->descriptor, error);
    digest_end(passage->digest, found);
    download_end(&passage->download);
    return outcome == 0 ? check_digest(found, expected, origin, error) : -1;
}

static int install(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                   const struct release *release, const struct tool_cache *cache,
                   struct error *error)
{
    struct staging staging;
    if (staging_create(arena, cache, &staging, error) != 0)
        return -1;
    int outcome = fill(http, wanted, release, cache->platform, &staging, error);
    if (outcome == 0)
        outcome = staging_publish(cache, release->version, &staging, error);
    else
        staging_discard(cache, &staging);
    if (outcome != 0)
        error_set(error, "depot %s could not be installed: %s; run the job again", release->version,
                  error->message);
    return outcome;
}

static int check_wanted(const struct cli_wanted *wanted, struct error *error)
{
    unsigned char unused[DIGEST_SIZE];
    if (wanted->sha256 != NULL &&
        release_parse_digest(wanted->sha256, strlen(wanted->sha256), unused) != 0)
        return error_set(error,
                         "input `sha256` is no SHA-256: write the 64 hexadecimal digits of that "
                         "of the archive, not `%s`",
                         wanted->sha256);
    if (environment_get_nonempty(wanted->environment, "RUNNER_TOOL_CACHE") == NULL)
        return error_set(error, "RUNNER_TOOL_CACHE, where the CLI is installed, is not set: this "
                                "program runs as a step of a GitHub Actions job, where the runner "
                                "sets it");
    return 0;
}

static int take(struct arena *arena, const struct tool_cache *cache, const char *version,
                bool installed, struct cli *cli)
{
    cli->version = version;
    cli->directory = tool_cache_directory(arena, cache, version);
    cli->program = arena_format(arena, "%s/%s", cli->directory, cache->platform->program);
    cli->installed = installed;
    return 0;
}

int cli_provide(struct http *http, struct arena *arena, const struct cli_wanted *wanted,
                struct cli *cli, struct error *error)
{
    struct platform platform;
    struct release release;
    char *const *environment = wanted->environment;
    if (check_wanted(wanted, error) != 0 ||
        platform_find(environment_get(environment, "RUNNER_OS"),
                      environment_get(environment, "RUNNER_ARCH"), &platform, error) != 0)
        return -1;
    const struct tool_cache cache = {
        .root = environment_get(environment, "RUNNER_TOOL_CACHE"),
        .platform = &platform,
    };
    const char *exact = release_exact_version(arena, wanted->version);
    if (exact != NULL && tool_cache_has(&cache, exact))
        return take(arena, &cache, exact, false, cli);
    if (release_look_up(http, arena, environment, &platform,
                        exact != NULL ? exact : wanted->version, &release, error) != 0)
        return -1;
    if (exact != NULL && strcmp(exact, release.version) != 0)
        return error_set(error, "depot %s was asked for, and the lookup answered with %s", exact,
                         release.version);
    if (tool_cache_has(&cache, release.version))
        return take(arena, &cache, release.version, false, cli);
    if (install(http, arena, wanted, &release, &cache, error) != 0)
        return -1;
    return take(arena, &cache, release.version, true, cli);
}
