#include "plan/capabilities.h"

#include "unit.h"

static const struct version_row {
    const char *name; /* the version */
    int major;
    int minor;
    bool reaches;
} VERSIONS[] = {
    {"0.13.1", 0, 15, false},
    {"0.15.0", 0, 15, true},
    {"v0.15.0", 0, 15, true},
    {"0.30.1-desktop.1", 0, 15, true},
    {"1.0.0", 0, 15, true},
    {"0.13.1+ds1", 0, 13, true},
    {"22.06.0-beta", 23, 0, false},
    {"26.1.5+dfsg1", 23, 0, true},
    {"0.0.0+unknown", 0, 15, true},
    {"unknown", 0, 15, true},
    {"23", 23, 0, true},
};

TEST(compares_versions)
{
    const struct version_row *row = *state;
    assert_int_equal(version_reaches(row->name, row->major, row->minor), row->reaches);
}

TEST(an_unknown_version_is_new_enough)
{
    assert_true(version_reaches(NULL, 9, 9));
}

static const struct platform_row {
    const char *name; /* the platform */
    bool runs;
} PLATFORMS[] = {
    {"linux/amd64", true},  {"linux/x86_64", true},   {"amd64", true},
    {"Linux/AMD64", true},  {"linux/amd64/v1", true}, {"linux/amd64/v3", false},
    {"linux/arm64", true},  {"linux/arm64/v8", true}, {"linux/aarch64", true},
    {"linux/arm/v7", true}, {"linux/arm", true},      {"linux/arm/v6", false},
    {"linux/386", false},   {"linux/s390x", false},   {"windows/amd64", false},
    {"local", true},
};

TEST(knows_which_platforms_run)
{
    const struct platform_row *row = *state;
    const struct string_list able =
        unit_list((const char *const[]){"linux/amd64", "linux/arm64/v8", "linux/arm/v7", NULL});
    assert_int_equal(platform_runs(&arena, &able, row->name), row->runs);
}

static const struct plain_row {
    const char *name;
    struct capabilities docker;
    bool plain;
} PLAIN[] = {
    {"nobody asked", {0}, false},
    {"a driver that is not told", {.known = true}, false},
    {"the docker driver", {.known = true, .driver = "docker"}, true},
    {"the docker driver with containerd's store",
     {.known = true, .driver = "docker", .containerd_store = true},
     false},
    {"a container", {.known = true, .driver = "docker-container"}, false},
    {"a remote", {.known = true, .driver = "remote"}, false},
    {"a cluster", {.known = true, .driver = "kubernetes"}, false},
    {"Docker's cloud", {.known = true, .driver = "cloud"}, false},
    {"a driver that is not known here", {.known = true, .driver = "podman-machine"}, true},
    {"a driver whose name begins like a known one",
     {.known = true, .driver = "docker-containers"},
     true},
    {"a driver that is not known here with containerd's store",
     {.known = true, .driver = "other", .containerd_store = true},
     true},
    {"a driver that says what it can do", {.known = true, .driver = "other", .able = true}, false},
    {"the docker driver that says what it can do",
     {.known = true, .driver = "docker", .able = true},
     true},
};

TEST(knows_a_plain_builder)
{
    const struct plain_row *row = *state;
    assert_int_equal(capabilities_are_plain(&row->docker), row->plain);
}

int main(void)
{
    UNIT_ROWS(compares_versions, VERSIONS);
    UNIT_TEST(an_unknown_version_is_new_enough);
    UNIT_ROWS(knows_which_platforms_run, PLATFORMS);
    UNIT_ROWS(knows_a_plain_builder, PLAIN);
    return unit_run("plan/capabilities");
}
