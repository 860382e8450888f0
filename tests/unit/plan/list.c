#include "plan/list.h"

#include "unit.h"

/* How csv-parse reads a text with relaxed quotes, seen through the lists: `whole` has the records,
 * `split` the fields, with `|` between them, trimmed and without empty ones. NULL if a quote is
 * never closed. */
static const struct record_row {
    const char *name;
    const char *text;
    const char *whole;
    const char *split;
} RECORDS[] = {
    {"a quoted comma separates no fields", "\"a,b\"\nx,y", "a,b|x,y", "a|b|x|y"},
    {"CRLF ends a record", "a\r\nb", "a|b", "a|b"},
    {"a doubled quote is one quote", "\"a\"\"b\"", "a\"b", "a\"b"},
    {"a quote inside a field is itself", "a\"b,c", "a\"b,c", "a\"b|c"},
    {"a field that goes on with a space keeps its quotes", "\"a\" ,b", "\"a\" ,b", "\"a\"|b"},
    {"a field that goes on keeps its quotes", "\"ab\"cd,e", "\"ab\"cd,e", "\"ab\"cd|e"},
    {"a field that goes on keeps doubled quotes as one", "\"a\"\"b\"c,d", "\"a\"b\"c,d",
     "\"a\"b\"c|d"},
    {"an empty quoted field that goes on keeps its quotes", "\"\"a,b", "\"\"a,b", "\"\"a|b"},
    {"a space before a quote makes it literal", " \"a,b\"", " \"a,b\"", "\"a|b\""},
    {"a quote that never closes is an error", "\"ab", NULL, NULL},
    {"a quote that never closes in a later field is an error", "a,\"b", NULL, NULL},
    {"a quote that never closes in a later record is an error", "a\n\"b\nc", NULL, NULL},
    {"a lone quote is an error", "\"", NULL, NULL},
    {"a doubled quote closes nothing", "\"a\"\"", NULL, NULL},
    {"empty fields stay in a record", ",a,,b,", ",a,,b,", "a|b"},
    {"an empty quoted field is no item", "\"\"", "", ""},
    {"more quotes in a field that goes on are literal", "\"a\"b\"c\",d", "\"a\"b\"c\",d",
     "\"a\"b\"c\"|d"},
    {"a later field may be quoted", "a,\"b,c\"", "a,b,c", "a|b,c"},
    {"a quote after an equals sign is literal", "k=\"a,b\"", "k=\"a,b\"", "k=\"a|b\""},
    {"a whole pair may be quoted", "\"k=a,b\",z", "k=a,b,z", "k=a,b|z"},
    {"a quoted CRLF is kept", "\"a\r\nb\"", "a\r\nb", "a\r\nb"},
    {"a quoted LF is kept", "\"a\nb\",c\nd", "a\nb,c|d", "a\nb|c|d"},
    {"a quote at a field's end is itself", "a\"", "a\"", "a\""},
    {"a quoted quote may stand at the end", "\"a\"\"\"", "a\"", "a\""},
    {"a quoted quote may stand at the start", "\"\"\"a\"", "\"a", "\"a"},
    {"a quoted field may be one quote", "\"\"\"\"", "\"", "\""},
    {"empty lines are skipped", "\n\na\n\n", "a", "a"},
    {"empty lines with CRLF are skipped", "\r\n\r\na\r\n\r\nb\r\n", "a|b", "a|b"},
    {"no text is no record", "", "", ""},
    {"a comma at the end is an empty field", "a,\nb", "a,|b", "a|b"},
};

TEST(reads_whole_records)
{
    const struct record_row *row = *state;
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    int outcome = list_parse(&arena, LIST_UNTRIMMED, row->text, &list, &error);
    assert_int_equal(outcome, row->whole != NULL ? 0 : -1);
    if (row->whole != NULL)
        assert_text(joined(&list), row->whole);
}

TEST(splits_records)
{
    const struct record_row *row = *state;
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    int outcome = list_parse(&arena, LIST_SPLIT, row->text, &list, &error);
    assert_int_equal(outcome, row->split != NULL ? 0 : -1);
    if (row->split != NULL)
        assert_text(joined(&list), row->split);
}

