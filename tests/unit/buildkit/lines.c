#include "buildkit/lines.h"

#include "unit.h"

static struct lines *none(void)
{
    return arena_allocate(&arena, sizeof(struct lines));
}

static void add(struct lines *lines, unsigned owner, const char *text)
{
    lines_add(lines, owner, text, strlen(text));
}

static void replace(struct lines *lines, unsigned owner, const char *text)
{
    lines_replace(lines, owner, text, strlen(text));
}

static struct string_list lines_of(const struct lines *lines, unsigned owner)
{
    struct string_list list = {0};
    lines_list(&arena, lines, owner, &list);
    return list;
}

static const char *shown(const struct lines *lines, unsigned owner)
{
    const struct string_list list = lines_of(lines, owner);
    return joined(&list);
}

TEST(has_none_at_first)
{
    assert_string_equal(shown(none(), 0), "");
    assert_string_equal(shown(none(), LINES_OWNERS - 1), "");
}

TEST(keeps_the_lines_of_each_owner_in_their_order)
{
    struct lines *lines = none();
    add(lines, 0, "a");
    add(lines, LINES_OWNERS - 1, "b");
    add(lines, 0, "");
    add(lines, 0, "c");
    assert_string_equal(shown(lines, 0), "a||c");
    assert_string_equal(shown(lines, LINES_OWNERS - 1), "b");
    assert_string_equal(shown(lines, 1), "");
}

TEST(keeps_the_last_lines_of_an_owner)
{
    struct lines *lines = none();
    add(lines, 2, "quiet");
    for (int i = 0; i < 100000; i++)
        add(lines, 1, arena_format(&arena, "%d", i));
    const struct string_list kept = lines_of(lines, 1);
    assert_int_equal(kept.count, LINES_EACH);
    assert_string_equal(kept.items[0], "99980");
    assert_string_equal(kept.items[LINES_EACH - 1], "99999");
    assert_string_equal(shown(lines, 2), "quiet");
}

TEST(cuts_a_long_line)
{
    char text[2 * LINE_LIMIT];
    struct lines *lines = none();
    memset(text, 'x', sizeof(text));
    lines_add(lines, 0, text, sizeof(text));
    assert_int_equal(strlen(shown(lines, 0)), LINE_LIMIT);
}

TEST(replaces_the_newest_line_of_the_same_owner_only)
{
    struct lines *lines = none();
    replace(lines, 0, "a");
    replace(lines, 0, "b");
    add(lines, 0, "c");
    replace(lines, 0, "d");
    add(lines, 1, "e");
    replace(lines, 0, "f");
    assert_string_equal(shown(lines, 0), "b|d|f");
    assert_string_equal(shown(lines, 1), "e");
}

TEST(replaces_a_line_as_often_as_asked)
{
    struct lines *lines = none();
    add(lines, 0, "a");
    add(lines, 0, "b");
    for (int i = 0; i < 100000; i++)
        replace(lines, 0, arena_format(&arena, "%d", i));
    assert_string_equal(shown(lines, 0), "a|99999");
}

TEST(forgets_what_is_dropped)
{
    struct lines *lines = none();
    add(lines, 0, "a");
    add(lines, 1, "b");
    lines_drop(lines, 0);
    assert_string_equal(shown(lines, 0), "");
    replace(lines, 0, "c");
    add(lines, 0, "d");
    assert_string_equal(shown(lines, 0), "c|d");
    assert_string_equal(shown(lines, 1), "b");
}

/* The oldest line of all goes first, whichever owner it has. */
TEST(holds_no_more_than_its_memory)
{
    char text[LINE_LIMIT];
    size_t bytes = 0;
    struct lines *lines = none();
    memset(text, 'x', sizeof(text));
    for (unsigned i = 0; i < LINES_OWNERS * LINES_EACH; i++)
        lines_add(lines, i % LINES_OWNERS, text, sizeof(text));
    for (unsigned owner = 0; owner < LINES_OWNERS; owner++) {
        const size_t count = lines_of(lines, owner).count;
        assert_true(count == 0 || owner > LINES_OWNERS - LINES_MEMORY / LINE_LIMIT);
        bytes += count * LINE_LIMIT;
    }
    assert_true(bytes <= LINES_MEMORY);
    assert_true(bytes >= LINES_MEMORY / 2);
}

/* A step that prints much does not use up the memory that others need. */
TEST(keeps_the_lines_of_the_quiet_beside_those_of_the_loud)
{
    char text[LINE_LIMIT];
    struct lines *lines = none();
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < LINES_EACH; i++)
        add(lines, 0, "quiet");
    for (int i = 0; i < 10000; i++)
        lines_add(lines, 1 + (unsigned)i % 3, text, sizeof(text));
    assert_int_equal(lines_of(lines, 0).count, LINES_EACH);
}

/* Lines that are no longer wanted are not kept. */
TEST(touches_little_memory_for_little_text)
{
    struct lines *lines = none();
    for (unsigned i = 0; i < 10000; i++) {
        add(lines, i % 100, "a line of a step that ends");
        lines_drop(lines, i % 100);
    }
    assert_true(lines->limit <= LINES_MEMORY / 4);
}

int main(void)
{
    UNIT_TEST(has_none_at_first);
    UNIT_TEST(keeps_the_lines_of_each_owner_in_their_order);
    UNIT_TEST(keeps_the_last_lines_of_an_owner);
    UNIT_TEST(cuts_a_long_line);
    UNIT_TEST(replaces_the_newest_line_of_the_same_owner_only);
    UNIT_TEST(replaces_a_line_as_often_as_asked);
    UNIT_TEST(forgets_what_is_dropped);
    UNIT_TEST(holds_no_more_than_its_memory);
    UNIT_TEST(keeps_the_lines_of_the_quiet_beside_those_of_the_loud);
    UNIT_TEST(touches_little_memory_for_little_text);
    return unit_run("buildkit/lines");
}
