#include "depot/release.h"

#include "system/download.h"
#include "system/environment.h"
#include "system/json.h"
#include "system/text.h"

#include <sodium.h>
#include <string.h>

enum { CHECKSUMS_LIMIT = 64 * 1024, CHECKSUMS_SECONDS = 30, QUOTED_SIZE = 128 };

static const struct name {
    const char *runner;
    const char *node;
} SYSTEMS[] = {{"Linux", "linux"}, {"macOS", "darwin"}, {"Windows", "win32"}};

static const struct architecture {
    const char *runner;
    const char *node;
    enum program_machine machine;
} ARCHITECTURES[] = {
    {"X64", "x64", PROGRAM_X86_64},      {"amd64", "x64", PROGRAM_X86_64},
    {"x86_64", "x64", PROGRAM_X86_64},   {"ARM64", "arm64", PROGRAM_AARCH64},
    {"arm64", "arm64", PROGRAM_AARCH64}, {"aarch64", "arm64", PROGRAM_AARCH64},
    {"ARM", "arm", PROGRAM_ARM},         {"X86", "ia32", PROGRAM_X86},
};

#if defined(_WIN32)
#define OWN_SYSTEM "Windows"
#elif defined(__APPLE__)
#define OWN_SYSTEM "macOS"
#else
#define OWN_SYSTEM "Linux"
#endif

#if defined(__x86_64__)
#define OWN_ARCHITECTURE "X64"
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE "ARM64"
#elif defined(__arm__)
#define OWN_ARCHITECTURE "ARM"
#else
#define OWN_ARCHITECTURE "X86"
#endif

int platform_find(const char *runner_os, const char *runner_arch, struct platform *platform,
                  struct error *error)
{
    const char *os = runner_os != NULL && runner_os[0] != '\0' ? runner_os : OWN_SYSTEM;
    const char *arch =
        runner_arch != NULL && runner_arch[0] != '\0' ? runner_arch : OWN_ARCHITECTURE;
    *platform = (struct platform){.program = "depot"};
    for (size_t i = 0; i < sizeof(SYSTEMS) / sizeof(SYSTEMS[0]); i++)
        if (strcmp(os, SYSTEMS[i].runner) == 0)
            platform->system = SYSTEMS[i].node;
    for (size_t i = 0; i < sizeof(ARCHITECTURES) / sizeof(ARCHITECTURES[0]); i++)
        if (strcmp(arch, ARCHITECTURES[i].runner) == 0) {
            platform->architecture = ARCHITECTURES[i].node;
            platform->machine = ARCHITECTURES[i].machine;
        }
    if (platform->system == NULL || platform->architecture == NULL)
        return error_set(error,
                         "there is no depot CLI for this runner (RUNNER_OS is `%s`, RUNNER_ARCH "
                         "is `%s`): run the job on Linux, macOS or Windows, on X64 or ARM64",
                         os, arch);
    if (strcmp(platform->system, "linux") != 0)
        platform->machine = PROGRAM_ANY;
    if (strcmp(platform->system, "win32") == 0)
        platform->program = "depot.exe";
    return 0;
}

/* The length of the version that `text` starts with (Semantic Versioning 2.0.0, without build
 * metadata); 0 if it starts with none. */
static size_t version_length(const char *text)
{
    static const char digits[] = "0123456789";
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = 0;
    for (int number = 0; number < 3; number++) {
        size_t count = strspn(text + length, digits);
        if (count == 0 || count > 9 || (number < 2 && text[length + count] != '.'))
            return 0;
        length += count + (number < 2);
    }
    if (text[length] != '-')
        return length;
    for (size_t at = length; text[at] == (at == length ? '-' : '.');) {
        size_t count = strspn(text + at + 1, letters);
        if (count == 0)
            return 0;
        at += 1 + count;
        if (text[at] != '.')
            return at;
    }
    return 0;
}

char *release_exact_version(struct arena *arena, const char *wanted)
{
    wanted += wanted[0] == '=';
    wanted += strspn(wanted, " ");
    wanted += wanted[0] == 'v';
    size_t length = version_length(wanted);
    return length > 0 && length < 64 && wanted[length] == '\0' ? arena_copy(arena, wanted) : NULL;
}

int release_of_url(struct arena *arena, const char *url, struct release *release,
                   struct error *error)
{
    static const char prefix[] = "depot_";
    static const char suffix[] = ".tar.gz";
    const char *path = arena_copy_bytes(arena, url, strcspn(url, "?#"));
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    const size_t length = strlen(file);
    const char *version = file + sizeof(prefix) - 1;
    size_t version_end = 0;
    if (slash != NULL && length > sizeof(prefix) + sizeof(suffix) &&
        strncmp(file, prefix, sizeof(prefix) - 1) == 0 &&
        strcmp(file + length - sizeof(suffix) + 1, suffix) == 0)
        version_end = version_length(version);
    if (version_end == 0 || version_end >= 64 || version[version_end] != '_')
        return error_set(error, "the address of the release does not name an archive "
                                "`depot_VERSION_SYSTEM_ARCHITECTURE.tar.gz`");
    release->url = arena_copy(arena, url);
    release->file = file;
    release->version = arena_copy_bytes(arena, version, version_end);
    release->checksums_url = arena_format(arena, "%.*s/depot_%s_checksums.txt", (int)(slash - path),
                                          path, release->version);
    return 0;
}

