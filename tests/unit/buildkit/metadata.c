#include "buildkit/metadata.h"

#include "unit.h"

#define DIGEST "\"containerimage.digest\":\"sha256:abc\""
#define BUILD "\"depot.build\":{\"buildID\":\"b1\",\"projectID\":\"p1\"}"

static const struct metadata_row {
    const char *name;
    const char *text;
    bool valid;
    bool kept; /* as the output `metadata` */
    const char *digest;
    const char *build_id;
    const char *project_id;
} METADATA[] = {
    {"all members", "{" DIGEST "," BUILD "}", true, true, "sha256:abc", "b1", "p1"},
    {"docker's members", "{" DIGEST ",\"buildx.build.ref\":\"a\"}", true, true, "sha256:abc", NULL,
     NULL},
    {"no digest", "{" BUILD "}", true, true, NULL, "b1", "p1"},
    {"no members", "{}", true, true, NULL, NULL, NULL},
    {"white space around", " \n{" DIGEST "}\n\n", true, true, "sha256:abc", NULL, NULL},
    {"empty values", "{\"containerimage.digest\":\"\",\"depot.build\":{\"buildID\":\"\"}}", true,
     true, NULL, NULL, NULL},
    {"values that are no strings",
     "{\"containerimage.digest\":1,\"depot.build\":{\"buildID\":null,\"projectID\":{}}}", true,
     true, NULL, NULL, NULL},
    {"a build that is no object", "{" DIGEST ",\"depot.build\":\"buildID\"}", true, true,
     "sha256:abc", NULL, NULL},
    {"a build that is null", "{\"depot.build\":null}", true, true, NULL, NULL, NULL},
    {"members in another case", "{\"Containerimage.Digest\":\"a\"}", true, true, NULL, NULL, NULL},
    {"a path that is no member", "{\"containerimage\":{\"digest\":\"a\"}}", true, true, NULL, NULL,
     NULL},
    {"nothing", "", true, false, NULL, NULL, NULL},
    {"blanks", " \r\n\t", true, false, NULL, NULL, NULL},
    {"null", "null", true, false, NULL, NULL, NULL},
    {"null on a line", "null\n", true, false, NULL, NULL, NULL},
    {"an array", "[]", false, false, NULL, NULL, NULL},
    {"a string", "\"a\"", false, false, NULL, NULL, NULL},
    {"a number", "1", false, false, NULL, NULL, NULL},
    {"words", "no metadata", false, false, NULL, NULL, NULL},
    {"an object that never ends", "{" DIGEST, false, false, NULL, NULL, NULL},
    {"an object with words after it", "{" DIGEST "} and more", false, false, NULL, NULL, NULL},
    {"two objects", "{}{}", false, false, NULL, NULL, NULL},
    {"an escaped NUL", "{" DIGEST ",\"a\":[\"b\\u0000c\"]," BUILD "}", true, true, "sha256:abc",
     "b1", "p1"},
    {"an escaped NUL in a name", "{\"a\\u0000\":1," DIGEST "}", true, true, "sha256:abc", NULL,
     NULL},
    {"an escaped NUL in the digest", "{\"containerimage.digest\":\"a\\u0000b\"}", true, true,
     "a\uFFFDb", NULL, NULL},
};

TEST(parses_metadata_of)
{
    const struct metadata_row *row = *state;
    struct metadata metadata;
    memset(&metadata, 'x', sizeof(metadata));
    int outcome = metadata_parse(&arena, row->text, strlen(row->text), SIZE_MAX, &metadata);
    assert_int_equal(outcome, row->valid ? 0 : -1);
    assert_text(metadata.text, row->kept ? row->text : NULL);
    assert_text(metadata.digest, row->digest);
    assert_text(metadata.build_id, row->build_id);
    assert_text(metadata.project_id, row->project_id);
    assert_int_equal(metadata.pretty != NULL, row->kept);
}

static const struct provenance_row {
    const char *name;
    const char *text;
    size_t limit;
    const char *kept;
} PROVENANCES[] = {
    {"one", "{\"buildx.build.provenance\":{\"a\":1},\"b\":2}", 10, "{\"b\":2}"},
    {"one of each platform",
     "{\"a\":1,\"buildx.build.provenance/linux/amd64\":{},\"buildx.build.provenance/linux/"
     "arm64\":{}}",
     10, "{\"a\":1}"},
    {"nothing else", "{\"buildx.build.provenance\":{}}", 10, "{}"},
    {"as long as may be", "{\"buildx.build.provenance\":{}}", 30, NULL},
    {"a byte longer", "{\"buildx.build.provenance\":{} }", 30, "{}"},
    {"other members", "{\"buildx.build.ref\":\"a\",\"provenance\":{}}", 10, NULL},
    {"deeper down", "{\"a\":{\"buildx.build.provenance\":{}}}", 10, NULL},
};

TEST(leaves_out_the_provenance_of_long_metadata)
{
    const struct provenance_row *row = *state;
    struct metadata metadata;
    size_t length = strlen(row->text);
    assert_int_equal(metadata_parse(&arena, row->text, length, row->limit, &metadata), 0);
    assert_text(metadata.text, row->kept != NULL ? row->kept : row->text);
    assert_int_equal(metadata.provenance_left_out, row->kept != NULL);
    if (row->kept != NULL)
        assert_has_not(metadata.pretty, "buildx.build.provenance");
}

TEST(shows_a_member_a_line)
{
    static const char text[] = "{\"a\":1,\"b\":{\"c\":\"d\"}}";
    struct metadata metadata;
    assert_int_equal(metadata_parse(&arena, text, strlen(text), SIZE_MAX, &metadata), 0);
    assert_text(metadata.text, text);
    size_t lines = 0;
    for (const char *at = metadata.pretty; *at != '\0'; at++)
        lines += *at == '\n';
    assert_true(lines >= 4);
    assert_has(metadata.pretty, "\"a\"");
    assert_has(metadata.pretty, "\"d\"");
}

static const struct size_row {
    const char *name;
    const char *manifests;
    long long size;
} SIZES[] = {
    {"an image", "[{\"config\":{\"size\":9},\"layers\":[{\"size\":100},{\"size\":20}]}]", 120},
    {"two platforms", "[{\"layers\":[{\"size\":100}]},{\"layers\":[{\"size\":3000000000}]}]",
     3000000100},
    {"an attestation",
     "[{\"layers\":[{\"size\":7}]},"
     "{\"layers\":[{\"mediaType\":\"application/vnd.in-toto+json\",\"size\":1}]}]",
     7},
    {"no layers", "[{\"layers\":[]},{}]", 0},
    {"no list", "{\"layers\":1}", 0},
    {"null", "null", 0},
    {"layers that are not layers", "[null,1,{\"layers\":[null,{\"size\":\"7\"},{\"size\":-1}]}]",
     0},
    {"what is no size", "[{\"layers\":[{\"size\":1e300}]}]", 0},
};

TEST(sums_up_the_layers_of)
{
    const struct size_row *row = *state;
    const char *text = arena_format(&arena, "{\"manifests\":%s}", row->manifests);
    struct metadata metadata;
    assert_int_equal(metadata_parse(&arena, text, strlen(text), SIZE_MAX, &metadata), 0);
    assert_int_equal(metadata.size, row->size);
}

int main(void)
{
    UNIT_ROWS(sums_up_the_layers_of, SIZES);
    UNIT_ROWS(parses_metadata_of, METADATA);
    UNIT_ROWS(leaves_out_the_provenance_of_long_metadata, PROVENANCES);
    UNIT_TEST(shows_a_member_a_line);
    return unit_run("buildkit/metadata");
}
