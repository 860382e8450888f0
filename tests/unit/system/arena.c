#include "system/arena.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>

static const struct size_row {
    const char *name;
    size_t size;
} SIZES[] = {
    {"0 bytes", 0},        {"1 byte", 1},           {"15 bytes", 15},
    {"16 bytes", 16},      {"17 bytes", 17},        {"4095 bytes", 4095},
    {"16 KiB", 16 * 1024}, {"16 KiB and 1", 16385}, {"100000 bytes", 100000},
};

static void check_memory(struct arena *from, size_t size)
{
    for (int i = 0; i < 3; i++) {
        unsigned char *memory = arena_allocate(from, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(memory[at], 0);
        if (size > 0)
            memset(memory, 0xff, size);
    }
}

TEST(gives_zeroed_and_aligned)
{
    const struct size_row *row = *state;
    check_memory(&arena, row->size);
}

TEST(gives_secret_zeroed_and_aligned)
{
    const struct size_row *row = *state;
    check_memory(&vault, row->size);
}

TEST(gives_memory_of_its_own_each_time)
{
    enum { BLOCKS = 64 };
    unsigned char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = arena_allocate(&arena, (size_t)i + 1);
        memset(blocks[i], i, (size_t)i + 1);
    }
    for (int i = 0; i < BLOCKS; i++)
        for (int at = 0; at <= i; at++)
            assert_int_equal(blocks[i][at], i);
}

TEST(copies_text)
{
    char text[] = "some text";
    char *copy = arena_copy(&arena, text);
    text[0] = 'S';
    assert_text(copy, "some text");
    assert_text(arena_copy(&arena, ""), "");
}

TEST(copies_bytes_and_ends_them_with_a_nul)
{
    const char bytes[] = {'a', '\0', 'b'};
    char *copy = arena_copy_bytes(&arena, bytes, 3);
    assert_memory_equal(copy, "a\0b", 4);
    assert_memory_equal(arena_copy_bytes(&arena, bytes, 0), "", 1);
    assert_memory_equal(arena_copy_bytes(&arena, NULL, 0), "", 1);
}

TEST(formats_text_of_any_length)
{
    assert_text(arena_format(&arena, "%s-%d%%", "a", 7), "a-7%");
    assert_text(arena_format(&arena, "%s", ""), "");
    char *longer = arena_format(&arena, "%*s", 100000, "a");
    assert_int_equal(strlen(longer), 100000);
    assert_int_equal(longer[99999], 'a');
}

TEST(may_be_used_anew_when_freed)
{
    arena_copy(&arena, "a");
    arena_free(&arena);
    assert_null(arena.chunks);
    assert_text(arena_copy(&arena, "b"), "b");
    arena_copy(&vault, "a");
    arena_free(&vault);
    assert_null(vault.chunks);
    assert_true(unit_is_secret_memory(arena_copy(&vault, "b")));
}

TEST(freeing_an_empty_arena_does_nothing)
{
    struct arena empty = ARENA_INIT;
    arena_free(&empty);
    arena_free(&empty);
    assert_null(empty.chunks);
}

TEST(secret_memory_is_left_out_of_core_dumps)
{
    assert_true(unit_is_secret_memory(arena_copy(&vault, "a")));
    assert_true(unit_is_secret_memory(arena_format(&vault, "%d", 1)));
    assert_true(unit_is_secret_memory(arena_allocate(&vault, 100000)));
    assert_false(unit_is_secret_memory(arena_copy(&arena, "a")));
}

/* The tests themselves read memory that must no longer be there. */
static int read_behind_a_secret(void)
{
    volatile char *memory = arena_allocate(&vault, 16);
    return memory[16] == 0 ? 0 : 1;
}

static int read_a_secret_that_was_freed(void)
{
    volatile char *memory = arena_allocate(&vault, 16);
    arena_free(&vault);
    return memory[0] == 0 ? 0 : 1;
}

TEST(secret_memory_lies_between_guard_pages)
{
    assert_int_equal(unit_in_child(read_behind_a_secret), 128 + SIGSEGV);
}

TEST(a_freed_secret_is_gone)
{
    assert_int_equal(unit_in_child(read_a_secret_that_was_freed), 128 + SIGSEGV);
}

static int allocate_too_much(void)
{
    arena_allocate(&arena, SIZE_MAX);
    return 0;
}

static int allocate_nearly_too_much(void)
{
    arena_allocate(&arena, SIZE_MAX - 32);
    return 0;
}

static int allocate_more_secrets_than_there_is_memory(void)
{
    arena_allocate(&vault, SIZE_MAX / 4);
    return 0;
}

TEST(exits_with_1_without_memory)
{
    assert_int_equal(unit_in_child(allocate_too_much), 1);
    assert_int_equal(unit_in_child(allocate_nearly_too_much), 1);
    assert_int_equal(unit_in_child(allocate_more_secrets_than_there_is_memory), 1);
}

TEST(is_freed_at_the_end_of_its_block)
{
    {
        scoped_arena scratch = ARENA_INIT;
        arena_allocate(&scratch, 1 << 20);
        errno = ENOSPC;
    }
    assert_int_equal(errno, ENOSPC);
}

int main(void)
{
    UNIT_ROWS(gives_zeroed_and_aligned, SIZES);
    UNIT_ROWS(gives_secret_zeroed_and_aligned, SIZES);
    UNIT_TEST(gives_memory_of_its_own_each_time);
    UNIT_TEST(copies_text);
    UNIT_TEST(copies_bytes_and_ends_them_with_a_nul);
    UNIT_TEST(formats_text_of_any_length);
    UNIT_TEST(may_be_used_anew_when_freed);
    UNIT_TEST(freeing_an_empty_arena_does_nothing);
    UNIT_TEST(secret_memory_is_left_out_of_core_dumps);
    UNIT_TEST(secret_memory_lies_between_guard_pages);
    UNIT_TEST(a_freed_secret_is_gone);
    UNIT_TEST(exits_with_1_without_memory);
    UNIT_TEST(is_freed_at_the_end_of_its_block);
    return unit_run("system/arena");
}
