#include "plan/fit.h"

#include "plan/example.h"
#include "unit.h"

/* The builders that a build may find. */
enum kind {
    PLAIN,      /* a hosted runner's own */
    PLAIN_ONLY, /* the same, but no container builder could be started */
    EMULATING,  /* the same as PLAIN, with other architectures emulated */
    NEW_PLAIN,  /* the same as PLAIN, with a newer buildx */
    STORE,      /* an engine with containerd's image store */
    CONTAINER,  /* what docker/setup-buildx-action makes */
    WITHOUT_BUILDX,
    OLD_WITHOUT_BUILDX, /* a client that contains BuildKit */
    UNKNOWN,            /* a driver that we do not know */
    UNKNOWN_ONLY,
    ABLE, /* another one, which says that it can do everything */
    PODMAN,
    BROKEN,
    UNASKED,
};

static struct capabilities docker_of(enum kind kind)
{
    struct capabilities docker = {.known = true,
                                  .client_version = "26.1.5",
                                  .buildx = true,
                                  .buildx_version = "0.13.1",
                                  .driver = "docker"};
    docker.platforms = unit_list((const char *const[]){"linux/amd64", "linux/386", NULL});
    switch (kind) {
    case PLAIN:
        break;
    case PLAIN_ONLY:
        docker.no_container_builder = "no route to the registry";
        break;
    case EMULATING:
        string_list_add(&arena, &docker.platforms, "linux/arm64");
        break;
    case NEW_PLAIN:
        docker.buildx_version = "0.30.1";
        break;
    case STORE:
        docker.containerd_store = true;
        break;
    case CONTAINER:
        docker.driver = "docker-container";
        break;
    case OLD_WITHOUT_BUILDX:
        docker.client_version = "20.10.24";
        /* fall through */
    case WITHOUT_BUILDX:
        docker.buildx = false;
        docker.buildx_version = docker.driver = NULL;
        docker.platforms = (struct string_list){0};
        break;
    case UNKNOWN_ONLY:
        docker.no_container_builder = "no route to the registry";
        /* fall through */
    case UNKNOWN:
        docker.driver = "other";
        break;
    case ABLE:
        docker.driver = "other";
        docker.able = true;
        break;
    case PODMAN:
        docker.podman = true;
        break;
    case BROKEN:
        docker.problem = "Cannot connect to the Docker daemon";
        break;
    case UNASKED:
        return (struct capabilities){0};
    }
    return docker;
}

#define TEMPORARY "|--builder|private"
#define PROVENANCE "|--attest|type=provenance,mode=max," EXAMPLE_BUILDER_ID
#define BOTH "platforms=linux/amd64,linux/arm64"
#define ASKED_CACHE "cache-to=type=registry,ref=a"
#define CACHE_BY_NAME "|--cache-to|type=registry,ref=a/b:cache,ignore-error=true"
#define CACHE "|--cache-to|type=registry,ref=a,ignore-error=true"