static const struct item_row {
    const char *name;
    enum list_kind kind;
    const char *text;
    const char *items;
} ITEMS[] = {
    {"split items are trimmed", LIST_SPLIT, " a ,\tb\v,\f\"c\"", "a|b|\"c\""},
    {"split items of blanks are dropped", LIST_SPLIT, "a, \t ,b\n   \nc", "a|b|c"},
    {"a record of one field is split once more", LIST_SPLIT, "\"a, ,b\"", "a|b"},
    {"a record of two fields is not split once more", LIST_SPLIT, "\"a,b\",c", "a,b|c"},
    {"whole items are trimmed", LIST_WHOLE, "  a=1, 2 \n\t\"b=3\"\t\nc", "a=1, 2|\"b=3\"|c"},
    {"whole items of blanks are dropped", LIST_WHOLE, "a\n \t \n\" \"\nb", "a|b"},
    {"untrimmed items keep their blanks", LIST_UNTRIMMED, "  a= 1 \n\"b\n \"", "  a= 1 |b\n "},
    {"untrimmed items of blanks are dropped", LIST_UNTRIMMED, "a\n  \n\"\t\"\nb", "a|b"},
    {"lines keep quotes and commas", LIST_LINES, "type=oci,\"dest=a,b\"\n\"c\"",
     "type=oci,\"dest=a,b\"|\"c\""},
    {"lines keep a quote that never closes", LIST_LINES, "a\"\n\"b\nc", "a\"|\"b|c"},
    {"lines are trimmed", LIST_LINES, "  a \r\n\tb\r\n", "a|b"},
    {"blank lines are dropped", LIST_LINES, "\n\na\n \t\n\r\nb\n\n", "a|b"},
    {"no lines are no items", LIST_LINES, "", ""},
    {"an agent", LIST_AGENTS, "default", "default"},
    {"two agents", LIST_AGENTS, "default,github=/agent.sock", "default|github=/agent.sock"},
    {"agents the other way round", LIST_AGENTS, "github=/a.sock,default", "github=/a.sock|default"},
    {"agents on lines", LIST_AGENTS, "default\ngithub=/a.sock\n", "default|github=/a.sock"},
    {"keys of one agent", LIST_AGENTS, "id=/key1,/key2", "id=/key1,/key2"},
    {"keys of two agents", LIST_AGENTS, "a=/1,/2,b=/3,/4", "a=/1,/2|b=/3,/4"},
    {"blanks around agents", LIST_AGENTS, " a=/1 , /2 ,\tdefault ", "a=/1,/2|default"},
    {"agents in quotes", LIST_AGENTS, "\"default,a=/1\"", "default|a=/1"},
    {"each agent in quotes", LIST_AGENTS, "\"a=/1,/2\",\"b=/3\"", "a=/1,/2|b=/3"},
    {"empty agents are dropped", LIST_AGENTS, ",a=/1,,/2,\n,\n", "a=/1,/2"},
    {"names of agents", LIST_AGENTS, "a.b-c_1=/1,D=/2", "a.b-c_1=/1|D=/2"},
    {"a path with an equals sign", LIST_AGENTS, "a=/1,/b=2", "a=/1,/b=2"},
    {"a path that ends like an agent", LIST_AGENTS, "a=/1,/default", "a=/1,/default"},
    {"an agent without a path", LIST_AGENTS, "a=,default=", "a=|default="},
    {"words that name no agent", LIST_AGENTS, "one,two", "one,two"},
    {"no agents", LIST_AGENTS, "", ""},
};

TEST(makes_items_of_records)
{
    const struct item_row *row = *state;
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    assert_int_equal(list_parse(&arena, row->kind, row->text, &list, &error), 0);
    assert_text(joined(&list), row->items);
}

TEST(adds_to_the_items_that_are_there)
{
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    assert_int_equal(list_parse(&arena, LIST_SPLIT, "a,b", &list, &error), 0);
    assert_int_equal(list_parse(&arena, LIST_WHOLE, "c,d", &list, &error), 0);
    assert_text(joined(&list), "a|b|c,d");
}

static const struct line_row {
    const char *name;
    const char *text;
    const char *message;
} LINES[] = {
    {"on the first", "\"a\nb\nc", "on line 1 "},
    {"after records", "a\nb\n\"c", "on line 3 "},
    {"after empty lines", "\n\n\n\"a\n", "on line 4 "},
    {"after a quoted line break", "\"a\nb\"\nc,\"d", "on line 3 "},
    {"after CRLF", "a\r\n\r\n\"b", "on line 3 "},
};

TEST(says_on_which_line_a_quote_was_opened)
{
    const struct line_row *row = *state;
    struct string_list list = {0};
    struct error error = ERROR_INIT;
    assert_int_equal(list_parse(&arena, LIST_WHOLE, row->text, &list, &error), -1);
    assert_has(error.message, row->message);
}