static char *lookup_url(struct arena *arena, char *const *environment,
                        const struct platform *platform, const char *wanted)
{
    const char *base = environment_get_nonempty(environment, "DEPOT_DOWNLOAD_URL");
    return arena_format(arena, "%s/cli/release/%s/%s/%s",
                        base != NULL ? base : "https://dl.depot.dev", platform->system,
                        platform->architecture, http_escape(arena, wanted));
}

int release_read(struct arena *arena, const struct release_answer *answer, struct release *release,
                 struct error *error)
{
    scoped_json root = json_parse(answer->body, answer->length);
    const char *url = json_text(root, "url");
    const char *refusal = json_text(root, "error");
    char words[QUOTED_SIZE];
    char quoted[QUOTED_SIZE];
    text_quote(quoted, sizeof(quoted), answer->wanted);
    if (cJSON_IsTrue(json_member(root, "ok")) && url != NULL) {
        if (release_of_url(arena, url, release, error) != 0)
            return -1;
        return http_may_lead_to(answer->asked, url)
                   ? 0
                   : error_set(error, "the address of the release must begin with https://");
    }
    if (refusal == NULL)
        return error_set(error, "the lookup of version `%s` returned status %ld and no release",
                         quoted, answer->status);
    text_quote(words, sizeof(words), refusal);
    return error_set(error, "Depot has no release for version `%s` (status %ld: %s)", quoted,
                     answer->status, words);
}

int release_look_up(struct http *http, struct arena *arena, char *const *environment,
                    const struct platform *platform, const char *wanted, struct release *release,
                    struct error *error)
{
    const struct http_request request = {
        .method = "GET",
        .url = lookup_url(arena, environment, platform, wanted),
    };
    struct http_response response;
    if (http_send(http, arena, &request, &response, error) != 0)
        return error_set(error, "the release could not be looked up: %s", error->message);
    const struct release_answer answer = {
        .wanted = wanted,
        .asked = request.url,
        .status = response.status,
        .body = response.body,
        .length = response.length,
    };
    return release_read(arena, &answer, release, error);
}

int release_parse_digest(const char *text, size_t length, unsigned char digest[DIGEST_SIZE])
{
    size_t got = 0;
    const size_t digits = 2 * (size_t)DIGEST_SIZE;
    return length == digits &&
                   sodium_hex2bin(digest, DIGEST_SIZE, text, length, NULL, &got, NULL) == 0 &&
                   got == DIGEST_SIZE
               ? 0
               : -1;
}

int release_find_checksum(const char *text, const char *file, unsigned char digest[DIGEST_SIZE])
{
    bool found = false;
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        size_t sum = strcspn(line, " \t\r\n");
        const char *name = line + sum + strspn(line + sum, " \t*");
        unsigned char parsed[DIGEST_SIZE];
        if (name < line + length && (size_t)(line + length - name) == strlen(file) &&
            strncmp(name, file, strlen(file)) == 0 &&
            release_parse_digest(line, sum, parsed) == 0) {
            if (found && sodium_memcmp(parsed, digest, sizeof(parsed)) != 0)
                return -1;
            memcpy(digest, parsed, sizeof(parsed));
            found = true;
        }
        line += length;
        line += strspn(line, "\r\n");
    }
    return found ? 0 : -1;
}

int release_checksum(struct http *http, const struct release *release,
                     unsigned char digest[DIGEST_SIZE], struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    struct download *download = arena_allocate(&arena, sizeof(*download));
    *download = (struct download){.http = http,
                                  .url = release->checksums_url,
                                  .seconds = CHECKSUMS_SECONDS,
                                  .limit = CHECKSUMS_LIMIT};
    char *text = arena_allocate(&arena, CHECKSUMS_LIMIT + DOWNLOAD_ROOM + 1);
    char *end = text;
    ssize_t length;
    while ((length = download_read(download, end, DOWNLOAD_ROOM, error)) > 0)
        end += length;
    download_end(download);
    if (length < 0)
        return error_set(error, "the checksums of depot %s could not be downloaded: %s",
                         release->version, error->message);
    if (release_find_checksum(text, release->file, digest) != 0)
        return error_set(error, "the checksums of depot %s do not have exactly one for `%s`",
                         release->version, release->file);
    return 0;
}
