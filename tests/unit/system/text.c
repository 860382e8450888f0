#include "system/text.h"

#include "system/redaction.h"
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
    {"cut", "123 456789", "123..."},
    {"cut in a word", "123456789", "..."},
    {"a secret", "a tokEn!", "a ***!"},
    {"a secret across the cut", "abc tokEn", "abc ***"},
    {"what is rewritten in a secret", "tok\303\251n", "***"},
};

TEST(quotes)
{
    const struct quote_row *row = *state;
    char quoted[8];
    redaction_add("tokEn\ntok\303\251n");
    text_quote(quoted, sizeof(quoted), row->from);
    redaction_forget();
    assert_text(quoted, row->quoted);
}

static const struct utf8_row {
    const char *name;
    const char *from;
    const char *valid;
} TEXTS[] = {
    {"ASCII", "a\n\033", "a\n\033"},
    {"two to four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x91\xa8",
     "\xc3\xa9\xe2\x82\xac\xf0\x9f\x91\xa8"},
    {"the last character", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    {"beyond it", "\xf4\x90", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"a byte on its own",
     "a\x80"
     "b",
     "a\xef\xbf\xbd"
     "b"},
    {"a character that was cut", "a\xe2\x82", "a\xef\xbf\xbd\xef\xbf\xbd"},
    {"a character that was cut before another",
     "\xe2\x82"
     "a",
     "\xef\xbf\xbd\xef\xbf\xbd"
     "a"},
    {"a second form of a slash", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
    {"a surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"what is never a byte of it", "\xff", "\xef\xbf\xbd"},
};

TEST(makes_utf8_of)
{
    const struct utf8_row *row = *state;
    assert_text(text_utf8(&arena, row->from), row->valid);
}

TEST(writes_moments)
{
    char moment[TEXT_MOMENT_SIZE];
    text_timestamp(moment, 1800000000);
    assert_text(moment, "2027-01-15T08:00:00Z");
}

int main(void)
{
    UNIT_ROWS(quotes, QUOTES);
    UNIT_ROWS(makes_utf8_of, TEXTS);
    UNIT_TEST(writes_moments);
    return unit_run("system/text");
}