static const struct field_row {
    const char *name;
    const char *text;
    const char *fields; /* NULL if a quote is never closed */
} FIELDS[] = {
    {"one", "type=local", "type=local"},
    {"several", "type=gha,scope=a", "type=gha|scope=a"},
    {"trimmed", " type=gha , scope=a ", "type=gha|scope=a"},
    {"quoted", "\"type=local\",\"dest=a,b\"", "type=local|dest=a,b"},
    {"empty ones are fields", "a,,b,", "a||b|"},
    {"of nothing", "", ""},
    {"of all records", "a,b\nc\r\n\nd,\"e\nf\"\n", "a|b|c|d|e\nf"},
    {"with an open quote on a later line", "a,b\nc,\"d", NULL},
    {"with an open quote", "a,\"b", NULL},
};

TEST(gives_the_fields_of_a_record)
{
    const struct field_row *row = *state;
    struct string_list fields = {0};
    int outcome = list_fields(&arena, row->text, &fields);
    assert_int_equal(outcome, row->fields != NULL ? 0 : -1);
    if (row->fields != NULL)
        assert_text(joined(&fields), row->fields);
}

static const struct quote_row {
    const char *name;
    const char *field;
    const char *quoted;
} QUOTES[] = {
    {"plain", "src=/tmp/a b", "src=/tmp/a b"},
    {"empty", "", ""},
    {"a comma", "a,b", "\"a,b\""},
    {"a quote", "a\"b", "\"a\"\"b\""},
    {"a line break", "a\nb", "\"a\nb\""},
    {"a carriage return", "a\rb", "\"a\rb\""},
    {"only quotes", "\"\"", "\"\"\"\"\"\""},
};

TEST(quotes_a_field_where_its_bytes_need_it)
{
    const struct quote_row *row = *state;
    assert_text(list_quote(&arena, row->field), row->quoted);
}

TEST(reads_back_what_it_quotes)
{
    const struct quote_row *row = *state;
    struct string_list fields = {0};
    char *record = arena_format(&arena, "%s,x", list_quote(&arena, row->field));
    assert_int_equal(list_fields(&arena, record, &fields), 0);
    assert_int_equal(fields.count, 2);
    assert_text(fields.items[0], row->field);
}

static const struct trim_row {
    const char *name;
    const char *text;
    const char *trimmed;
} TRIMS[] = {
    {"nothing around", "a", "a"},
    {"both sides", " \t\r\n\v\fa b\f\v\n\r\t ", "a b"},
    {"only blanks", " \n\t ", ""},
    {"nothing", "", ""},
    {"inside stays", "a \n b", "a \n b"},
    {"a no-break space", "\u00A0a\u00A0", "a"},
    {"an Ogham space", "\u1680a\u1680", "a"},
    {"the first and the last of the wide ones", "\u2000\u200Aa\u2000\u200A", "a"},
    {"line and paragraph separators", "\u2028\u2029a\u2028\u2029", "a"},
    {"narrow and mathematical ones", "\u202F\u205Fa\u202F\u205F", "a"},
    {"an ideographic space", "\u3000a\u3000", "a"},
    {"a byte order mark", "\uFEFFa\uFEFF", "a"},
    {"all kinds in a row", " \u00A0\t\u2003\n\uFEFFa b\uFEFF\n\u2003\t\u00A0 ", "a b"},
    {"only wide ones", "\u00A0\u3000\uFEFF", ""},
    {"wide ones inside stay", "a\u00A0b", "a\u00A0b"},
    {"zero width is no white space", "\u200Ba\u200B", "\u200Ba\u200B"},
    {"a Mongolian separator is none", "\u180Ea\u180E", "\u180Ea\u180E"},
    {"a next line is none", "\xC2\x85 a \xC2\x85", "\xC2\x85 a \xC2\x85"},
    {"a letter that ends in the same byte", "a\u00E0", "a\u00E0"},
    {"bytes that are no text", "\xA0 a \xC2", "\xA0 a \xC2"},
};

TEST(trims_leading_and_trailing_white_space)
{
    const struct trim_row *row = *state;
    assert_text(text_trim(&arena, row->text), row->trimmed);
}

int main(void)
{
    UNIT_ROWS(reads_whole_records, RECORDS);
    UNIT_ROWS(splits_records, RECORDS);
    UNIT_ROWS(makes_items_of_records, ITEMS);
    UNIT_TEST(adds_to_the_items_that_are_there);
    UNIT_ROWS(says_on_which_line_a_quote_was_opened, LINES);
    UNIT_ROWS(gives_the_fields_of_a_record, FIELDS);
    UNIT_ROWS(quotes_a_field_where_its_bytes_need_it, QUOTES);
    UNIT_ROWS(reads_back_what_it_quotes, QUOTES);
    UNIT_ROWS(trims_leading_and_trailing_white_space, TRIMS);
    return unit_run("plan/list");
}
