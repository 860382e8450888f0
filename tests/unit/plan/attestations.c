#include "plan/attestations.h"

#include "plan/example.h"
#include "unit.h"

#define ID EXAMPLE_BUILDER_ID

/* The table of docs/inputs.md, Attestations. */
static const struct attestation_row {
    const char *name;
    const char *settings[3];
    bool private_repository;
    bool no_default;
    bool no_run; /* the runner does not say which run this is */
    const char *provenance;
    const char *sbom;
    const char *others;
} ROWS[] = {
    {"provenance: true", {"provenance=true"}, .provenance = ID},
    {"provenance: True", {"provenance=True"}, .provenance = ID},
    {"provenance: TRUE of a private repository",
     {"provenance=TRUE"},
     .private_repository = true,
     .provenance = ID},
    {"provenance: true without a run", {"provenance=true"}, .no_run = true, .provenance = "true"},
    {"provenance: false", {"provenance=false"}, .provenance = "false"},
    {"provenance: FALSE", {"provenance=FALSE"}, .provenance = "false"},
    {"provenance: mode=max", {"provenance=mode=max"}, .provenance = "mode=max," ID},
    {"provenance: mode=min,inline-only=true",
     {"provenance=mode=min,inline-only=true"},
     .provenance = "mode=min,inline-only=true," ID},
    {"provenance: attributes without a run",
     {"provenance=mode=max"},
     .no_run = true,
     .provenance = "mode=max"},
    {"provenance: a builder id first",
     {"provenance=builder-id=mine,mode=max"},
     .provenance = "builder-id=mine,mode=max"},
    {"provenance: a builder id last",
     {"provenance=mode=max, builder-id=mine"},
     .provenance = "mode=max,builder-id=mine"},
    {"provenance: an attribute that begins like a builder id",
     {"provenance=builder-ids=a"},
     .provenance = "builder-ids=a," ID},
    {"provenance: a bare true among attributes",
     {"provenance=true,mode=max"},
     .provenance = "disabled=false,mode=max," ID},
    {"provenance: a bare false among attributes",
     {"provenance=mode=max,false"},
     .provenance = "mode=max,disabled=true," ID},
    {"provenance: quoted attributes",
     {"provenance=\"reason=a,b\",mode=max"},
     .provenance = "\"reason=a,b\",mode=max," ID},
    {"provenance: attributes on lines",
     {"provenance=mode=max\nversion=v1\n\nreproducible=true"},
     .provenance = "mode=max,version=v1,reproducible=true," ID},
    {"provenance: a builder id on another line",
     {"provenance=mode=max\r\nbuilder-id=mine"},
     .provenance = "mode=max,builder-id=mine"},
    {"provenance: commas at the ends of lines",
     {"provenance=mode=max,\nversion=v1,\n"},
     .provenance = "mode=max,version=v1," ID},
    {"provenance: a bare false on another line",
     {"provenance=mode=max\nfalse"},
     .provenance = "mode=max,disabled=true," ID},
    {"provenance: attributes with load",
     {"provenance=mode=max", "load=true"},
     .provenance = "mode=max," ID},
    {"provenance: attributes without default attestations",
     {"provenance=mode=max"},
     .no_default = true,
     .provenance = "mode=max," ID},

    {"unset, public", .provenance = "mode=max," ID},
    {"unset, private", .private_repository = true, .provenance = "mode=min,inline-only=true," ID},
    {"unset, public, without a run", .no_run = true, .provenance = "mode=max"},
    {"unset with load", {"load=true"}},
    {"unset with load, private", {"load=true"}, .private_repository = true},
    {"unset with load off", {"load=false"}, .provenance = "mode=max," ID},
    {"unset with an output to docker", {"outputs=type=docker"}},
    {"unset with an output to docker among others", {"outputs=type=registry\ntype=docker,dest=a"}},
    {"unset with another output", {"outputs=type=oci,dest=docker"}, .provenance = "mode=max," ID},
    {"unset without default attestations", .no_default = true},
    {"unset with a provenance in attests",
     {"attests=type=provenance,mode=min"},
     .others = "type=provenance,mode=min," ID},
    {"a provenance in attests that has a builder id",
     {"attests=type=provenance,builder-id=mine"},
     .others = "type=provenance,builder-id=mine"},
    {"a provenance in attests, in another place",
     {"attests=mode=max, type=provenance"},
     .others = "mode=max,type=provenance," ID},
    {"a provenance in attests without a run",
     {"attests=type=provenance,mode=max"},
     .no_run = true,
     .others = "type=provenance,mode=max"},
    {"a provenance in attests of a private repository",
     {"attests=type=provenance,true"},
     .private_repository = true,
     .others = "type=provenance,disabled=false," ID},
    {"two attests, one a provenance",
     {"attests=type=sbom\ntype=provenance"},
     .others = "type=sbom|type=provenance," ID},
    {"unset with another attest",
     {"attests=type=sbom"},
     .provenance = "mode=max," ID,
     .others = "type=sbom"},

    {"provenance wins over attests",
     {"provenance=mode=max", "attests=type=provenance,mode=min"},
     .provenance = "mode=max," ID},
    {"provenance: false wins over attests",
     {"provenance=false", "attests=type=provenance"},
     .provenance = "false"},
    {"provenance wins over its type only",
     {"provenance=false", "attests=type=sbom\n mode=min, type=provenance\ntype=custom"},
     .provenance = "false",
     .others = "type=sbom|type=custom"},
    {"sbom wins over attests",
     {"sbom=true", "provenance=false", "attests=type=sbom,generator=a"},
     .provenance = "false",
     .sbom = "true"},
    {"sbom wins over its type only",
     {"sbom=true", "provenance=false", "attests=type=custom\ntype=sbom"},
     .provenance = "false",
     .sbom = "true",
     .others = "type=custom"},

    {"sbom: true", {"sbom=true", "provenance=false"}, .provenance = "false", .sbom = "true"},
    {"sbom: attributes",
     {"sbom=generator=image", "provenance=false"},
     .provenance = "false",
     .sbom = "generator=image"},

    {"sbom: attributes on lines",
     {"sbom=generator=image\nscan=true", "provenance=false"},
     .provenance = "false",
     .sbom = "generator=image,scan=true"},
    {"attests: a line break in quotes",
     {"attests=\"type=sbom\ngenerator=image\""},
     .no_default = true,
     .others = "type=sbom,generator=image"},
    {"attests: a type after a line break in quotes",
     {"attests=\"mode=max\ntype=provenance\""},
     .others = "mode=max,type=provenance," ID},
    {"attests: a bare true",
     {"attests=type=sbom,true"},
     .no_default = true,
     .others = "type=sbom,disabled=false"},
    {"attests: a bare false",
     {"attests=type=sbom,false"},
     .no_default = true,
     .others = "type=sbom,disabled=true"},
    {"attests: a bare 1",
     {"attests=1,type=sbom"},
     .no_default = true,
     .others = "disabled=false,type=sbom"},
    {"attests: a bare F",
     {"attests=type=sbom,F"},
     .no_default = true,
     .others = "type=sbom,disabled=true"},
    {"attests: a value that is a bool stays",
     {"attests=type=sbom,scan=true"},
     .no_default = true,
     .others = "type=sbom,scan=true"},
    {"attests: blanks in quotes",
     {"attests=\"\v\"\v\ntype=a"},
     .no_default = true,
     .others = "type=a"},
    {"attests: several of one type",
     {"attests=type=a\ntype=a"},
     .no_default = true,
     .others = "type=a|type=a"},
    {"attests: a longer type",
     {"sbom=true", "attests=type=sboms"},
     .no_default = true,
     .sbom = "true",
     .others = "type=sboms"},
    {"attests: no type",
     {"sbom=true", "attests=mode=max"},
     .no_default = true,
     .sbom = "true",
     .others = "mode=max"},
};

