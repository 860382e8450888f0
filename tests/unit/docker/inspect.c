#include "docker/inspect.h"

#include "unit.h"

static const struct engine_row {
    const char *name;
    const char *json;
    const char *problem; /* a part of it */
    const char *client_version;
    const char *buildx_version; /* NULL: no buildx */
    bool containerd_store;
    bool podman;
} ENGINES[] = {
    {"a hosted runner's",
     "{\"DriverStatus\":[[\"Backing Filesystem\",\"extfs\"],[\"userxattr\",\"false\"]],"
     "\"ClientInfo\":{\"Version\":\"26.1.5\",\"Plugins\":[{\"Name\":\"compose\"},"
     "{\"Name\":\"buildx\",\"Version\":\"0.13.1\"}]}}",
     NULL, "26.1.5", "0.13.1", false},
    {"with containerd's store",
     "{\"DriverStatus\":[[\"driver-type\",\"io.containerd.snapshotter.v1\"]],"
     "\"ClientInfo\":{\"Version\":\"26.1.5\",\"Plugins\":[{\"Name\":\"buildx\","
     "\"Version\":\"v0.30.1\"}]}}",
     NULL, "26.1.5", "v0.30.1", true},
    {"without buildx",
     "{\"DriverStatus\":null,\"ClientInfo\":{\"Version\":\"26.1.5\",\"Plugins\":[]}}", NULL,
     "26.1.5", NULL, false},
    {"with a broken buildx",
     "{\"ClientInfo\":{\"Version\":\"26.1.5\",\"Plugins\":[{\"Name\":\"buildx\",\"Err\":\"no\"}]}}",
     NULL, "26.1.5", NULL, false},
    {"that does not run",
     "{\"DriverStatus\":null,\"ServerErrors\":[\"Cannot connect to the Docker daemon\"],"
     "\"ClientInfo\":{\"Version\":\"26.1.5\",\"Plugins\":[{\"Name\":\"buildx\","
     "\"Version\":\"0.13.1\"}]}}",
     "Cannot connect", "26.1.5", "0.13.1", false},
    {"podman's", "{\"host\":{\"arch\":\"amd64\"},\"version\":{\"Version\":\"5.0.0\"}}", NULL, NULL,
     NULL, false, true},
    {"podman's, asked as docker's is", "{\"BuildahVersion\":\"1.35\",\"DriverStatus\":[]}", NULL,
     NULL, NULL, false, true},
    {"no answer", "", "no answer", NULL, NULL, false},
    {"an answer that is no JSON", "Error", "no answer", NULL, NULL, false},
    {"an answer that is no object", "[\"a\"]", "no answer", NULL, NULL, false},
    {"an answer of another form",
     "{\"DriverStatus\":[1,[],[1,2],\"a\"],\"ClientInfo\":[],"
     "\"ServerErrors\":{}}",
     NULL, NULL, NULL, false},
};

TEST(reads_what_the_engine_says)
{
    const struct engine_row *row = *state;
    struct docker_engine engine;
    docker_engine_read(&arena, row->json, &engine);
    if (row->problem != NULL)
        assert_has(unit_shown(engine.problem), row->problem);
    else
        assert_null(engine.problem);
    assert_text(engine.client_version, row->client_version);
    assert_int_equal(engine.buildx, row->buildx_version != NULL);
    assert_text(engine.buildx_version, row->buildx_version);
    assert_int_equal(engine.containerd_store, row->containerd_store);
    assert_int_equal(engine.podman, row->podman);
}