static const struct fit_row {
    const char *name;
    enum kind docker;
    const char *settings[4];
    const char *flags; /* without what is always there; NULL: an error */
    const char *said;  /* a part of the error or the only warning; NULL: there is none */
} ROWS[] = {
    {"default provenance, unasked", UNASKED, {NULL}, PROVENANCE},
    {"default provenance, plain", PLAIN, {NULL}, ""},
    {"default provenance, plain without another", PLAIN_ONLY, {NULL}, ""},
    {"default provenance, store", STORE, {NULL}, PROVENANCE},
    {"default provenance, container", CONTAINER, {NULL}, PROVENANCE},

    {"provenance, plain", PLAIN, {"provenance=mode=max"}, TEMPORARY PROVENANCE},
    {"provenance to load, plain",
     PLAIN,
     {"provenance=true", "load=true"},
     "|--load",
     "The image is built without `provenance`: it is loaded"},
    {"sbom to load, container",
     CONTAINER,
     {"sbom=true", "outputs=type=docker"},
     "|--output|type=docker",
     "The image is built without `sbom`: it is loaded"},
    {"provenance off to load, container",
     CONTAINER,
     {"provenance=false", "load=true"},
     "|--load|--attest|type=provenance,disabled=true"},
    {"provenance to load, store",
     STORE,
     {"provenance=mode=max", "load=true"},
     "|--load" PROVENANCE},
    {"provenance to load and push, plain",
     PLAIN,
     {"provenance=true", "load=true", "push=true"},
     NULL,
     "`load`"},
    {"provenance to an output to docker and push, plain",
     PLAIN,
     {"provenance=true", "outputs=type=docker", "push=true"},
     NULL,
     "leave out `outputs: type=docker`"},
    {"sbom to outputs to docker and a registry, container",
     CONTAINER,
     {"sbom=true", "outputs=type=docker\ntype=registry,name=a"},
     NULL,
     "cannot be used with `outputs: type=docker`"},
    {"two platforms to an output to docker and push, emulated",
     EMULATING,
     {BOTH, "outputs=type=docker", "push=true"},
     NULL,
     "leave out `outputs: type=docker`"},
    {"two platforms to load and push, emulated",
     EMULATING,
     {BOTH, "load=true", "push=true"},
     NULL,
     "leave out `load`"},
    {"provenance to load and push, store",
     STORE,
     {"provenance=mode=max", "load=true", "push=true"},
     "|--push" PROVENANCE},
    {"load and push, plain", PLAIN, {"load=true", "push=true"}, "|--load|--push"},
    {"load and push, store", STORE, {"load=true", "push=true"}, "|--push"},
    {"load and push, container", CONTAINER, {"load=true", "push=true"}, "|--load|--push"},
    {"load and push, unasked", UNASKED, {"load=true", "push=true"}, "|--load|--push"},
    {"provenance, nothing else", PLAIN_ONLY, {"provenance=true"}, NULL, "`provenance`"},
    {"provenance, store", STORE, {"provenance=mode=max"}, PROVENANCE},
    {"provenance off, plain",
     PLAIN_ONLY,
     {"provenance=false"},
     "|--attest|type=provenance,disabled=true"},
    {"sbom, plain",
     PLAIN,
     {"sbom=true", "provenance=false"},
     TEMPORARY "|--attest|type=provenance,disabled=true|--attest|type=sbom,disabled=false"},
    {"sbom, nothing else", PLAIN_ONLY, {"sbom=true"}, NULL, "`sbom`"},
    {"sbom off, plain", PLAIN_ONLY, {"sbom=false"}, "|--attest|type=sbom,disabled=true"},
    {"attests, plain",
     PLAIN,
     {"attests=type=provenance,mode=min"},
     TEMPORARY "|--attest|type=provenance,mode=min," EXAMPLE_BUILDER_ID},
    {"attests, nothing else", PLAIN_ONLY, {"attests=type=sbom"}, NULL, "`attests`"},
    {"attests off, nothing else",
     PLAIN_ONLY,
     {"attests=type=sbom,disabled=true"},
     "|--attest|type=sbom,disabled=true"},

    {"cache-to, plain", PLAIN, {ASKED_CACHE}, TEMPORARY CACHE PROVENANCE},
    {"cache-to, nothing else", PLAIN_ONLY, {ASKED_CACHE}, "", "`cache-to`"},
    {"cache-to, store", STORE, {ASKED_CACHE}, CACHE PROVENANCE},
    {"cache-to, by its name only", STORE, {"cache-to=a/b:cache"}, CACHE_BY_NAME PROVENANCE},
    {"cache-to that says what of errors",
     STORE,
     {"cache-to=type=local,dest=a,ignore-error=false"},
     "|--cache-to|type=local,dest=a,ignore-error=false" PROVENANCE},
    {"inline cache, plain", PLAIN_ONLY, {"cache-to=type=inline"}, "|--cache-to|type=inline"},
    {"GitHub's cache, plain", PLAIN, {"cache-to=type=gha"}, "", "`type=gha`"},
    {"cache-from, plain",
     PLAIN,
     {"cache-from=type=registry,ref=a"},
     "|--cache-from|type=registry,ref=a"},

    {"outputs: oci, plain",
     PLAIN,
     {"outputs=type=oci,dest=a"},
     TEMPORARY "|--output|type=oci,dest=a" PROVENANCE},
    {"outputs: oci, nothing else", PLAIN_ONLY, {"outputs=type=oci,dest=a"}, NULL, "`outputs`"},
    {"outputs: docker to a file, nothing else",
     PLAIN_ONLY,
     {"outputs=type=docker,dest=a"},
     NULL,
     "`outputs`"},
    {"outputs: docker, plain", PLAIN, {"outputs=type=docker"}, "|--output|type=docker"},
    {"outputs: registry, plain", PLAIN, {"outputs=type=registry"}, "|--output|type=registry"},
    {"outputs: image, plain", PLAIN, {"outputs=type=image,name=a"}, "|--output|type=image,name=a"},

    {"foreign platform alone", PLAIN, {"platforms=linux/arm64"}, "|--platform|linux/arm64"},
    {"two platforms, plain", PLAIN, {BOTH}, "|--platform|linux/amd64", "setup-qemu-action"},
    {"two platforms, store",
     STORE,
     {BOTH},
     "|--platform|linux/amd64" PROVENANCE,
     "setup-qemu-action"},
    {"two platforms, container",
     CONTAINER,
     {BOTH},
     "|--platform|linux/amd64" PROVENANCE,
     "setup-qemu-action"},
    {"two foreign platforms",
     PLAIN,
     {"platforms=linux/arm64,linux/s390x"},
     "|--platform|linux/amd64",
     "setup-qemu-action"},
    {"two platforms that run, store",
     STORE,
     {"platforms=linux/amd64,linux/386"},
     "|--platform|linux/amd64,linux/386" PROVENANCE},
    {"two platforms, emulated",
     EMULATING,
     {BOTH},
     TEMPORARY "|--platform|linux/amd64,linux/arm64" PROVENANCE},
    {"two platforms that run, nothing else",
     PLAIN_ONLY,
     {"platforms=linux/amd64,linux/386"},
     "|--platform|linux/amd64",
     "setup-buildx-action"},
    {"two platforms to load, emulated",
     EMULATING,
     {BOTH, "load=true"},
     "|--load|--platform|linux/amd64",
     "one platform"},
    {"two platforms to load, store",
     STORE,
     {"platforms=linux/amd64,linux/386", "load=true"},
     "|--load|--platform|linux/amd64,linux/386"},
    {"two platforms to push, plain", PLAIN, {BOTH, "push=true"}, NULL, "setup-qemu-action"},
    {"two platforms to push, store", STORE, {BOTH, "push=true"}, NULL, "setup-qemu-action"},
    {"two platforms to an output that pushes",
     PLAIN,
     {BOTH, "outputs=type=image,push=true"},
     NULL,
     "setup-qemu-action"},
    {"two platforms to an output that pushes, in another word",
     PLAIN,
     {BOTH, "outputs=type=image,push=1"},
     NULL,
     "setup-qemu-action"},
    {"two platforms to an output that does not push",
     PLAIN,
     {BOTH, "outputs=type=image,push=false"},
     "|--output|type=image,push=false|--platform|linux/amd64",
     "setup-qemu-action"},
    {"two platforms to a registry",
     PLAIN,
     {BOTH, "outputs=type=registry"},
     NULL,
     "setup-qemu-action"},
    {"two platforms to push, emulated",
     EMULATING,
     {BOTH, "push=true"},
     TEMPORARY "|--platform|linux/amd64,linux/arm64|--push" PROVENANCE},
    {"two platforms to push that run, nothing else",
     PLAIN_ONLY,
     {"platforms=linux/amd64,linux/386", "push=true"},
     NULL,
     "setup-buildx-action"},

    {"a builder of the user's", PLAIN, {"builder=mine", "provenance=true"}, NULL, "`mine`"},
    {"a builder of the user's that is enough", PLAIN, {"builder=mine"}, "|--builder|mine"},
    {"call makes no image",
     NEW_PLAIN,
     {"call=check", "push=true", "provenance=true", "cache-to=type=local,dest=a"},
     "|--call|check"},
    {"call of a build", NEW_PLAIN, {"call=build", "push=true"}, "|--call|build|--push"},
    {"call, with an old buildx", STORE, {"call=check"}, NULL, "0.15"},
    {"default provenance, unknown driver", UNKNOWN, {NULL}, ""},
    {"provenance, unknown driver", UNKNOWN, {"provenance=mode=max"}, TEMPORARY PROVENANCE},
    {"provenance, unknown driver and nothing else",
     UNKNOWN_ONLY,
     {"provenance=true"},
     NULL,
     "`provenance`"},
    {"cache-to, unknown driver and nothing else", UNKNOWN_ONLY, {ASKED_CACHE}, "", "`cache-to`"},
    {"load, unknown driver", UNKNOWN, {"load=true"}, "|--load"},
    {"a builder of the user's with an unknown driver",
     UNKNOWN,
     {"builder=mine", "sbom=true"},
     NULL,
     "the driver `other`"},
    {"default provenance, a driver that says what it can do", ABLE, {NULL}, PROVENANCE},
    {"cache-to, a driver that says what it can do", ABLE, {ASKED_CACHE}, CACHE PROVENANCE},
    {"podman", PODMAN, {NULL}, NULL, "podman"},
    {"podman with push", PODMAN, {"push=true", "provenance=true"}, NULL, "podman"},
    {"no engine", BROKEN, {NULL}, NULL, "Cannot connect to the Docker daemon"},
};

