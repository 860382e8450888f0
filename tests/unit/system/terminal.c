#include "system/terminal.h"

#include "unit.h"

static const struct row {
    const char *name;
    const char *line;
    const char *plain;
} ROWS[] = {
    {"plain", "a b", "a b"},
    {"empty", "", ""},
    {"a tab", "a\tb", "a\tb"},
    {"a tab after an escape", "\033[31ma\tb\033[0m", "a\tb"},
    {"control characters", "a\a\bb\x7f", "ab"},
    {"beyond ASCII", "\xc3\xa9", "\xc3\xa9"},
    {"a colour", "\033[1;31ma\033[0m", "a"},
    {"a title", "\033]0;title\aa", "a"},
    {"a title with its terminator", "\033]0;title\033\\a", "a"},
    {"a character set", "\033(Ba", "a"},
    {"a sequence of two", "\033ca", "a"},
    {"half a sequence", "a\033[1;3", "a"},
    {"an escape alone", "a\033", "a"},
};

TEST(is_as_a_terminal_shows_it)
{
    const struct row *row = *state;
    char *line = arena_copy(&arena, row->line);
    terminal_plain(line, strlen(line));
    assert_text(line, row->plain);
}

int main(void)
{
    UNIT_ROWS(is_as_a_terminal_shows_it, ROWS);
    return unit_run("system/terminal");
}