static struct facts facts_of(const struct attestation_row *row)
{
    struct facts facts = example_facts();
    facts.private_repository = row->private_repository;
    facts.no_default_attestations = row->no_default;
    if (row->no_run)
        facts.run_id = NULL;
    return facts;
}

static int decide(const struct inputs *inputs, const struct facts *facts,
                  struct attestations *attestations, struct error *error)
{
    const struct records outputs = records_parse(&arena, &inputs->outputs);
    return attestations_decide(&arena, inputs, &outputs, facts, attestations, error);
}

/* In the form of Depot's flag. */
static const char *value_of(const struct record *record)
{
    return record->fields.count > 0 ? attestation_value(&arena, record) : NULL;
}

TEST(decides_on_attestations)
{
    const struct attestation_row *row = *state;
    struct facts facts = facts_of(row);
    struct inputs inputs = INPUTS_OF(row->settings[0], row->settings[1], row->settings[2]);
    struct attestations attestations;
    struct error error = ERROR_INIT;
    struct string_list others = {0};
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    assert_text(value_of(&attestations.provenance), row->provenance);
    assert_text(value_of(&attestations.sbom), row->sbom);
    for (size_t i = 0; i < attestations.others.count; i++)
        string_list_add(&arena, &others, record_format(&arena, &attestations.others.items[i]));
    assert_text(joined(&others), row->others != NULL ? row->others : "");
}

TEST(counts_an_unknown_attempt_as_the_first)
{
    struct facts facts = example_facts();
    facts.run_attempt = NULL;
    struct inputs inputs = INPUTS_OF("provenance=true");
    struct attestations attestations;
    struct error error = ERROR_INIT;
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    assert_text(value_of(&attestations.provenance),
                "builder-id=https://github.com/octo/app/actions/runs/42/attempts/1");
}

