#include "system/text.h"

#include "unit.h"

static const struct quote_row {
    const char *name;
    const char *from;
    const char *quoted;
} QUOTES[] = {
    {"plain", "a b~", "a b~"},
    {"empty", "", ""},
    {"control", "a\nb\033c", "a?b?c"},
    {"beyond ASCII", "\xc3\xa9", "??"},
    {"as long as fits", "1234567", "1234567"},
    {"cut", "123456789", "1234567"},
};

TEST(quotes)
{
    const struct quote_row *row = *state;
    char quoted[8];
    text_quote(quoted, sizeof(quoted), row->from);
    assert_text(quoted, row->quoted);
}

int main(void)
{
    UNIT_ROWS(quotes, QUOTES);
    return unit_run("system/text");
}
