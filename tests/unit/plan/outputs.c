#include "plan/outputs.h"

#include "unit.h"

static const struct output_row {
    const char *name; /* the output */
    const char *exporter;
} OUTPUTS[] = {
    {"type=local,dest=out", "local"},
    {"dest=out", "local"},
    {"out", "local"},
    {"./out/dir", "local"},
    {"type=tar,dest=out.tar", "tar"},
    {"dest=out.tar,type=tar", "tar"},
    {" dest=a , type=tar ", "tar"},
    {"\"type=docker\",\"dest=a,b\"", "docker"},
    {"type=docker", "docker"},
    {"type=registry,name=a", "registry"},
    {"type=image,push=true", "image"},
    {"mytype=tar", "local"},
};

static struct records outputs_of(const char *const *items)
{
    const struct string_list list = unit_list(items);
    return records_parse(&arena, &list);
}

TEST(knows_the_exporter_of_an_output)
{
    static const char *const exporters[] = {"local", "tar", "docker", "registry", "image", "type"};
    const struct output_row *row = *state;
    struct record output;
    assert_int_equal(record_parse(&arena, row->name, &output), 0);
    for (size_t i = 0; i < COUNT(exporters); i++) {
        bool expected = strcmp(exporters[i], row->exporter) == 0;
        assert_int_equal(output_is(&output, exporters[i]), expected);
    }
}

TEST(finds_an_exporter_among_outputs)
{
    struct records outputs = outputs_of((const char *const[]){"type=image", "a", NULL});
    assert_true(outputs_have(&outputs, "image"));
    assert_true(outputs_have(&outputs, "local"));
    assert_false(outputs_have(&outputs, "tar"));
    assert_false(outputs_have(&(struct records){.count = 0}, "local"));
}

static const struct push_row {
    const char *name;
    const char *items[3];
    bool pushes;
} PUSHES[] = {
    {"none", {NULL}, false},
    {"a directory", {"out"}, false},
    {"a registry", {"type=registry"}, true},
    {"a registry that is not pushed to", {"type=registry,push=false"}, false},
    {"an image", {"type=image,name=a"}, false},
    {"an image that is pushed", {"type=image,push=true"}, true},
    {"an image that is pushed, in another word", {"type=image,push=T"}, true},
    {"an image that is not pushed, in another word", {"type=image,push=0"}, false},
    {"what is no bool", {"type=image,push=maybe"}, false},
    {"what is no bool, to a registry", {"type=registry,push=maybe"}, true},
    {"one of two", {"type=local,dest=a", "\"type=image\",\"push=true\""}, true},
    {"a quote that never closes", {"type=registry,\"a"}, false},
};

TEST(knows_whether_outputs_push)
{
    const struct push_row *row = *state;
    struct records outputs = outputs_of(row->items);
    assert_int_equal(outputs_push(&outputs), row->pushes);
}

int main(void)
{
    UNIT_ROWS(knows_the_exporter_of_an_output, OUTPUTS);
    UNIT_TEST(finds_an_exporter_among_outputs);
    UNIT_ROWS(knows_whether_outputs_push, PUSHES);
    return unit_run("plan/outputs");
}