static const struct open_row {
    const char *name;
    const char *setting;
} OPEN[] = {
    {"provenance", "provenance=\"mode=max"}, {"sbom", "sbom=a,\"b"},
    {"attests", "attests=\"\"\"a\""},        {"provenance", "provenance=mode=max\n\"version=v1"},
    {"sbom", "sbom=a=b\nc=d\n\"e"},          {"attests", "attests=\"type=sbom\n\"\"a\""},
};

TEST(names_the_input_whose_quote_never_closes)
{
    const struct open_row *row = *state;
    struct facts facts = example_facts();
    struct inputs inputs = INPUTS_OF(row->setting);
    struct attestations attestations;
    struct error error = ERROR_INIT;
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), -1);
    assert_has(error.message, arena_format(&arena, "`%s`", row->name));
}

static const struct docker_row {
    const char *name;
    const char *setting;
    const char *value;
} DOCKER[] = {
    {"provenance false", "provenance=false", "type=provenance,disabled=true"},
    {"provenance true", "provenance=true", "type=provenance,disabled=false"},
    {"provenance attributes", "provenance=mode=max,builder-id=a",
     "type=provenance,mode=max,builder-id=a"},
    {"sbom true", "sbom=true", "type=sbom,disabled=false"},
    {"sbom false", "sbom=False", "type=sbom,disabled=true"},
    {"sbom attributes", "sbom=generator=image", "type=sbom,generator=image"},
    {"quoted attributes", "sbom=\"generator=a,b\",scan=true",
     "type=sbom,\"generator=a,b\",scan=true"},
};

TEST(writes_an_attestation_as_docker_takes_it)
{
    const struct docker_row *row = *state;
    struct facts facts = example_facts();
    facts.run_id = NULL;
    facts.no_default_attestations = true;
    struct inputs inputs = INPUTS_OF(row->setting);
    struct attestations attestations;
    struct error error = ERROR_INIT;
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    bool provenance = attestations.provenance.fields.count > 0;
    const struct record *record = provenance ? &attestations.provenance : &attestations.sbom;
    assert_text(attestation_of(&arena, provenance ? "provenance" : "sbom", record), row->value);
}

static const struct named_row {
    const char *name; /* the settings ask for */
    const char *settings[3];
} NAMED[] = {
    {"", {NULL}},
    {"", {"provenance=false", "sbom=F", "attests=type=a,disabled=true\ntype=b,false"}},
    {"", {"provenance=disabled=1", "sbom=disabled=T", "attests=type=a,disabled=True"}},
    {"attests|sbom", {"sbom=disabled=0", "attests=type=a,disabled=f", "provenance=false"}},
    {"provenance", {"provenance=true"}},
    {"provenance", {"provenance=mode=max"}},
    {"sbom", {"sbom=generator=a"}},
    {"attests", {"attests=type=sbom"}},
    {"attests", {"attests=type=a,false\ntype=b"}},
    {"attests|provenance|sbom", {"sbom=1", "provenance=t", "attests=type=a"}},
    {"", {"sbom=0", "provenance=f", "attests=type=provenance\ntype=sbom"}},
};

TEST(names_the_inputs_that_ask_for_one)
{
    const struct named_row *row = *state;
    struct facts facts = example_facts();
    struct inputs inputs = INPUTS_OF(row->settings[0], row->settings[1], row->settings[2]);
    struct attestations attestations;
    struct error error = ERROR_INIT;
    struct string_list names = {0};
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    attestations_name(&arena, &attestations, &names);
    assert_text(joined(&names), row->name);
}

TEST(drops_only_what_nobody_asked_for)
{
    struct facts facts = example_facts();
    struct attestations attestations;
    struct error error = ERROR_INIT;
    struct inputs inputs = INPUTS_OF("sbom=true");
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    attestations_drop_default(&attestations);
    assert_text(value_of(&attestations.provenance), NULL);
    assert_text(value_of(&attestations.sbom), "true");
    inputs = INPUTS_OF("provenance=mode=max,builder-id=a");
    assert_int_equal(decide(&inputs, &facts, &attestations, &error), 0);
    attestations_drop_default(&attestations);
    assert_text(value_of(&attestations.provenance), "mode=max,builder-id=a");
}

int main(void)
{
    UNIT_ROWS(decides_on_attestations, ROWS);
    UNIT_TEST(counts_an_unknown_attempt_as_the_first);
    UNIT_ROWS(names_the_input_whose_quote_never_closes, OPEN);
    UNIT_ROWS(writes_an_attestation_as_docker_takes_it, DOCKER);
    UNIT_ROWS(names_the_inputs_that_ask_for_one, NAMED);
    UNIT_TEST(drops_only_what_nobody_asked_for);
    return unit_run("plan/attestations");
}