static int make(const struct fit_row *row, struct plan *plan, struct error *error)
{
    static struct facts facts;
    static struct inputs inputs;
    const char *settings[6] = {"context=."};
    memcpy(settings + 1, row->settings, sizeof(row->settings));
    facts = example_fork_facts();
    facts.docker = docker_of(row->docker);
    inputs = example_inputs(settings);
    return plan_make(&arena, &inputs, &facts, plan, error);
}

TEST(fits_the_build_to_the_builder)
{
    const struct fit_row *row = *state;
    struct plan plan;
    struct error error = ERROR_INIT;
    int made = make(row, &plan, &error);
    if (row->flags == NULL) {
        assert_int_equal(made, -1);
        assert_has(error.message, row->said);
        return;
    }
    if (made != 0)
        fail_msg("%s", error.message);
    assert_text(joined(&plan.command),
                arena_format(&arena,
                             "docker|buildx|build%s|--metadata-file|/tmp/private/metadata.json|"
                             "--iidfile|/tmp/private/image-id|.",
                             row->flags));
    assert_int_equal(plan.warnings.count, row->said != NULL ? 1 : 0);
    if (row->said != NULL)
        assert_has(plan.warnings.items[0], row->said);
}

TEST(a_temporary_builder_is_told_of_once)
{
    const struct fit_row *row = *state;
    struct plan plan;
    struct error error = ERROR_INIT;
    if (row->flags == NULL || make(row, &plan, &error) != 0)
        return;
    bool temporary = strstr(row->flags, TEMPORARY) != NULL;
    assert_text(plan.temporary_builder, temporary ? "private" : NULL);
    assert_int_equal(plan.notices.count, temporary ? 1 : 0);
}

