#include "buildkit/step_name.h"

#include "unit.h"

static const struct name_row {
    const char *name;
    const char *instruction; /* NULL: it is not an instruction */
    const char *platform;
    const char *stage;
    int position;
    int of;
} NAMES[] = {
    {"[2/3] RUN make", "RUN make", "", "", 2, 3},
    {"[build 2/3] RUN make", "RUN make", "", "build", 2, 3},
    {"[stage-1 12/13] COPY . .", "COPY . .", "", "stage-1", 12, 13},
    {"[ 8/12] ADD a /a", "ADD a /a", "", "", 8, 12},
    {"[builder  1/13] FROM docker.io/library/node@sha256:8e",
     "FROM docker.io/library/node@sha256:8e", "", "builder", 1, 13},
    {"[linux/amd64 2/4] RUN [a]", "RUN [a]", "linux/amd64", "", 2, 4},
    {"[linux/arm/v7 build 2/4] WORKDIR /x", "WORKDIR /x", "linux/arm/v7", "build", 2, 4},
    {"[linux/amd64->arm64 build 2/4] RUN a", "RUN a", "linux/amd64->arm64", "build", 2, 4},
    {"[api build 7/7] RUN dotnet build", "RUN dotnet build", "", "build", 7, 7},
    {"[1/1]   RUN a", "RUN a", "", "", 1, 1},
    {"[internal] load build definition from Dockerfile", NULL, NULL, NULL, 0, 0},
    {"[linux/amd64 internal] load metadata for a", NULL, NULL, NULL, 0, 0},
    {"[auth] library/node:pull token for registry-1.docker.io", NULL, NULL, NULL, 0, 0},
    {"[depot] launching amd64 machine", NULL, NULL, NULL, 0, 0},
    {"exporting to image", NULL, NULL, NULL, 0, 0},
    {"[backend] exporting to image", NULL, NULL, NULL, 0, 0},
    {"", NULL, NULL, NULL, 0, 0},
    {"[", NULL, NULL, NULL, 0, 0},
    {"[]", NULL, NULL, NULL, 0, 0},
    {"[1/2]", NULL, NULL, NULL, 0, 0},
    {"[1/2] ", NULL, NULL, NULL, 0, 0},
    {"[1/2]RUN a", NULL, NULL, NULL, 0, 0},
    {"[3/2] RUN a", "RUN a", "", "", 3, 2},
    {"[3/0] RUN a", NULL, NULL, NULL, 0, 0},
    {"[0/2] RUN a", NULL, NULL, NULL, 0, 0},
    {"[-1/2] RUN a", NULL, NULL, NULL, 0, 0},
    {"[1/2/3] RUN a", NULL, NULL, NULL, 0, 0},
    {"[1/2 build] RUN a", NULL, NULL, NULL, 0, 0},
    {"[99999999999999999999/99999999999999999999] RUN a", NULL, NULL, NULL, 0, 0},
};

TEST(parses)
{
    const struct name_row *row = *state;
    struct step_name parsed;
    assert_int_equal(step_name_parse(row->name, &parsed), row->instruction != NULL);
    if (row->instruction == NULL)
        return;
    assert_string_equal(parsed.instruction, row->instruction);
    assert_string_equal(parsed.platform, row->platform);
    assert_string_equal(parsed.stage, row->stage);
    assert_int_equal(parsed.position, row->position);
    assert_int_equal(parsed.of, row->of);
}

static struct progress *read_log(const char *text)
{
    struct progress *progress = progress_new(&arena);
    progress_feed(progress, text, strlen(text));
    progress_end(progress);
    return progress;
}

static const char TWO_PLATFORMS[] = "#1 [depot] launching amd64 machine\n#1 DONE 2.0s\n\n"
                                    "#2 [depot] launching arm64 machine\n#2 DONE 3.0s\n\n"
                                    "#3 [depot] connecting to amd64 machine\n#3 DONE 1.5s\n\n"
                                    "#4 [depot] connecting to arm64 machine\n#4 DONE 0.2s\n\n"
                                    "#5 [internal] load build definition\n#5 DONE 9.0s\n\n"
                                    "#6 [linux/amd64 1/3] FROM a\n#6 CACHED\n\n"
                                    "#7 [linux/arm64 1/3] FROM a\n#7 DONE 1.0s\n\n"
                                    "#8 [linux/amd64 2/3] COPY a b\n#8 CACHED\n\n"
                                    "#9 [linux/arm64 2/3] COPY a b\n#9 DONE 0.0s\n\n"
                                    "#10 [linux/amd64 3/3] RUN a\n#10 DONE 4.0s\n\n"
                                    "#11 [linux/arm64 3/3] RUN a\n#11 DONE 4.0s\n\n"
                                    "#12 exporting to image\n#12 DONE 20.0s\n";

TEST(counts_the_instructions_of_each_platform)
{
    const struct step_count count = step_count(read_log(TWO_PLATFORMS));
    assert_int_equal(count.total, 6);
    assert_int_equal(count.cached, 2);
}

TEST(names_the_slowest_instructions)
{
    const struct build_step *slowest[3];
    const struct progress *progress = read_log(TWO_PLATFORMS);
    assert_int_equal(step_slowest(progress, slowest, 2), 2);
    assert_int_equal(slowest[0]->number, 10);
    assert_int_equal(slowest[1]->number, 11);
    assert_int_equal(step_slowest(progress, slowest, 3), 3);
    assert_int_equal(slowest[2]->number, 7);
    assert_int_equal(step_slowest(read_log(""), slowest, 3), 0);
    assert_int_equal(step_slowest(progress, slowest, 0), 0);
}

TEST(knows_the_wait_for_the_slower_machine)
{
    assert_int_equal(step_machine_wait(read_log(TWO_PLATFORMS)), 3500);
    assert_int_equal(step_machine_wait(read_log("#1 [1/1] RUN a\n#1 DONE 1.0s\n")), 0);
    assert_int_equal(step_machine_wait(read_log("")), 0);
}

int main(void)
{
    UNIT_ROWS(parses, NAMES);
    UNIT_TEST(counts_the_instructions_of_each_platform);
    UNIT_TEST(names_the_slowest_instructions);
    UNIT_TEST(knows_the_wait_for_the_slower_machine);
    return unit_run("buildkit/step_name");
}
