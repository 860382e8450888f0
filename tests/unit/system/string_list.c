#include "system/string_list.h"

#include "unit.h"

TEST(a_new_list_is_empty)
{
    struct string_list list = {0};
    assert_null(list.items);
    assert_int_equal(list.count, 0);
    assert_text(joined(&list), "");
    assert_false(string_list_has(&list, ""));
}

TEST(a_list_keeps_pointers)
{
    struct string_list list = {0};
    char text[] = "a";
    string_list_add(&arena, &list, text);
    text[0] = 'b';
    assert_ptr_equal(list.items[0], text);
    assert_true(string_list_has(&list, "b"));
}

TEST(a_list_has_a_null_behind_its_last)
{
    enum { ITEMS = 100 };
    struct string_list list = {0};
    for (int i = 0; i < ITEMS; i++) {
        string_list_add(&arena, &list, arena_format(&arena, "%d", i));
        assert_int_equal(list.count, i + 1);
        assert_null(list.items[i + 1]);
        for (int at = 0; at <= i; at++)
            assert_text(list.items[at], arena_format(&arena, "%d", at));
    }
}

TEST(a_list_of_strings_is_made_at_once)
{
    struct string_list list = string_list_of(&arena, "docker", "buildx", "");
    assert_int_equal(list.count, 3);
    assert_text(joined(&list), "docker|buildx|");
    assert_null(list.items[3]);
}

TEST(a_list_of_strings_ends_at_a_null)
{
    struct string_list list = string_list_of(&arena, "a", NULL, "b");
    assert_text(joined(&list), "a");
}

static const struct join_row {
    const char *name;
    const char *items[4];
    const char *separator;
    const char *text;
} JOINS[] = {
    {"nothing", {NULL}, ",", ""},
    {"one", {"a"}, ",", "a"},
    {"several", {"a", "b", "c"}, ",", "a,b,c"},
    {"a longer separator", {"a", "b"}, " and ", "a and b"},
    {"an empty separator", {"a", "b"}, "", "ab"},
    {"empty items", {"", "", ""}, ",", ",,"},
};

TEST(joins)
{
    const struct join_row *row = *state;
    struct string_list list = unit_list(row->items);
    assert_text(string_list_join(&arena, &list, row->separator), row->text);
}

TEST(finds_whole_items_only)
{
    struct string_list list = unit_list((const char *const[]){"ab", "c", NULL});
    assert_true(string_list_has(&list, "ab"));
    assert_true(string_list_has(&list, "c"));
    assert_false(string_list_has(&list, "a"));
    assert_false(string_list_has(&list, "abc"));
    assert_false(string_list_has(&list, ""));
}

int main(void)
{
    UNIT_TEST(a_new_list_is_empty);
    UNIT_TEST(a_list_of_strings_is_made_at_once);
    UNIT_TEST(a_list_of_strings_ends_at_a_null);
    UNIT_TEST(a_list_keeps_pointers);
    UNIT_TEST(a_list_has_a_null_behind_its_last);
    UNIT_ROWS(joins, JOINS);
    UNIT_TEST(finds_whole_items_only);
    return unit_run("system/string_list");
}