/* What `docker build` itself can do. */
static const struct classic_row {
    const char *name;
    enum kind docker;
    const char *settings[4];
    const char *flags; /* NULL: an error */
    const char *said;
} CLASSIC[] = {
    {"nothing set", WITHOUT_BUILDX, {NULL}, "", "setup-buildx-action"},
    {"what it has always had",
     WITHOUT_BUILDX,
     {"tags=a", "build-args=A=1", "target=b", "load=true"},
     "|--build-arg|A=1|--tag|a|--target|b",
     "setup-buildx-action"},
    {"one platform",
     WITHOUT_BUILDX,
     {"platforms=linux/amd64"},
     "|--platform|linux/amd64",
     "setup-buildx-action"},
    {"caches", WITHOUT_BUILDX, {ASKED_CACHE, "cache-from=a"}, "", "`cache-to`"},
    {"provenance off",
     WITHOUT_BUILDX,
     {"provenance=false", "sbom=false"},
     "",
     "setup-buildx-action"},
    {"the local docker as output",
     WITHOUT_BUILDX,
     {"outputs=type=docker"},
     "",
     "setup-buildx-action"},
    {"push", WITHOUT_BUILDX, {"push=true"}, NULL, "`push`"},
    {"secrets", WITHOUT_BUILDX, {"secrets=A=1"}, NULL, "`secrets`"},
    {"secrets and ssh", WITHOUT_BUILDX, {"secrets=A=1", "ssh=default"}, NULL, "`secrets`, `ssh`"},
    {"provenance", WITHOUT_BUILDX, {"provenance=true"}, NULL, "`provenance`"},
    {"several platforms", WITHOUT_BUILDX, {BOTH}, NULL, "`platforms`"},
    {"outputs", WITHOUT_BUILDX, {"outputs=type=oci,dest=a"}, NULL, "`outputs`"},
    {"build-contexts", WITHOUT_BUILDX, {"build-contexts=a=b"}, NULL, "`build-contexts`"},
    {"secrets, with BuildKit in the client",
     OLD_WITHOUT_BUILDX,
     {"secrets=A=1"},
     "|--secret|id=A,src=/tmp/private/secret-0",
     "setup-buildx-action"},
    {"push, with BuildKit in the client", OLD_WITHOUT_BUILDX, {"push=true"}, NULL, "`push`"},
};

