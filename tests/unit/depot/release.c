#include "depot/release.h"

#include "unit.h"

/* Names of platforms: Node.js's process.platform and process.arch. */

static const struct platform_row {
    const char *name; /* RUNNER_OS */
    const char *runner_arch;
    const char *system;
    const char *architecture;
    const char *program;
    enum program_machine machine;
} PLATFORMS[] = {
    {"Linux", "X64", "linux", "x64", "depot", PROGRAM_X86_64},
    {"Linux", "ARM64", "linux", "arm64", "depot", PROGRAM_AARCH64},
    {"Linux", "amd64", "linux", "x64", "depot", PROGRAM_X86_64},
    {"Linux", "x86_64", "linux", "x64", "depot", PROGRAM_X86_64},
    {"Linux", "arm64", "linux", "arm64", "depot", PROGRAM_AARCH64},
    {"Linux", "aarch64", "linux", "arm64", "depot", PROGRAM_AARCH64},
    {"macOS", "arm64", "darwin", "arm64", "depot", PROGRAM_ANY},
    {"Linux", "ARM", "linux", "arm", "depot", PROGRAM_ARM},
    {"Linux", "X86", "linux", "ia32", "depot", PROGRAM_X86},
    {"macOS", "X64", "darwin", "x64", "depot", PROGRAM_ANY},
    {"macOS", "ARM64", "darwin", "arm64", "depot", PROGRAM_ANY},
    {"Windows", "X64", "win32", "x64", "depot.exe", PROGRAM_ANY},
    {"Windows", "ARM64", "win32", "arm64", "depot.exe", PROGRAM_ANY},
    {"Windows", "X86", "win32", "ia32", "depot.exe", PROGRAM_ANY},
};

TEST(names_the_platform)
{
    const struct platform_row *row = *state;
    struct platform platform;
    struct error error = ERROR_INIT;
    assert_int_equal(platform_find(row->name, row->runner_arch, &platform, &error), 0);
    assert_text(platform.system, row->system);
    assert_text(platform.architecture, row->architecture);
    assert_text(platform.program, row->program);
    assert_int_equal(platform.machine, row->machine);
}

TEST(takes_its_own_platform_where_the_runner_names_none)
{
    struct platform unset;
    struct platform empty;
    struct error error = ERROR_INIT;
    assert_int_equal(platform_find(NULL, NULL, &unset, &error), 0);
    assert_int_equal(platform_find("", "", &empty, &error), 0);
    assert_text(unset.system, "linux");
    assert_text(empty.architecture, unset.architecture);
    assert_true(unset.machine != PROGRAM_ANY);
}

static const struct unknown_row {
    const char *name;
    const char *runner_arch;
} UNKNOWN[] = {{"Solaris", "X64"}, {"Linux", "S390X"}, {"linux", "X64"}, {"Linux", "x64"}};

TEST(names_a_platform_that_has_no_cli)
{
    const struct unknown_row *row = *state;
    struct platform platform;
    struct error error = ERROR_INIT;
    assert_int_equal(platform_find(row->name, row->runner_arch, &platform, &error), -1);
    assert_has(error.message, row->name);
    assert_has(error.message, row->runner_arch);
}

