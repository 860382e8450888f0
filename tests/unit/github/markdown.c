#include "github/markdown.h"

#include "unit.h"

static const struct span_row {
    const char *name;
    const char *text;
    const char *span; /* NULL: left out */
} SPANS[] = {
    {"a name", "RUN npm ci", "`RUN npm ci`"},
    {"what is Markdown elsewhere", "a_b*c<d>|e [f](g) \\` ![h]", "``a_b*c<d>|e [f](g) \\` ![h]``"},
    {"a backtick inside", "a`b", "``a`b``"},
    {"two runs of backticks", "a```b`c", "````a```b`c````"},
    {"a backtick at its start", "`a", "`` `a ``"},
    {"a backtick at its end", "a`", "`` a` ``"},
    {"nothing but backticks", "```", "```` ``` ````"},
    {"blanks around", " a ", "`  a  `"},
    {"a blank at its end", "a ", "` a  `"},
    {"UTF-8", "größer – ✓", "`größer – ✓`"},
    {"bytes that are no UTF-8", "a\xff\xc2", "`a\xff\xc2`"},
    {"an emoji with a joiner", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x92\xbb",
     "`\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x92\xbb`"},
    {"nothing", "", NULL},
    {"NULL", NULL, NULL},
    {"a line feed", "a\nb", NULL},
    {"a carriage return", "a\rb", NULL},
    {"a tab", "a\tb", NULL},
    {"an escape sequence", "\033[31ma", NULL},
    {"a delete", "a\x7f", NULL},
    {"C1: next line", "a\xc2\x85", NULL},
    {"C1: CSI", "a\xc2\x9b", NULL},
    {"a no-break space, which is no control character", "a\xc2\xa0", "`a\xc2\xa0`"},
    {"a line separator", "a\xe2\x80\xa8", NULL},
    {"text turned around", "a\xe2\x80\xae", NULL},
    {"a mark of direction", "a\xe2\x80\x8f", NULL},
    {"an isolate", "a\xe2\x81\xa7", NULL},
};

TEST(shows_in_a_span)
{
    const struct span_row *row = *state;
    assert_text(markdown_span(&arena, row->text), row->span);
}

static const char *repeated(char byte, size_t count)
{
    char *text = arena_allocate(&arena, count + 1);
    memset(text, byte, count);
    return text;
}

TEST(leaves_a_long_text_out_rather_than_cut_it)
{
    const char *longest = repeated('a', MARKDOWN_SPAN_LIMIT - 2);
    assert_text(markdown_span(&arena, longest), arena_format(&arena, "`%s`", longest));
    assert_null(markdown_span(&arena, repeated('a', MARKDOWN_SPAN_LIMIT - 1)));
}

static const struct block_row {
    const char *name;
    const char *lines[5];
    const char *block;
} BLOCKS[] = {
    {"no line", {NULL}, ""},
    {"a line", {"a"}, "```\na\n```\n"},
    {"a line without text", {"", "a"}, "```\n\na\n```\n"},
    {"Markdown and HTML", {"# a_b*c<d>|e", "</details>"}, "```\n# a_b*c<d>|e\n</details>\n```\n"},
    {"control characters", {"\033[31ma\tb\x7f"}, "```\n\033[31ma\tb\x7f\n```\n"},
    {"a short run of backticks", {"``"}, "```\n``\n```\n"},
    {"a fence", {"```", "a"}, "````\n```\na\n````\n"},
    {"a long fence", {"a", "``````b"}, "```````\na\n``````b\n```````\n"},
    {"a carriage return before a fence", {"a\r```\rb"}, "````\na\r```\rb\n````\n"},
    {"what does not fit",
     {"0123456789012345678", "012345678901234567", "a", "b"},
     "```\n0123456789012345678\n012345678901234567\n```\n\n2 more lines would not fit here.\n"},
    {"one line that does not fit",
     {"0123456789012345678", "0123456789012345678901"},
     "```\n0123456789012345678\n```\n\n1 more line would not fit here.\n"},
    {"a first line that does not fit",
     {"0123456789012345678901234567890123456789"},
     "\n1 more line would not fit here.\n"},
};

TEST(shows_in_a_block)
{
    const struct block_row *row = *state;
    const struct string_list lines = unit_list(row->lines);
    assert_text(markdown_block(&arena, &lines, 45), row->block);
}

static const struct sentence_row {
    const char *name;
    const char *text;
    bool as_it_is;
} SENTENCES[] = {
    {"plain", "Depot builds, with the job's OIDC identity (see above).", true},
    {"a quotation", "Set `push: ${{ x }}` or `a_b*c<d>|e` (here)", true},
    {"a variable", "Set DEPOT_PROJECT_ID", true},
    {"emphasis", "Set *this*", false},
    {"HTML", "Set <b>", false},
    {"a link", "See [this](x)", false},
    {"an address", "See https://example.com", false},
    {"an address without a scheme", "See WWW.example.com", false},
    {"a quoted address", "See `https://example.com`", true},
    {"a mention", "Ask @octo", false},
    {"a quotation that does not end", "Set `push", false},
    {"a quotation that ends early", "Set `a` <b> `c`", false},
    {"two backticks", "Set ``a` <b>``", false},
    {"a backslash, which would escape", "Set \\`a\\`", false},
    {"a heading", "# Set", false},
    {"a list", "- Set", false},
    {"UTF-8", "größer", false},
};

TEST(counts_backticks_of_the_fence_too)
{
    const char *line = repeated('`', 1000);
    const struct string_list lines = unit_list((const char *const[]){"a", line, NULL});
    assert_text(markdown_block(&arena, &lines, 2999),
                "```\na\n```\n\n1 more line would not fit here.\n");
    assert_int_equal(strlen(markdown_block(&arena, &lines, 3100)), 2 * 1002 + 2 + 1001);
    assert_null(markdown_span(&arena, repeated('`', 400)));
}

TEST(shows_a_sentence)
{
    const struct sentence_row *row = *state;
    const char *shown = markdown_sentence(&arena, row->text);
    assert_text(shown, row->as_it_is ? row->text : markdown_span(&arena, row->text));
}

TEST(leaves_out_a_sentence_that_cannot_be_shown)
{
    assert_null(markdown_sentence(&arena, "Two\nlines"));
    assert_null(markdown_sentence(&arena, NULL));
}

int main(void)
{
    UNIT_ROWS(shows_in_a_span, SPANS);
    UNIT_TEST(leaves_a_long_text_out_rather_than_cut_it);
    UNIT_ROWS(shows_in_a_block, BLOCKS);
    UNIT_TEST(counts_backticks_of_the_fence_too);
    UNIT_ROWS(shows_a_sentence, SENTENCES);
    UNIT_TEST(leaves_out_a_sentence_that_cannot_be_shown);
    return unit_run("github/markdown");
}