static const struct builder_row {
    const char *name;
    const char *text;
    const char *driver;
    const char *platforms;
    bool able;
} BUILDERS[] = {
    {"the engine's own",
     "Name:   default\nDriver: docker\n\nNodes:\nName:             default\n"
     "Endpoint:         default\nStatus:           running\n"
     "Platforms:        linux/amd64, linux/amd64/v2, linux/386\nLabels:\n a:  b\n",
     "docker", "linux/amd64|linux/amd64/v2|linux/386"},
    {"several nodes",
     "Driver: kubernetes\nPlatforms: linux/amd64*, linux/arm64\nPlatforms: linux/arm64*\r\n",
     "kubernetes", "linux/amd64|linux/arm64"},
    {"one that does not run", "Driver: docker-container\nNodes:\nStatus: inactive\n",
     "docker-container", ""},
    {"one whose engine does not run", "Name:   default\nDriver: \nError:  Cannot connect\n", NULL,
     ""},
    {"one without a driver, in lines that end as Windows has them", "Driver: \r\nPlatforms: \r\n",
     NULL, ""},
    {"one that tells what it can do",
     "Driver: other\nFeatures:\n Automatically load images: false\n Cache export:         true\n"
     " Docker exporter:      true\n Multi-platform build: true\n OCI exporter:         true\n",
     "other", "", true},
    {"one that tells what it cannot do",
     "Driver: other\nFeatures:\n Cache export: true\n Multi-platform build: false\n", "other", ""},
    {"one of whose nodes cannot do it",
     "Driver: other\n Cache export: false\nName: b\n\tCache export:\ttrue\r\n", "other", ""},
    {"one whose features are others", "Driver: other\nFeatures:\n Direct push: true\n", "other",
     ""},
    {"nothing", "", NULL, ""},
};

TEST(reads_what_the_builder_is)
{
    const struct builder_row *row = *state;
    struct docker_builder builder;
    docker_builder_read(&arena, row->text, &builder);
    assert_text(builder.driver, row->driver);
    assert_text(joined(&builder.platforms), row->platforms);
    assert_int_equal(builder.able, row->able);
}

/* A docker that prints its arguments and the variable A. */
static const char *make_docker(const char *script)
{
    const char *path = unit_path("docker");
    unit_write(path, arena_format(&arena, "#!/bin/sh\n%s\n", script));
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

TEST(asks_both_at_once)
{
    const char *docker =
        make_docker("case \"$*\" in\n"
                    "'info --format {{json .}}') echo '{\"ClientInfo\":{\"Version\":\"1\"}}';;\n"
                    "'buildx inspect mine') echo \"Driver: $A\"; test -z \"$DEBUG\" ||\n"
                    "  echo ' Cache export: true';;\n"
                    "esac");
    struct docker_inspection inspection =
        docker_inspect_start(&arena, docker, STRINGS("A=remote"), "mine");
    struct docker_engine engine;
    struct docker_builder builder;
    docker_inspect_finish(&arena, &inspection, &engine, &builder);
    assert_text(engine.client_version, "1");
    assert_text(builder.driver, "remote");
    assert_true(builder.able);
}

TEST(takes_no_builder_for_a_flag)
{
    const char *docker =
        make_docker("case \"$*\" in 'buildx inspect -- --bootstrap') echo 'Driver: remote';; esac");
    struct docker_inspection inspection =
        docker_inspect_start(&arena, docker, STRINGS("A=1"), "--bootstrap");
    struct docker_engine engine;
    struct docker_builder builder;
    docker_inspect_finish(&arena, &inspection, &engine, &builder);
    assert_text(builder.driver, "remote");
}

TEST(does_not_believe_an_inspection_that_failed)
{
    const char *docker = make_docker("echo 'Driver: docker'; exit 1");
    struct docker_inspection inspection =
        docker_inspect_start(&arena, docker, STRINGS("A=1"), NULL);
    struct docker_engine engine;
    struct docker_builder builder;
    docker_inspect_finish(&arena, &inspection, &engine, &builder);
    assert_has(engine.problem, "no answer");
    assert_null(builder.driver);
}

TEST(does_not_wait_for_what_nobody_wants_to_know)
{
    const char *docker = make_docker("exec sleep 600");
    struct docker_inspection inspection =
        docker_inspect_start(&arena, docker, STRINGS("PATH=/usr/bin:/bin"), NULL);
    docker_inspect_dismiss(&inspection);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    UNIT_ROWS(reads_what_the_engine_says, ENGINES);
    UNIT_ROWS(reads_what_the_builder_is, BUILDERS);
    UNIT_TEST(asks_both_at_once);
    UNIT_TEST(takes_no_builder_for_a_flag);
    UNIT_TEST(does_not_believe_an_inspection_that_failed);
    UNIT_TEST(does_not_wait_for_what_nobody_wants_to_know);
    return unit_run("docker/inspect");
}