static const struct version_row {
    const char *name; /* what is asked for */
    const char *exact;
} VERSIONS[] = {
    {"2.102.12", "2.102.12"},
    {"v2.102.12", "2.102.12"},
    {"=2.102.12", "2.102.12"},
    {"= v2.102.12", "2.102.12"},
    {"0.0.0", "0.0.0"},
    {"3.0.0-beta.1", "3.0.0-beta.1"},
    {"3.0.0-rc1", "3.0.0-rc1"},
    {"", NULL},
    {"latest", NULL},
    {"2", NULL},
    {"2.102", NULL},
    {"2.x", NULL},
    {"2.102.x", NULL},
    {"^2.102.12", NULL},
    {"~2.102.12", NULL},
    {">=2.0.0", NULL},
    {"2.102.12 || 3.0.0", NULL},
    {"2.102.12.1", NULL},
    {"2.102.12-", NULL},
    {"2.102.12-a..b", NULL},
    {"2.102.12-.a", NULL},
    {"2.102.12-a.", NULL},
    {"2.102.12-a/b", NULL},
    {"2.102.12/..", NULL},
    {"../2.102.12", NULL},
    {"vv2.102.12", NULL},
    {"2.102.12 ", NULL},
    {"2.102.", NULL},
    {".2.102", NULL},
    {"2.102.1234567890", NULL},
    {"2.102.12-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
};

TEST(tells_an_exact_version)
{
    const struct version_row *row = *state;
    assert_text(release_exact_version(&arena, row->name), row->exact);
}

static const struct url_row {
    const char *name; /* the archive's address */
    const char *version;
    const char *file;
    const char *checksums;
} URLS[] = {
    {"https://github.com/depot/cli/releases/download/v2.102.12/depot_2.102.12_linux_amd64.tar.gz",
     "2.102.12", "depot_2.102.12_linux_amd64.tar.gz",
     "https://github.com/depot/cli/releases/download/v2.102.12/depot_2.102.12_checksums.txt"},
    {"https://mirror.example/depot_1.2.3-beta.4_windows_arm64.tar.gz?key=a/b#c", "1.2.3-beta.4",
     "depot_1.2.3-beta.4_windows_arm64.tar.gz",
     "https://mirror.example/depot_1.2.3-beta.4_checksums.txt"},
};

TEST(reads_the_address_of_an_archive)
{
    const struct url_row *row = *state;
    struct release release;
    struct error error = ERROR_INIT;
    assert_int_equal(release_of_url(&arena, row->name, &release, &error), 0);
    assert_text(release.url, row->name);
    assert_text(release.version, row->version);
    assert_text(release.file, row->file);
    assert_text(release.checksums_url, row->checksums);
}

static const struct bad_url_row {
    const char *name;
} BAD_URLS[] = {
    {""},
    {"depot_1.2.3_linux_amd64.tar.gz"},
    {"https://a.example/"},
    {"https://a.example/depot_"},
    {"https://a.example/depot_.tar.gz"},
    {"https://a.example/depot_1.2_linux_amd64.tar.gz"},
    {"https://a.example/depot_1.2.3.tar.gz"},
    {"https://a.example/depot_1.2.3_linux_amd64.zip"},
    {"https://a.example/other_1.2.3_linux_amd64.tar.gz"},
    {"https://a.example/depot_.._linux_amd64.tar.gz"},
    {"https://a.example/depot_1.2.3-.._linux_amd64.tar.gz"},
    {"https://a.example/depot_1.2.3%2F.._linux_amd64.tar.gz"},
    {"https://a.example/x?depot_1.2.3_linux_amd64.tar.gz"},
    {"https://a.example/x#/depot_1.2.3_linux_amd64.tar.gz"},
};

TEST(refuses_an_address_of_something_else)
{
    const struct bad_url_row *row = *state;
    struct release release;
    struct error error = ERROR_INIT;
    assert_int_equal(release_of_url(&arena, row->name, &release, &error), -1);
    assert_has(error.message, "archive");
}

#define ARCHIVE "/depot_1.2.3_linux_amd64.tar.gz"

static int read_answer(const char *asked, const char *body, struct release *release,
                       struct error *error)
{
    const struct release_answer answer = {
        .wanted = "latest\n::error::obeyed",
        .asked = asked,
        .status = 200,
        .body = body,
        .length = strlen(body),
    };
    return release_read(&arena, &answer, release, error);
}

TEST(reads_the_lookup_s_answer)
{
    struct release release;
    struct error error = ERROR_INIT;
    const char *body = "{\"ok\":true,\"url\":\"https://a.example" ARCHIVE "\"}";
    assert_int_equal(read_answer("https://dl.example/", body, &release, &error), 0);
    assert_text(release.version, "1.2.3");
    assert_text(release.url, "https://a.example" ARCHIVE);
}

static const struct answer_row {
    const char *name;
    const char *body;
    const char *told;
} ANSWERS[] = {
    {"nothing", "", "no release"},
    {"a page", "<html>", "no release"},
    {"null", "null", "no release"},
    {"no address", "{\"ok\":true}", "no release"},
    {"an address that is no text", "{\"ok\":true,\"url\":1}", "no release"},
    {"an address that is not ok", "{\"ok\":false,\"url\":\"https://a.example" ARCHIVE "\"}",
     "no release"},
    {"a refusal", "{\"ok\":false,\"error\":\"No\\nsuch\"}", "status 200: No?such"},
    {"less than https", "{\"ok\":true,\"url\":\"http://a.example" ARCHIVE "\"}", "https://"},
    {"less than it was asked by", "{\"ok\":true,\"url\":\"http://127.0.0.1" ARCHIVE "\"}",
     "https://"},
    {"a line break", "{\"ok\":true,\"url\":\"https://a.example/\\n" ARCHIVE "\"}", "https://"},
    {"something else", "{\"ok\":true,\"url\":\"https://a.example/x.tar.gz\"}", "archive"},
};

TEST(finds_no_release_in)
{
    const struct answer_row *row = *state;
    struct release release;
    struct error error = ERROR_INIT;
    assert_int_equal(read_answer("https://dl.example/", row->body, &release, &error), -1);
    assert_has(error.message, row->told);
    assert_has_not(error.message, "\n");
}

TEST(finds_no_release_in_what_is_nested_without_end)
{
    struct release release;
    struct error error = ERROR_INIT;
    const char *body =
        arena_format(&arena, "{\"ok\":true,\"url\":\"https://a.example" ARCHIVE "\",\"a\":%s}",
                     unit_nested(100000));
    assert_int_equal(read_answer("https://dl.example/", body, &release, &error), -1);
}

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static const struct list_row {
    const char *name;
    const char *text;
    int digest; /* all bytes are this; -1: none */
} LISTS[] = {
    {"one line", A64 "  file\n", 0xaa},
    {"no line feed", A64 "  file", 0xaa},
    {"CRLF", A64 "  file\r\n", 0xaa},
    {"binary mode", A64 " *file\n", 0xaa},
    {"upper case", B64 "  file\n", 0xbb},
    {"among others", A64 "  other\n" B64 "  file\n" A64 "  file2\n", 0xbb},
    {"twice the same", A64 "  file\n" A64 "  file\n", 0xaa},
    {"twice, not the same", A64 "  file\n" B64 "  file\n", -1},
    {"none", A64 "  other\n", -1},
    {"a longer name", A64 "  file.sig\n", -1},
    {"a shorter name", A64 "  fil\n", -1},
    {"a path", A64 "  dir/file\n", -1},
    {"too short", "aa  file\n", -1},
    {"too long", A64 "a  file\n", -1},
    {"no digits", "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg  file\n", -1},
    {"no name", A64 "\n", -1},
    {"the name alone", "file\n", -1},
    {"the name on the next line", A64 "  \nfile\n", -1},
    {"empty", "", -1},
    {"blank", "\n\r\n \n", -1},
};

TEST(finds_the_checksum)
{
    const struct list_row *row = *state;
    unsigned char digest[DIGEST_SIZE] = {0};
    int outcome = release_find_checksum(row->text, "file", digest);
    assert_int_equal(outcome, row->digest < 0 ? -1 : 0);
    for (size_t i = 0; outcome == 0 && i < sizeof(digest); i++)
        assert_int_equal(digest[i], row->digest);
}

int main(void)
{
    UNIT_ROWS(names_the_platform, PLATFORMS);
    UNIT_TEST(takes_its_own_platform_where_the_runner_names_none);
    UNIT_ROWS(names_a_platform_that_has_no_cli, UNKNOWN);
    UNIT_ROWS(tells_an_exact_version, VERSIONS);
    UNIT_ROWS(reads_the_address_of_an_archive, URLS);
    UNIT_ROWS(refuses_an_address_of_something_else, BAD_URLS);
    UNIT_TEST(reads_the_lookup_s_answer);
    UNIT_ROWS(finds_no_release_in, ANSWERS);
    UNIT_TEST(finds_no_release_in_what_is_nested_without_end);
    UNIT_ROWS(finds_the_checksum, LISTS);
    return unit_run("depot/release");
}
