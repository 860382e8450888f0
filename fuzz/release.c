#include "fuzz.h"

#include "depot/release.h"

static const char *const ASKED[] = {"https://dl.depot.dev/x", "http://127.0.0.1:1/x"};

/* The version is the name of one folder, and cannot lead to another. */
static void check_version(const char *version)
{
    static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  ".-";
    fuzz_assert(version[0] >= '0' && version[0] <= '9' && strlen(version) < 64);
    fuzz_assert(version[strspn(version, allowed)] == '\0' && strstr(version, "..") == NULL);
}

/* The checksums are next to the archive. */
static void check_place(const struct release *release)
{
    const char *end = strrchr(release->checksums_url, '/');
    fuzz_assert(end != NULL && strchr(release->file, '/') == NULL);
    const size_t folder = (size_t)(end - release->checksums_url) + 1;
    fuzz_assert(strncmp(release->url, release->checksums_url, folder) == 0);
    fuzz_assert(strncmp(release->url + folder, release->file, strlen(release->file)) == 0);
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof(ASKED) / sizeof(ASKED[0]); i++) {
        const struct release_answer answer = {
            .wanted = text, .asked = ASKED[i], .status = 200, .body = text, .length = length};
        struct release release;
        struct error error = ERROR_INIT;
        if (release_read(arena, &answer, &release, &error) != 0) {
            fuzz_assert(fuzz_tells(&error));
            continue;
        }
        fuzz_assert(http_may_lead_to(ASKED[i], release.url) && fuzz_is_one_line(release.url));
        check_version(release.version);
        check_place(&release);
    }
}