TEST(fits_the_build_to_docker_without_buildx)
{
    const struct classic_row *classic = *state;
    struct fit_row row = {.docker = classic->docker};
    memcpy(row.settings, classic->settings, sizeof(row.settings));
    struct plan plan;
    struct error error = ERROR_INIT;
    int made = make(&row, &plan, &error);
    if (classic->flags == NULL) {
        assert_int_equal(made, -1);
        assert_has(error.message, classic->said);
        assert_has(error.message, "setup-buildx-action");
        return;
    }
    if (made != 0)
        fail_msg("%s", error.message);
    assert_text(
        joined(&plan.command),
        arena_format(&arena, "docker|build%s|--iidfile|/tmp/private/image-id|.", classic->flags));
    assert_int_equal(plan.warnings.count, 1);
    assert_has(plan.warnings.items[0], classic->said);
    bool in_client = classic->docker == OLD_WITHOUT_BUILDX;
    assert_int_equal(plan.environment_count, 1);
    assert_text(plan.environment[0].name, "DOCKER_BUILDKIT");
    assert_text(plan.environment[0].value, in_client ? "1" : "0");
}

static const struct place_row {
    const char *name;
    const char *settings[2];
    bool on_host;
} PLACES[] = {
    {"a registry elsewhere", {"tags=ghcr.io/a/b:1", "push=true"}, false},
    {"no registry", {NULL}, false},
    {"a service of the job", {"tags=localhost:5000/a", "push=true"}, true},
    {"a cache on the loopback", {"cache-to=type=registry,ref=127.0.0.1:5000/a"}, true},
    {"an output on the loopback", {"outputs=type=image,name=localhost:5000/a,push=true"}, true},
};

TEST(a_temporary_builder_reaches_the_registry)
{
    const struct place_row *place = *state;
    struct fit_row row = {.docker = PLAIN, .settings = {"provenance=true"}};
    memcpy(row.settings + 1, place->settings, sizeof(place->settings));
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&row, &plan, &error), 0);
    assert_non_null(plan.temporary_builder);
    assert_int_equal(plan.temporary_on_host, place->on_host);
}

TEST(depot_is_not_fitted_to_docker)
{
    struct facts facts = example_facts();
    facts.docker = docker_of(BROKEN);
    struct inputs inputs = INPUTS_OF("context=.", BOTH, "push=true");
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(plan_make(&arena, &inputs, &facts, &plan, &error), 0);
    assert_int_equal(plan.builder, BUILDER_DEPOT);
}

TEST(only_a_fork_s_caches_may_fail)
{
    struct facts facts = example_facts();
    facts.docker = docker_of(STORE);
    facts.depot_failure = "unavailable";
    facts.no_default_attestations = true;
    struct inputs inputs = INPUTS_OF("context=.", ASKED_CACHE);
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(plan_make(&arena, &inputs, &facts, &plan, &error), 0);
    assert_has_not(joined(&plan.command), "ignore-error");
}

int main(void)
{
    UNIT_ROWS(fits_the_build_to_the_builder, ROWS);
    UNIT_ROWS(a_temporary_builder_is_told_of_once, ROWS);
    UNIT_ROWS(fits_the_build_to_docker_without_buildx, CLASSIC);
    UNIT_ROWS(a_temporary_builder_reaches_the_registry, PLACES);
    UNIT_TEST(depot_is_not_fitted_to_docker);
    UNIT_TEST(only_a_fork_s_caches_may_fail);
    return unit_run("plan/fit");
}
