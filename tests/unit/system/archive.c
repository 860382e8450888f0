#include "system/archive.h"

#include "unit.h"

#include <archive.h>
#include <archive_entry.h>

enum { SIZE = 200 * 1024, PACKED_SIZE = 1024 * 1024, LIMIT = 1000 * 1000 };

struct bytes {
    const char *at;
    size_t left;
    size_t block;
    size_t fail_at; /* with this many left; 0: never */
};

static ssize_t take(void *context, const char **bytes, struct error *error)
{
    struct bytes *source = context;
    if (source->fail_at > 0 && source->left <= source->fail_at)
        return error_set(error, "the line is cut");
    size_t length = source->left < source->block ? source->left : source->block;
    *bytes = source->at;
    source->at += length;
    source->left -= length;
    return (ssize_t)length;
}

static char content[SIZE];
static char packed[PACKED_SIZE];

/* Packs `count` files with this name. Returns the archive's size. */
static size_t pack(const char *name, int count)
{
    size_t used = 0;
    uint32_t noise = 1;
    for (size_t i = 0; i < sizeof(content); i++) {
        noise = noise * 1664525 + 1013904223;
        content[i] = (char)(noise >> 24);
    }
    struct archive *archive = archive_write_new();
    archive_write_add_filter_gzip(archive);
    archive_write_set_format_pax_restricted(archive);
    assert_int_equal(archive_write_open_memory(archive, packed, sizeof(packed), &used), ARCHIVE_OK);
    for (int i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, sizeof(content));
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, content, sizeof(content)), sizeof(content));
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    return used;
}

static int extract(struct bytes *bytes, long long limit, struct error *error)
{
    const struct byte_source source = {.read = take, .context = bytes};
    int descriptor = open(unit_path("out"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(descriptor >= 0);
    int outcome = archive_extract(&source, "bin/depot", limit, descriptor, error);
    close(descriptor);
    return outcome;
}

static void assert_extracted(void)
{
    static char found[SIZE + 1];
    FILE *file = fopen(unit_path("out"), "r");
    assert_non_null(file);
    assert_int_equal(fread(found, 1, sizeof(found), file), SIZE);
    fclose(file);
    assert_memory_equal(found, content, SIZE);
}

static const struct block_row {
    const char *name;
    size_t block;
} BLOCKS[] = {{"bytes", 1}, {"odd blocks", 777}, {"blocks", 16384}, {"all at once", PACKED_SIZE}};

TEST(takes_it_in_blocks_of_any_size)
{
    const struct block_row *row = *state;
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 1), .block = row->block};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), 0);
    assert_int_equal(bytes.left, 0);
    assert_extracted();
}

TEST(reads_the_source_to_its_end)
{
    size_t length = pack("./bin/depot", 1);
    memset(packed + length, 0, 5000);
    struct bytes bytes = {.at = packed, .left = length + 5000, .block = 100};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), 0);
    assert_int_equal(bytes.left, 0);
    assert_extracted();
}

TEST(tells_what_is_cut_off_after_the_last_file)
{
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 1) - 9, .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_text(error.message, "the archive is damaged: it ends too early");
}

/* A second member. tar takes it for the filling of its last block. */
TEST(counts_what_comes_after_the_end)
{
    size_t length = pack("bin/depot", 1);
    char *whole = arena_allocate(&arena, 2 * length);
    memcpy(whole, packed, length);
    memcpy(whole + length, packed, length);
    struct bytes bytes = {.at = whole, .left = 2 * length, .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, 3 * SIZE, &error), 0);
    assert_extracted();
    bytes = (struct bytes){.at = whole, .left = 2 * length, .block = 1000};
    assert_int_equal(extract(&bytes, 2 * SIZE, &error), -1);
    assert_has(error.message, "after its end");
}

TEST(passes_the_source_s_error_on)
{
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 1), .block = 100};
    struct error error = ERROR_INIT;
    bytes.fail_at = bytes.left / 2;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_text(error.message, "the line is cut");
}

TEST(passes_on_the_source_s_error_behind_the_archive)
{
    size_t length = pack("bin/depot", 1);
    struct bytes bytes = {.at = packed, .left = length + 1000, .block = 100, .fail_at = 500};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_text(error.message, "the line is cut");
}

TEST(refuses_two)
{
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 2), .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_has(error.message, "twice");
}

TEST(counts_what_it_passes_over)
{
    struct bytes bytes = {.at = packed, .left = pack("other", 3), .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, 2 * SIZE, &error), -1);
    assert_has(error.message, "too large to unpack");
}

TEST(takes_just_as_much_as_is_allowed)
{
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 1), .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, SIZE, &error), 0);
    bytes = (struct bytes){.at = packed, .left = pack("bin/depot", 1), .block = 1000};
    assert_int_equal(extract(&bytes, SIZE - 1, &error), -1);
}

static const struct name_row {
    const char *name;
} NAMES[] = {{"../bin/depot"}, {"bin/../../x"}, {"bin/.."}, {".."}, {"a/b/../c"}};

TEST(refuses_names_that_lead_out)
{
    const struct name_row *row = *state;
    struct bytes bytes = {.at = packed, .left = pack(row->name, 1), .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_has(error.message, "points outside");
}

static const struct harmless_row {
    const char *name;
} HARMLESS[] = {{"..."}, {"a..b"}, {"..a/b"}, {"a../b"}, {"bin/depot.sig"}, {"depot"}};

TEST(passes_over_other_names)
{
    const struct harmless_row *row = *state;
    struct bytes bytes = {.at = packed, .left = pack(row->name, 1), .block = 1000};
    struct error error = ERROR_INIT;
    assert_int_equal(extract(&bytes, LIMIT, &error), -1);
    assert_has(error.message, "does not contain `bin/depot`");
}

TEST(tells_a_file_that_cannot_be_written)
{
    struct bytes bytes = {.at = packed, .left = pack("bin/depot", 1), .block = 1000};
    struct error error = ERROR_INIT;
    const struct byte_source source = {.read = take, .context = &bytes};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_int_equal(archive_extract(&source, "bin/depot", LIMIT, full, &error), -1);
    close(full);
    assert_has(error.message, "No space left");
}

int main(void)
{
    UNIT_ROWS(takes_it_in_blocks_of_any_size, BLOCKS);
    UNIT_TEST(reads_the_source_to_its_end);
    UNIT_TEST(tells_what_is_cut_off_after_the_last_file);
    UNIT_TEST(counts_what_comes_after_the_end);
    UNIT_TEST(passes_the_source_s_error_on);
    UNIT_TEST(passes_on_the_source_s_error_behind_the_archive);
    UNIT_TEST(refuses_two);
    UNIT_TEST(counts_what_it_passes_over);
    UNIT_TEST(takes_just_as_much_as_is_allowed);
    UNIT_ROWS(refuses_names_that_lead_out, NAMES);
    UNIT_ROWS(passes_over_other_names, HARMLESS);
    UNIT_TEST(tells_a_file_that_cannot_be_written);
    return unit_run("system/archive");
}
