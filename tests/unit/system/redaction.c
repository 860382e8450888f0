#include "system/redaction.h"

#include "unit.h"

static const struct lines_row {
    const char *name;
    const char *value;
    const char *lines;
} LINES[] = {
    {"one line", "secret", "secret"},
    {"several lines", "first\nsecond", "first|second"},
    {"CRLF", "first\r\nsecond\r\n", "first|second"},
    {"a carriage return", "first\rsecond", "first|second"},
    {"empty lines", "\n\nfirst\n\n", "first"},
    {"a blank line", "first\n \t \nsecond", "first|second"},
    {"nothing", "", ""},
    {"blanks around", "  a b c\t", "  a b c\t|a b c"},
    {"an indented line", "{\n  \"key\": 1\n}", "  \"key\": 1|\"key\": 1"},
    {"base64 without padding", "QUJD", "QUJD"},
    {"base64 with padding", "QUI=\nQQ==", "QUI=|QQ=="},

    {"three characters", "abc", ""},
    {"three characters and blanks", "  abc  ", ""},
    {"three characters of several bytes", "\xc3\xa9\xc3\xa9\xc3\xa9", ""},
    {"four characters of several bytes", "\xc3\xa9\xc3\xa9\xc3\xa9z", "\xc3\xa9\xc3\xa9\xc3\xa9z"},
    {"a number of one digit", "1", ""},
    {"a brace", "    }", ""},
    {"punctuation alone", "--====--", ""},
    {"punctuation and blanks", "} , ]", ""},
    {"true", "true", ""},
    {"True", "True", ""},
    {"FALSE", "FALSE", ""},
    {"null", "null", ""},
    {"none", "None", ""},
    {"yes", "yes", ""},
    {"no", "no", ""},
    {"true in a list", "  true,", ""},
    {"null in quotes", "\"null\"", ""},
    {"a word that begins with one", "truesecret", "truesecret"},
    {"a word with punctuation", "-abc-", "-abc-"},
};

TEST(finds_the_lines_that_are_secret)
{
    const struct lines_row *row = *state;
    struct string_list lines = {0};
    secret_lines(&vault, row->value, &lines);
    assert_text(joined(&lines), row->lines);
}

#define LONG "this is a secret of several words"

static const struct text_row {
    const char *name;
    const char *secret;
    const char *text;
    const char *redacted;
} TEXTS[] = {
    {"nothing", "secret", "", ""},
    {"no secret", "secret", "a text", "a text"},
    {"the secret alone", "secret", "secret", "***"},
    {"within", "secret", "a secret.", "a ***."},
    {"twice", "secret", "secret, secret", "***, ***"},
    {"side by side", "secret", "secretsecret", "***"},
    {"overlapping", "abab", "abababab!", "***!"},
    {"part of one", "secret", "a secre and cret", "a secre and cret"},
    {"every second character", "-a-b", "x-a-bx-a-bx", "x***x***x"},
    {"two that overlap", "abcd\ncdef", "abcdef", "***"},
    {"the lines of one", "first\nsecond", "first, then second\nfirst", "***, then ***\n***"},
    {"a line break of another kind", "first\nsecond", "first second", "*** ***"},
    {"what ends with a carriage return", "first\r\nsecond\r\n", "first\nsecond", "***\n***"},
    {"without the blanks around it", "  secret ", "a secret.", "a ***."},
    {"its tab as a space", "user\tpassword", "user password", "***"},
    {"its tab as it is", "user\tpassword", "user\tpassword", "***"},
    {"its tab as JSON has it", "user\tpassword", "user\\tpassword", "***"},
    {"without its escape sequences", "pass\033[1mword", "password", "***"},
    {"its quotes as JSON has them", "{\"auth\": \"x\"}", "a \"{\\\"auth\\\": \\\"x\\\"}\"",
     "a \"***\""},
    {"its quotes as CSV has them", "a \"quoted\" word", "\"A=a \"\"quoted\"\" word\"", "\"A=***\""},
    {"its signs as JSON for HTML has them", "a&\"b\"<c>d", "\"a\\u0026\\\"b\\\"\\u003cc\\u003ed\"",
     "\"***\""},
    {"its quotes as a shell shows them", "it's a secret", "+ echo 'it'\\''s a secret'",
     "+ echo '***'"},
    {"what is not masked", "1\n{\n}\ntrue", "1 {} true", "1 {} true"},
};

TEST(redacts)
{
    const struct text_row *row = *state;
    redaction_forget();
    redaction_add("another secret");
    redaction_add(row->secret);
    assert_text(redact(&arena, row->text), row->redacted);
}

static const struct cut_row {
    const char *name;
    const char *text; /* its end is missing, or only the rest of it is left */
    const char *cut;
    size_t most; /* 0: it was already cut */
} CUTS[] = {
    {"a cut in a word", "one two th", "one two..."},
    {"a cut after a blank", "one two ", "one two..."},
    {"a cut after a line", "one\ntwo\n", "one\ntwo..."},
    {"one word", "one", "..."},
    {"nothing", "", "..."},
    {"a whole secret", "see " LONG " or", "see ***..."},
    {"a secret at the end", "see " LONG, "see..."},
    {"a part of a secret", "see this is a secret of sev", "see..."},
    {"one character of a secret", "see t", "see..."},
    {"a part that ends in a blank", "see this is ", "see..."},
    {"a part and nothing else", "this is a", "..."},

    {"what fits", "one two", "one two", 7},
    {"what does not", "one two", "one...", 6},
    {"a word that just fits", "one two three", "one two...", 10},
    {"a word that just does not", "one two three", "one...", 9},
    {"several blanks", "one   two three", "one...", 9},
    {"a secret across the cut", "see " LONG, "see ***", 8},
    {"a secret across it that is not the end", "see " LONG ", and more", "see...", 8},
    {"a long word", "0123456789012345678901234567890123456789", "...", 20},
};

