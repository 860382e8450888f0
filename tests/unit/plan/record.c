#include "plan/record.h"

#include "unit.h"

static const struct record_row {
    const char *name; /* the record */
    const char *type; /* the value of `type` */
    const char *text; /* written again */
} ROWS[] = {
    {"type=a", "a", "type=a"},
    {"a=b,type=c", "c", "a=b,type=c"},
    {" a=b , type=c ", "c", "a=b,type=c"},
    {"type=a,type=b", "a", "type=a,type=b"},
    {"type=", "", "type="},
    {"type=a=b", "a=b", "type=a=b"},
    {"type", NULL, "type"},
    {"types=a", NULL, "types=a"},
    {"Type=a", "a", "Type=a"},
    {"b=c,TYPE=A", "A", "b=c,TYPE=A"},
    {"mytype=a", NULL, "mytype=a"},
    {"\"type=a,b\",c=d", "a,b", "\"type=a,b\",c=d"},
    {"\"type=a\",\"c=d\"", "a", "type=a,c=d"},
    {"\"type=a\"\"b\"", "a\"b", "\"type=a\"\"b\""},
    {"", NULL, ""},
};

TEST(finds_an_attribute_and_writes_the_record_again)
{
    const struct record_row *row = *state;
    struct record record;
    assert_int_equal(record_parse(&arena, row->name, &record), 0);
    assert_text(record.text, row->name);
    assert_text(record_get(&record, "type"), row->type);
    assert_text(record_format(&arena, &record), row->text);
    assert_int_equal(record_is(&record, "type", row->type != NULL ? row->type : "a"),
                     row->type != NULL);
    assert_false(record_is(&record, "type", "something else"));
}

TEST(has_no_fields_where_a_quote_never_closes)
{
    struct record record;
    assert_int_equal(record_parse(&arena, "type=a,\"b", &record), -1);
    assert_text(record.text, "type=a,\"b");
    assert_text(record_get(&record, "type"), NULL);
    assert_text(record_format(&arena, &record), "");
}

TEST(parses_a_list_of_records)
{
    struct string_list texts = unit_list((const char *const[]){"type=a", "\"", "b", NULL});
    struct records records = records_parse(&arena, &texts);
    assert_int_equal(records.count, 3);
    assert_text(record_get(&records.items[0], "type"), "a");
    assert_int_equal(records.items[1].fields.count, 0);
    assert_text(records.items[2].text, "b");
    assert_int_equal(records_parse(&arena, &(struct string_list){0}).count, 0);
}

int main(void)
{
    UNIT_ROWS(finds_an_attribute_and_writes_the_record_again, ROWS);
    UNIT_TEST(has_no_fields_where_a_quote_never_closes);
    UNIT_TEST(parses_a_list_of_records);
    return unit_run("plan/record");
}
