#include "system/gunzip.h"

#include "unit.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum {
    SIZE = 600 * 1000, /* more than two blocks of content, and many windows of 32 KiB */
    PACKED_SIZE = 2 * SIZE,
    STORED = 0xffff, /* bytes of a stored block, at most (RFC 1951, 3.2.4) */
};

struct bytes {
    const unsigned char *at;
    size_t left;
    size_t block;
    bool fails; /* instead of its end */
};

static ssize_t take(void *context, const char **bytes, struct error *error)
{
    struct bytes *source = context;
    if (source->left == 0 && source->fails)
        return error_set(error, "the line is cut");
    const size_t length = source->left < source->block ? source->left : source->block;
    *bytes = (const char *)source->at;
    source->at += length;
    source->left -= length;
    return (ssize_t)length;
}

static unsigned char content[SIZE];
static unsigned char packed[PACKED_SIZE];
static unsigned char found[2 * SIZE];

/* Pieces that repeat near and distant ones, with noise in between. */
static void make_content(void)
{
    uint32_t noise = 1;
    size_t back = 0;
    for (size_t i = 0; i < SIZE; i++) {
        noise = noise * 1664525 + 1013904223;
        if (noise >> 28 == 0)
            back = (noise >> 8) % 32768 + 1;
        content[i] = back == 0 || back > i || noise >> 27 == 2 ? (unsigned char)(noise >> 20)
                                                               : content[i - back];
    }
}

static size_t put_deflated(unsigned char *to, const unsigned char *from, size_t length)
{
    static struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.next_in = (uint8_t *)(uintptr_t)from;
    stream.avail_in = (uint32_t)length;
    stream.next_out = to;
    stream.avail_out = PACKED_SIZE / 2;
    stream.end_of_stream = 1;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    return (size_t)(stream.next_out - to);
}

static size_t put_stored(unsigned char *to, const unsigned char *from, size_t length)
{
    unsigned char *end = to;
    for (bool last = false; !last;) {
        const size_t part = length < STORED ? length : STORED;
        last = part == length;
        const unsigned char mark[5] = {last, part & 0xff, (unsigned char)(part >> 8), ~part & 0xff,
                                       (unsigned char)(~part >> 8)};
        memcpy(end, mark, sizeof(mark));
        memcpy(end + sizeof(mark), from, part);
        end += sizeof(mark) + part;
        from += part;
        length -= part;
    }
    return (size_t)(end - to);
}

typedef size_t packing(unsigned char *to, const unsigned char *from, size_t length);

/* A member. Returns its size. Its checksum is wrong, but gunzip does not check it. */
static size_t pack(unsigned char *to, packing *put, const unsigned char *from, size_t length)
{
    static const unsigned char header[10] = {0x1f, 0x8b, 8};
    memcpy(to, header, sizeof(header));
    size_t end = sizeof(header);
    end += put(to + end, from, length);
    memset(to + end, 0xee, 8);
    return end + 8;
}

/* The length of the content, or -1. */
static ssize_t unpack(struct bytes bytes, struct error *error)
{
    const struct byte_source source = {.read = take, .context = &bytes};
    struct gunzip *gunzip = gunzip_open(&arena, &source);
    const char *part = NULL;
    size_t end = 0;
    ssize_t length;
    while ((length = gunzip_read(gunzip, &part, error)) > 0) {
        assert_true(length <= GUNZIP_BLOCK_SIZE && end + (size_t)length <= sizeof(found));
        memcpy(found + end, part, (size_t)length);
        end += (size_t)length;
    }
    return length < 0 ? -1 : (ssize_t)end;
}

static ssize_t unpack_packed(size_t length, size_t block)
{
    struct error error = ERROR_INIT;
    const ssize_t outcome =
        unpack((struct bytes){.at = packed, .left = length, .block = block}, &error);
    assert_text(error.message, "");
    return outcome;
}

static const struct block_row {
    const char *name;
    size_t block;
} BLOCKS[] = {
    {"bytes", 1},
    {"odd blocks", 777},
    {"blocks", 16384},
    {"large blocks", 256 * 1024},
    {"all at once", PACKED_SIZE},
};

TEST(unpacks_what_comes_in_blocks_of_any_size)
{
    const struct block_row *row = *state;
    static packing *const ways[] = {put_deflated, put_stored};
    make_content();
    for (size_t i = 0; i < COUNT(ways); i++) {
        const size_t length = pack(packed, ways[i], content, SIZE);
        assert_int_equal(unpack_packed(length, row->block), SIZE);
        assert_memory_equal(found, content, SIZE);
    }
}

static const struct length_row {
    const char *name;
    size_t length;
} LENGTHS[] = {
    {"none", 0},
    {"one byte", 1},
    {"a window", 32768},
    {"just short of a block", GUNZIP_BLOCK_SIZE - 1},
    {"a block", GUNZIP_BLOCK_SIZE},
    {"just more than a block", GUNZIP_BLOCK_SIZE + 1},
    {"two blocks", 2 * GUNZIP_BLOCK_SIZE},
};

TEST(unpacks_content_of_any_length)
{
    const struct length_row *row = *state;
    make_content();
    const size_t length = pack(packed, put_deflated, content, row->length);
    assert_int_equal(unpack_packed(length, 1000), row->length);
    assert_memory_equal(found, content, row->length);
}

