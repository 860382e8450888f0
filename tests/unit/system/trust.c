#include "system/trust.h"

#include "unit.h"

#include <sys/stat.h>

#define DEBIAN "/etc/ssl/certs/ca-certificates.crt"
#define FEDORA "/etc/pki/tls/certs/ca-bundle.crt"
#define ALPINE "/etc/ssl/cert.pem"

static const char *there; /* what exists */

static bool exists(const char *path)
{
    return there != NULL && strcmp(path, there) == 0;
}

static bool everything_exists(const char *path)
{
    (void)path;
    return true;
}

static const struct trust_row {
    const char *name;
    const char *variables[2];
    const char *there;
    const char *file;
    const char *directory;
    bool built_in;
} ROWS[] = {
    {"the file that is named", {"SSL_CERT_FILE=/a.pem"}, DEBIAN, "/a.pem"},
    {"the directory that is named", {"SSL_CERT_DIR=/a"}, "/a", NULL, "/a"},
    {"the distribution's where the directory that is named is missing",
     {"SSL_CERT_DIR=/a"},
     DEBIAN,
     DEBIAN},
    {"the first directory of a list that is there", {"SSL_CERT_DIR=/b::/a:"}, "/a", NULL, "/a"},
    {"the file and the directory that are named",
     {"SSL_CERT_FILE=/a.pem", "SSL_CERT_DIR=/a"},
     "/a",
     "/a.pem",
     "/a"},
    {"the distribution's where empty ones are named",
     {"SSL_CERT_FILE=", "SSL_CERT_DIR="},
     DEBIAN,
     DEBIAN},
    {"the bundle of Debian", {NULL}, DEBIAN, DEBIAN},
    {"the bundle of Fedora", {NULL}, FEDORA, FEDORA},
    {"the bundle of Alpine", {NULL}, ALPINE, ALPINE},
    {"the built-in bundle", {NULL}, NULL, .built_in = true},
};

TEST(trusts)
{
    const struct trust_row *row = *state;
    struct trust trust;
    there = row->there;
    trust_choose(&arena, STRINGS(row->variables[0], row->variables[1]), exists, &trust);
    assert_text(trust.file, row->file);
    assert_text(trust.directory, row->directory);
    assert_int_equal(trust.built_in, row->built_in);
    assert_non_null(trust.name);
    if (row->file != NULL)
        assert_has(trust.name, row->file);
}

TEST(names_the_directory_that_is_missing)
{
    struct trust trust;
    there = DEBIAN;
    trust_choose(&arena, STRINGS("SSL_CERT_DIR=/a"), exists, &trust);
    assert_has(trust.name, DEBIAN);
    assert_has(trust.name, "/a");
}

TEST(prefers_the_first_bundle_that_is_there)
{
    struct trust trust;
    trust_choose(&arena, STRINGS(NULL), everything_exists, &trust);
    assert_text(trust.file, DEBIAN);
}

static char **extra(const char *path, const char *other)
{
    return STRINGS(arena_format(&arena, "NODE_EXTRA_CA_CERTS=%s", path), other);
}

TEST(trusts_more_beside_a_file)
{
    const char *base = unit_path("base.pem");
    const char *more = unit_path("more.pem");
    struct trust trust;
    unit_write(base, "BASE");
    unit_write(more, "MORE");
    there = NULL;
    trust_choose(&arena, extra(more, arena_format(&arena, "SSL_CERT_FILE=%s", base)), exists,
                 &trust);
    assert_text(trust.file, base);
    assert_text(joined(&trust.more), "MORE");
    assert_has(trust.name, base);
    assert_has(trust.name, more);
}

TEST(trusts_more_beside_a_directory)
{
    const char *more = unit_path("more.pem");
    struct trust trust;
    unit_write(more, "MORE");
    there = "/a";
    trust_choose(&arena, extra(more, "SSL_CERT_DIR=/a"), exists, &trust);
    assert_text(trust.directory, "/a");
    assert_text(joined(&trust.more), "MORE");
}

TEST(reads_the_other_directories_of_a_list)
{
    struct trust trust;
    const char *directory = unit_path("directory");
    assert_int_equal(mkdir(directory, 0700), 0);
    unit_write(unit_path("directory/a.0"), "MORE");
    trust_choose(&arena, STRINGS(arena_format(&arena, "SSL_CERT_DIR=/a:%s", directory)),
                 everything_exists, &trust);
    assert_text(trust.directory, "/a");
    assert_text(joined(&trust.more), "MORE");
    assert_has(trust.name, directory);
}

TEST(trusts_more_beside_the_built_in_bundle)
{
    const char *more = unit_path("more.pem");
    struct trust trust;
    unit_write(more, "MORE");
    there = NULL;
    trust_choose(&arena, extra(more, NULL), exists, &trust);
    assert_true(trust.built_in);
    assert_text(joined(&trust.more), "MORE");
    assert_has(trust.name, more);
}

TEST(says_which_certificates_could_not_be_read)
{
    struct trust trust;
    there = DEBIAN;
    trust_choose(&arena, extra("/not/there.pem", NULL), exists, &trust);
    assert_text(trust.file, DEBIAN);
    assert_int_equal(trust.more.count, 0);
    assert_has(trust.name, DEBIAN);
    assert_has(trust.name, "(not read: cannot open `/not/there.pem`");
}

TEST(reads_nothing_that_it_need_not)
{
    struct trust trust;
    there = NULL;
    trust_choose(&arena, STRINGS("SSL_CERT_FILE=/not/there.pem", "NODE_EXTRA_CA_CERTS="), exists,
                 &trust);
    assert_text(trust.file, "/not/there.pem");
    assert_text(trust.name, "/not/there.pem");
}

int main(void)
{
    UNIT_ROWS(trusts, ROWS);
    UNIT_TEST(names_the_directory_that_is_missing);
    UNIT_TEST(prefers_the_first_bundle_that_is_there);
    UNIT_TEST(trusts_more_beside_a_file);
    UNIT_TEST(trusts_more_beside_a_directory);
    UNIT_TEST(reads_the_other_directories_of_a_list);
    UNIT_TEST(trusts_more_beside_the_built_in_bundle);
    UNIT_TEST(says_which_certificates_could_not_be_read);
    UNIT_TEST(reads_nothing_that_it_need_not);
    return unit_run("system/trust");
}
