#include "system/digest.h"

#include "unit.h"

#include <pthread.h>
#include <sodium.h>

enum { SIZE = 9 * DIGEST_BLOCK_SIZE };

static char content[SIZE];

static void make_content(void)
{
    uint32_t noise = 1;
    for (size_t i = 0; i < SIZE; i++) {
        noise = noise * 1664525 + 1013904223;
        content[i] = (char)(noise >> 24);
    }
}

/* The digest of the first `length` bytes, which arrive `step` at a time. */
static void assert_digest(size_t length, size_t step)
{
    unsigned char found[DIGEST_SIZE];
    unsigned char expected[DIGEST_SIZE];
    struct digest *digest = digest_begin(&arena);
    for (size_t at = 0; at < length; at += step) {
        const size_t part = length - at < step ? length - at : step;
        char *block = digest_block(digest);
        memcpy(block, content + at, part);
        digest_add(digest, part);
        assert_memory_equal(block, content + at, part);
    }
    digest_end(digest, found);
    crypto_hash_sha256(expected, (const unsigned char *)content, length);
    assert_memory_equal(found, expected, DIGEST_SIZE);
}

static const struct length_row {
    const char *name;
    size_t length;
    size_t step;
} LENGTHS[] = {
    {"nothing", 0, 1},
    {"a byte", 1, 1},
    {"many small parts", 5000, 7},
    {"a block", DIGEST_BLOCK_SIZE, DIGEST_BLOCK_SIZE},
    {"more blocks than there is room for", SIZE, DIGEST_BLOCK_SIZE},
    {"parts that fill no block", SIZE - 1, DIGEST_BLOCK_SIZE - 1},
};

TEST(reckons_what_passes)
{
    const struct length_row *row = *state;
    make_content();
    assert_digest(row->length, row->step);
}

/* The C library has no room for another thread's stack. */
TEST(reckons_without_a_thread)
{
    const struct length_row *row = *state;
    pthread_attr_t before;
    pthread_attr_t huge;
    make_content();
    assert_int_equal(pthread_getattr_default_np(&before), 0);
    assert_int_equal(pthread_attr_init(&huge), 0);
    assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 46), 0);
    assert_int_equal(pthread_setattr_default_np(&huge), 0);
    assert_digest(row->length, row->step);
    assert_int_equal(pthread_setattr_default_np(&before), 0);
}

TEST(can_be_dropped_at_any_time)
{
    unsigned char unused[DIGEST_SIZE];
    for (size_t count = 0; count < 6; count++) {
        struct digest *digest = digest_begin(&arena);
        for (size_t i = 0; i < count; i++) {
            memset(digest_block(digest), 'x', DIGEST_BLOCK_SIZE);
            digest_add(digest, DIGEST_BLOCK_SIZE);
        }
        digest_block(digest);
        digest_end(digest, unused);
    }
}

int main(void)
{
    UNIT_ROWS(reckons_what_passes, LENGTHS);
    UNIT_ROWS(reckons_without_a_thread, LENGTHS);
    UNIT_TEST(can_be_dropped_at_any_time);
    return unit_run("system/digest");
}