TEST(unpacks_one_member_after_the_other)
{
    make_content();
    for (size_t block = 1; block < 100; block += 3) {
        size_t length = pack(packed, put_deflated, content, 1000);
        length += pack(packed + length, put_stored, content + 1000, 500);
        length += pack(packed + length, put_deflated, content, 0);
        length += pack(packed + length, put_deflated, content + 1500, 300);
        assert_int_equal(unpack_packed(length, block), 1800);
        assert_memory_equal(found, content, 1800);
    }
}

TEST(passes_over_padding)
{
    make_content();
    for (size_t padding = 1; padding < 40; padding++) {
        const size_t length = pack(packed, put_deflated, content, 1000);
        memset(packed + length, 0, padding);
        assert_int_equal(unpack_packed(length + padding, padding), 1000);
    }
}

/* Text, its own checksum, extra fields, a name, a comment (RFC 1952, 2.3.1). */
static size_t put_long_header(unsigned char *to)
{
    static const unsigned char header[] = "\x1f\x8b\x08\x1f\0\0\0\0\0\xff"
                                          "\x05\0extra"
                                          "a name\0"
                                          "a comment";
    memcpy(to, header, sizeof(header));
    const uint32_t sum = crc32_gzip_refl(0, header, sizeof(header));
    to[sizeof(header)] = sum & 0xff;
    to[sizeof(header) + 1] = (unsigned char)(sum >> 8);
    return sizeof(header) + 2;
}

TEST(reads_every_field_of_a_header)
{
    make_content();
    for (size_t block = 1; block < 60; block++) {
        size_t length = put_long_header(packed);
        length += put_deflated(packed + length, content, 1000);
        memset(packed + length, 0, 8);
        assert_int_equal(unpack_packed(length + 8, block), 1000);
        assert_memory_equal(found, content, 1000);
    }
}

TEST(tells_what_is_cut_off_at_any_byte)
{
    make_content();
    const size_t length = pack(packed, put_deflated, content, 1000);
    for (size_t cut = 0; cut < length; cut++) {
        struct error error = ERROR_INIT;
        const struct bytes bytes = {.at = packed, .left = cut, .block = 100};
        assert_int_equal(unpack(bytes, &error), -1);
        assert_text(error.message, "it ends too early");
    }
}

TEST(passes_the_source_s_error_on)
{
    make_content();
    const size_t length = pack(packed, put_deflated, content, 1000);
    for (size_t cut = 0; cut <= length; cut++) {
        struct error error = ERROR_INIT;
        const struct bytes bytes = {.at = packed, .left = cut, .block = 100, .fails = true};
        assert_int_equal(unpack(bytes, &error), -1);
        assert_text(error.message, "the line is cut");
    }
}

static const struct other_row {
    const char *name;
    const char *bytes;
} OTHERS[] = {
    {"a page", "<html>Not found</html>"},
    {"another compression", "\x28\xb5\x2f\xfd\x24\x01\x02\x03\x04\x05"},
    {"another method", "\x1f\x8b\x09\x08\x01\x01\x01\x01\x01\x01"},
};

TEST(refuses_another_format)
{
    const struct other_row *row = *state;
    struct error error = ERROR_INIT;
    const struct bytes bytes = {
        .at = (const unsigned char *)row->bytes, .left = strlen(row->bytes), .block = 4};
    assert_int_equal(unpack(bytes, &error), -1);
    assert_text(error.message, "it is not a gzip file");
}

static const struct damage_row {
    const char *name;
    unsigned char block[8]; /* the content's first bytes, as deflate encodes them (RFC 1951, 3.2) */
} DAMAGES[] = {
    {"a kind of block that there is not", {0x07}},
    {"a stored block whose length is told twice", {0x01, 0x05, 0x00, 0x05, 0x00}},
    {"a distance to before the beginning", {0x03, 0x02, 0xff, 0xff, 0xff, 0xff}},
    {"code lengths that make no code", {0x05, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
};

TEST(refuses_damaged_content)
{
    const struct damage_row *row = *state;
    struct error error = ERROR_INIT;
    memset(packed, 0, 200);
    memcpy(packed, "\x1f\x8b\x08", 3);
    memcpy(packed + 10, row->block, sizeof(row->block));
    const struct bytes bytes = {.at = packed, .left = 200, .block = 7};
    assert_int_equal(unpack(bytes, &error), -1);
    assert_text(error.message, "its content cannot be unpacked");
}

int main(void)
{
    UNIT_ROWS(unpacks_what_comes_in_blocks_of_any_size, BLOCKS);
    UNIT_ROWS(unpacks_content_of_any_length, LENGTHS);
    UNIT_TEST(unpacks_one_member_after_the_other);
    UNIT_TEST(passes_over_padding);
    UNIT_TEST(reads_every_field_of_a_header);
    UNIT_TEST(tells_what_is_cut_off_at_any_byte);
    UNIT_TEST(passes_the_source_s_error_on);
    UNIT_ROWS(refuses_another_format, OTHERS);
    UNIT_ROWS(refuses_damaged_content, DAMAGES);
    return unit_run("system/gunzip");
}
