#include "system/secret.h"

#include "unit.h"

#include <cjson/cJSON.h>
#include <sys/resource.h>

TEST(turns_core_dumps_off)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_int_equal(limit.rlim_cur, 0);
    assert_int_equal(limit.rlim_max, 0);
}

TEST(may_start_twice)
{
    secret_start();
    assert_text(arena_copy(&vault, "a"), "a");
}

TEST(a_nonce_is_32_hexadecimal_digits)
{
    char nonce[SECRET_NONCE_SIZE];
    memset(nonce, 'x', sizeof(nonce));
    secret_nonce(nonce);
    assert_int_equal(strspn(nonce, "0123456789abcdef"), 32);
    assert_int_equal(nonce[32], '\0');
}

TEST(no_nonce_comes_twice_and_no_digit_is_fixed)
{
    enum { NONCES = 64 };
    static char nonces[NONCES][SECRET_NONCE_SIZE];
    for (int i = 0; i < NONCES; i++) {
        secret_nonce(nonces[i]);
        for (int before = 0; before < i; before++)
            assert_string_not_equal(nonces[before], nonces[i]);
    }
    for (int digit = 0; digit < SECRET_NONCE_SIZE - 1; digit++) {
        bool varies = false;
        for (int i = 1; i < NONCES; i++)
            varies = varies || nonces[i][digit] != nonces[0][digit];
        assert_true(varies);
    }
}

TEST(allocates_zeroed)
{
    unsigned char *memory = secret_heap_allocate_zeroed(3, 100);
    assert_non_null(memory);
    for (int i = 0; i < 300; i++)
        assert_int_equal(memory[i], 0);
    secret_heap_free(memory);
}

static int allocate_too_much(void)
{
    return secret_heap_allocate(SIZE_MAX - 8) != NULL ? 0 : 2;
}

static int allocate_too_many(void)
{
    return secret_heap_allocate_zeroed(SIZE_MAX / 2, 3) != NULL ? 0 : 2;
}

static int allocate_too_large_ones(void)
{
    return secret_heap_allocate_zeroed(3, SIZE_MAX / 2) != NULL ? 0 : 2;
}

static int resize_to_too_much(void)
{
    return secret_heap_resize(secret_heap_copy("abc"), SIZE_MAX) != NULL ? 0 : 2;
}

TEST(exits_with_1_without_memory)
{
    assert_int_equal(unit_in_child(allocate_too_much), 1);
    assert_int_equal(unit_in_child(allocate_too_many), 1);
    assert_int_equal(unit_in_child(allocate_too_large_ones), 1);
    assert_int_equal(unit_in_child(resize_to_too_much), 1);
}

TEST(resizes_with_what_is_there)
{
    char *memory = secret_heap_resize(NULL, 4);
    assert_non_null(memory);
    memcpy(memory, "abc", 4);
    memory = secret_heap_resize(memory, 4000);
    assert_text(memory, "abc");
    memset(memory, 'x', 4000);
    memory = secret_heap_resize(memory, 2);
    assert_memory_equal(memory, "xx", 2);
    secret_heap_free(memory);
}

TEST(copies_text)
{
    char text[] = "abc";
    char *copy = secret_heap_copy(text);
    text[0] = 'x';
    assert_text(copy, "abc");
    secret_heap_free(copy);
    copy = secret_heap_copy("");
    assert_text(copy, "");
    secret_heap_free(copy);
}

TEST(frees_nothing)
{
    secret_heap_free(NULL);
}

/* Reads memory that was freed, because that is what these tests check. AddressSanitizer's
 * quarantine keeps it unchanged. */
__attribute__((no_sanitize("address"))) static bool is_wiped(const volatile char *memory,
                                                             size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (memory[i] != 0)
            return false;
    return true;
}

TEST(wipes_what_it_frees)
{
    enum { SIZE = 100 };
    char *memory = secret_heap_allocate(SIZE);
    const uintptr_t address = (uintptr_t)memory;
    memset(memory, 'x', SIZE);
    secret_heap_free(memory);
    assert_true(is_wiped((const volatile char *)address, SIZE));
}

TEST(wipes_what_a_resize_leaves)
{
    enum { SIZE = 100 };
    char *memory = secret_heap_allocate(SIZE);
    const uintptr_t address = (uintptr_t)memory;
    memset(memory, 'x', SIZE);
    memory = secret_heap_resize(memory, SIZE * 2);
    assert_true((uintptr_t)memory == address || is_wiped((const volatile char *)address, SIZE));
    secret_heap_free(memory);
}

TEST(has_cjson_wipe_what_it_frees)
{
    static const char text[] = "{\"token\":\"hidden-hidden-hidden\"}";
    cJSON *root = cJSON_Parse(text);
    assert_non_null(root);
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "token"));
    const uintptr_t address = (uintptr_t)value;
    size_t length = strlen(value);
    cJSON_Delete(root);
    assert_true(is_wiped((const volatile char *)address, length));
}

int main(void)
{
    UNIT_TEST(turns_core_dumps_off);
    UNIT_TEST(may_start_twice);
    UNIT_TEST(a_nonce_is_32_hexadecimal_digits);
    UNIT_TEST(no_nonce_comes_twice_and_no_digit_is_fixed);
    UNIT_TEST(allocates_zeroed);
    UNIT_TEST(exits_with_1_without_memory);
    UNIT_TEST(resizes_with_what_is_there);
    UNIT_TEST(copies_text);
    UNIT_TEST(frees_nothing);
    UNIT_TEST(wipes_what_it_frees);
    UNIT_TEST(wipes_what_a_resize_leaves);
    UNIT_TEST(has_cjson_wipe_what_it_frees);
    return unit_run("system/secret");
}