TEST(shows_no_part_of_a_secret_at_a_cut)
{
    const struct cut_row *row = *state;
    redaction_forget();
    redaction_add(LONG);
    const char *cut = row->most == 0 ? redact_unfinished(&arena, row->text)
                                     : redact_cut(&arena, row->text, row->most);
    assert_text(cut, row->cut);
    assert_true(row->most == 0 || strlen(cut) <= row->most);
}

TEST(shows_no_part_of_a_secret_at_any_cut)
{
    const char *text = "a " LONG " and " LONG ", b";
    redaction_forget();
    redaction_add(LONG);
    for (size_t most = 3; most < strlen(text); most++) {
        assert_has_not(redact_cut(&arena, text, most), "this");
        const char *part = arena_copy_bytes(&arena, text, most);
        assert_has_not(redact_unfinished(&arena, part), "this");
    }
}

static char taken[256];

static void take(void *context, const char *bytes, size_t length)
{
    (void)context;
    strncat(taken, bytes, length);
    assert_true(length > 0);
}

static const char *streamed(const char *text, size_t portion)
{
    struct redacted_stream stream = {.take = take};
    const size_t length = strlen(text);
    taken[0] = '\0';
    for (size_t at = 0; at < length; at += portion)
        redact_stream(&stream, text + at, length - at < portion ? length - at : portion);
    redact_stream_end(&stream);
    return taken;
}

TEST(redacts_a_stream_in_portions_of_any_size)
{
    const struct text_row *row = *state;
    redaction_forget();
    redaction_add("another secret");
    redaction_add(row->secret);
    for (size_t portion = 1; portion <= strlen(row->text); portion++)
        assert_text(streamed(row->text, portion), row->redacted);
}

TEST(holds_nothing_back_that_ends_with_a_line_feed)
{
    struct redacted_stream stream = {.take = take};
    redaction_forget();
    redaction_add("secret word");
    taken[0] = '\0';
    redact_stream(&stream, "a secret\n", 9);
    assert_text(taken, "a secret\n");
    redact_stream(&stream, "a secret", 8);
    assert_text(taken, "a secret\na ");
    redact_stream(&stream, " wor", 4);
    redact_stream(&stream, "k", 1);
    assert_text(taken, "a secret\na secret work");
}

TEST(finds_the_shortest_secret_at_any_place)
{
    redaction_forget();
    redaction_add("abcd");
    for (size_t blanks = 0; blanks < 7; blanks++) {
        const char *before = &"       "[7 - blanks];
        const char *text = arena_format(&arena, "%sabcd", before);
        assert_text(streamed(text, 100), arena_format(&arena, "%s***", before));
        text = arena_format(&arena, "%sabc abcd.", before);
        assert_text(streamed(text, 100), arena_format(&arena, "%sabc ***.", before));
    }
}

TEST(ends_a_stream_with_no_part_of_a_secret)
{
    redaction_forget();
    redaction_add("secret word");
    assert_text(streamed("a secret", 100), "a ***");
    assert_text(streamed("a secr", 1), "a ***");
    assert_text(streamed("a sec", 1), "a sec");
}

TEST(streams_bytes_that_are_no_text)
{
    struct redacted_stream stream = {.take = take};
    redaction_forget();
    redaction_add("secret word");
    taken[0] = '\0';
    redact_stream(&stream, "\0secret word", 12);
    assert_text(taken, "***");
}

TEST(forgets)
{
    redaction_add("secret");
    redaction_forget();
    assert_text(redact(&arena, "secret"), "secret");
    redaction_add("secret");
    assert_text(redact(&arena, "secret"), "***");
}

TEST(adds_a_secret_of_many_lines)
{
    char *value = arena_allocate(&arena, 5 * 1000 + 1);
    for (int i = 0; i < 1000; i++)
        snprintf(value + (size_t)i * 5, 6, "%04d\n", i);
    redaction_forget();
    redaction_add(value);
    redaction_add(value);
    assert_text(redact(&arena, "0000 0999 1000"), "*** *** 1000");
    redaction_forget();
}

int main(void)
{
    UNIT_ROWS(finds_the_lines_that_are_secret, LINES);
    UNIT_ROWS(redacts, TEXTS);
    UNIT_ROWS(shows_no_part_of_a_secret_at_a_cut, CUTS);
    UNIT_TEST(shows_no_part_of_a_secret_at_any_cut);
    UNIT_ROWS(redacts_a_stream_in_portions_of_any_size, TEXTS);
    UNIT_TEST(holds_nothing_back_that_ends_with_a_line_feed);
    UNIT_TEST(finds_the_shortest_secret_at_any_place);
    UNIT_TEST(ends_a_stream_with_no_part_of_a_secret);
    UNIT_TEST(streams_bytes_that_are_no_text);
    UNIT_TEST(forgets);
    UNIT_TEST(adds_a_secret_of_many_lines);
    return unit_run("system/redaction");
}
