#include "plan/fit.h"

#include "plan/builder.h"
#include "plan/outputs.h"
#include "system/string_list.h"

#include <string.h>

struct fit {
    struct arena *arena;
    const struct facts *facts;
    struct plan *plan;
    struct request *request; /* the plan's, and its inputs */
    struct inputs *inputs;
};

static void warn(const struct fit *fit, const char *warning)
{
    string_list_add(fit->arena, &fit->plan->warnings, warning);
}

/* "`a`, `b`" of inputs' names. */
static const char *named(const struct fit *fit, const struct string_list *names)
{
    struct string_list quoted = {0};
    for (size_t i = 0; i < names->count; i++)
        string_list_add(fit->arena, &quoted, arena_format(fit->arena, "`%s`", names->items[i]));
    return string_list_join(fit->arena, &quoted, ", ");
}

/* What the build asks for */

/* The engine's own store accepts images, and files can be written anywhere; archives of images need
 * more. */
static bool needs_exporter(const struct record *output)
{
    return output_is(output, "docker") ? record_get(output, "dest") != NULL
                                       : output_is(output, "oci");
}

static void name_outputs(const struct fit *fit, struct string_list *names)
{
    const struct records *outputs = &fit->request->outputs;
    for (size_t i = 0; i < outputs->count; i++) {
        if (!needs_exporter(&outputs->items[i]))
            continue;
        string_list_add(fit->arena, names, "outputs");
        return;
    }
}

static bool pushes(const struct fit *fit)
{
    return fit->inputs->push || outputs_push(&fit->request->outputs);
}

/* Which setting of the workflow puts the image into docker; NULL: none. */
static const char *loader(const struct fit *fit)
{
    if (fit->inputs->load)
        return "load";
    return outputs_have(&fit->request->outputs, "docker") ? "outputs: type=docker" : NULL;
}

static void leave_out_outputs(const struct fit *fit)
{
    fit->inputs->outputs = (struct string_list){0};
    fit->request->outputs.count = 0;
}

/* Caches */

static bool is_inline(const struct record *cache)
{
    return record_is(cache, "type", "inline");
}

static bool writes_cache(const struct fit *fit)
{
    for (size_t i = 0; i < fit->request->cache_to.count; i++)
        if (!is_inline(&fit->request->cache_to.items[i]))
            return true;
    return false;
}

static void leave_out_caches(const struct fit *fit, const char *because)
{
    struct records *caches = &fit->request->cache_to;
    size_t kept = 0;
    for (size_t i = 0; i < caches->count; i++)
        if (is_inline(&caches->items[i]))
            caches->items[kept++] = caches->items[i];
    caches->count = kept;
    warn(fit, arena_format(fit->arena, "`cache-to` is left out: %s. The image itself is the same.",
                           because));
}

/* A fork may not write to the registry or bucket that holds the cache, so its check must not fail
 * because the cache could not be stored (BuildKit: cache storage backends, ignore-error). */
static void forgive_caches(const struct fit *fit)
{
    for (size_t i = 0; i < fit->request->cache_to.count; i++) {
        struct record *cache = &fit->request->cache_to.items[i];
        const char *type = record_get(cache, "type") != NULL ? "" : "type=registry,ref=";
        if (!is_inline(cache) && record_get(cache, "ignore-error") == NULL)
            cache->text = arena_format(fit->arena, "%s%s,ignore-error=true", type, cache->text);
    }
}

/* Platforms */

static int keep_part(const struct fit *fit, const struct string_list *kept,
                     const struct string_list *left_out, const char *why, const char *cure,
                     struct error *error)
{
    if (pushes(fit))
        return error_set(error,
                         "%s of the input `platforms` cannot be built here: %s. A part of an image "
                         "is never pushed, because it would replace a complete one: %s",
                         named(fit, left_out), why, cure);
    fit->inputs->platforms = *kept;
    warn(fit, arena_format(fit->arena,
                           "Built for %s only, not for %s: %s. To build for all of them, %s.",
                           named(fit, kept), named(fit, left_out), why, cure));
    return 0;
}

/* Keeps those of several platforms that this machine can run, or the machine's own if it can run
 * none of them. */
static int keep_runnable(const struct fit *fit, struct error *error)
{
    const struct string_list *platforms = &fit->inputs->platforms;
    const struct string_list *able = &fit->facts->docker.platforms;
    struct string_list kept = {0};
    struct string_list foreign = {0};
    if (platforms->count < 2 || able->count == 0)
        return 0;
    for (size_t i = 0; i < platforms->count; i++)
        string_list_add(fit->arena,
                        platform_runs(fit->arena, able, platforms->items[i]) ? &kept : &foreign,
                        platforms->items[i]);
    if (foreign.count == 0)
        return 0;
    if (kept.count == 0)
        string_list_add(fit->arena, &kept, able->items[0]);
    return keep_part(fit, &kept, &foreign,
                     "this runner can neither run nor emulate programs for another architecture",
                     "add a step `uses: docker/setup-qemu-action@v3` before this one", error);
}

static int keep_first(const struct fit *fit, const char *why, const char *cure, struct error *error)
{
    const struct string_list *platforms = &fit->inputs->platforms;
    struct string_list kept = {0};
    struct string_list others = {0};
    for (size_t i = 0; i < platforms->count; i++)
        string_list_add(fit->arena, i == 0 ? &kept : &others, platforms->items[i]);
    return keep_part(fit, &kept, &others, why, cure, error);
}

/* The builders */

static const char SET_UP_BUILDX[] =
    "add a step `uses: docker/setup-buildx-action@v3` before this one";

/* The name comes from the run's directory, so it is just as hard to guess, and not in use. */
static const char *name_builder(const struct fit *fit)
{
    const char *slash = strrchr(fit->facts->private_directory, '/');
    return slash != NULL ? slash + 1 : fit->facts->private_directory;
}

static bool names_loopback(const struct string_list *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (strstr(items->items[i], "localhost:") != NULL ||
            strstr(items->items[i], "127.0.0.1:") != NULL)
            return true;
    return false;
}

/* A registry on this machine, such as a service of the job, which a container cannot reach. */
static bool has_local_registry(const struct inputs *inputs)
{
    return names_loopback(&inputs->tags) || names_loopback(&inputs->outputs) ||
           names_loopback(&inputs->cache_from) || names_loopback(&inputs->cache_to) ||
           names_loopback(&inputs->build_contexts);
}

static const char *why_no_container_builder(const struct fit *fit)
{
    const char *problem = fit->facts->docker.no_container_builder;
    const char *driver = fit->facts->docker.driver;
    if (fit->inputs->builder != NULL)
        return arena_format(
            fit->arena, "the builder `%s` of the input `builder` has the driver `%s`, %s",
            fit->inputs->builder, driver,
            strcmp(driver, "docker") == 0 ? "which cannot do this without containerd's image store"
                                          : "which does not report that it can do this");
    if (problem == NULL)
        return NULL;
    return arena_format(fit->arena,
                        "this runner's docker cannot do this, and no `docker-container` builder "
                        "could be started (%s)",
                        problem);
}

static int do_without(const struct fit *fit, const struct string_list *images, const char *why,
                      struct error *error)
{
    if (images->count > 0)
        return error_set(error,
                         "the input%s %s cannot be used: %s: %s, or remove %s for this event",
                         images->count > 1 ? "s" : "", named(fit, images), why, SET_UP_BUILDX,
                         images->count > 1 ? "them" : "it");
    if (writes_cache(fit))
        leave_out_caches(fit, why);
    if (fit->inputs->platforms.count > 1)
        return keep_first(fit, why, SET_UP_BUILDX, error);
    return 0;
}

/* A hosted runner's own builder. */
static int fit_to_plain(const struct fit *fit, struct error *error)
{
    struct string_list images = {0};
    attestations_name(fit->arena, &fit->request->attestations, &images);
    name_outputs(fit, &images);
    struct string_list wanted = images;
    if (writes_cache(fit))
        string_list_add(fit->arena, &wanted, "cache-to");
    if (fit->inputs->platforms.count > 1)
        string_list_add(fit->arena, &wanted, "platforms");
    const char *why = why_no_container_builder(fit);
    if (wanted.count == 0 || why != NULL) {
        attestations_drop_default(&fit->request->attestations);
        return wanted.count == 0 ? 0 : do_without(fit, &images, why, error);
    }
    fit->plan->temporary_builder = name_builder(fit);
    fit->plan->temporary_on_host = has_local_registry(fit->inputs);
    fit->inputs->builder = fit->plan->temporary_builder;
    string_list_add(fit->arena, &fit->plan->notices,
                    arena_format(fit->arena,
                                 "This runner's docker does not support %s: a `docker-container` "
                                 "builder is started for this build and removed afterwards.",
                                 named(fit, &wanted)));
    return 0;
}

static int leave_out_attestations(const struct fit *fit, const struct string_list *names,
                                  struct error *error)
{
    static const char why[] = "docker's image store on this runner cannot keep attestations";
    if (pushes(fit))
        return error_set(error,
                         "the input%s %s cannot be used with `%s`: %s: leave out `%s`, or turn on "
                         "docker's containerd image store",
                         names->count > 1 ? "s" : "", named(fit, names), loader(fit), why,
                         loader(fit));
    warn(fit, arena_format(fit->arena, "The image is built without %s: it is loaded, and %s.",
                           named(fit, names), why));
    fit->request->attestations = (struct attestations){.provenance_by_default = false};
    return 0;
}

/* An image that the engine pushes from containerd's store stays there. Loading it as well would
 * write the same name twice at once, which fails about half the time. */
static void keep_pushed_image(const struct fit *fit)
{
    if (fit->facts->docker.driver != NULL && fit->inputs->push)
        fit->inputs->load = false;
}

/* Only the engine's builder with containerd's store can give docker an image index, and
 * attestations or several platforms turn an image into one. */
static int fit_load(const struct fit *fit, struct error *error)
{
    const struct capabilities *docker = &fit->facts->docker;
    struct string_list attestations = {0};
    bool holds_indexes = docker->driver == NULL ||
                         (docker->containerd_store && strcmp(docker->driver, "docker") == 0);
    if (holds_indexes)
        keep_pushed_image(fit);
    if (holds_indexes || loader(fit) == NULL)
        return 0;
    attestations_name(fit->arena, &fit->request->attestations, &attestations);
    if (attestations.count > 0 && leave_out_attestations(fit, &attestations, error) != 0)
        return -1;
    if (fit->inputs->platforms.count < 2)
        return 0;
    return keep_first(fit, "docker keeps an image for one platform only",
                      arena_format(fit->arena,
                                   "leave out `%s`, or turn on docker's containerd image store",
                                   loader(fit)),
                      error);
}

/* Any method other than `build` makes no image, so what concerns only an image is left out. */
static void fit_call(const struct fit *fit)
{
    struct inputs *inputs = fit->inputs;
    if (inputs->call == NULL || strcmp(inputs->call, "build") == 0)
        return;
    fit->request->attestations = (struct attestations){.provenance_by_default = false};
    fit->request->cache_to.count = 0;
    leave_out_outputs(fit);
    inputs->load = inputs->push = false;
}

static int fit_to_buildx(const struct fit *fit, struct error *error)
{
    const struct capabilities *docker = &fit->facts->docker;
    fit_call(fit);
    if (fit->inputs->call != NULL && !version_reaches(docker->buildx_version, 0, 15))
        return error_set(
            error, "the input `call` needs docker buildx 0.15 or newer, but this runner has %s: %s",
            docker->buildx_version, SET_UP_BUILDX);
    if (keep_runnable(fit, error) != 0 || fit_load(fit, error) != 0)
        return -1;
    if (capabilities_are_plain(docker) && fit_to_plain(fit, error) != 0)
        return -1;
    if (run_is_restricted(fit->facts))
        forgive_caches(fit);
    return 0;
}

/* `docker build` contains BuildKit up to version 22; from 23 on, buildx does. */
static bool client_has_buildkit(const struct capabilities *docker)
{
    return docker->client_version != NULL && !version_reaches(docker->client_version, 23, 0);
}

static bool needs_output(const struct fit *fit)
{
    const struct records *outputs = &fit->request->outputs;
    for (size_t i = 0; i < outputs->count; i++)
        if (!output_is(&outputs->items[i], "docker") || needs_exporter(&outputs->items[i]))
            return true;
    return false;
}

/* What `docker build` itself can do. */
static int fit_to_classic(const struct fit *fit, struct error *error)
{
    struct inputs *inputs = fit->inputs;
    bool buildkit = client_has_buildkit(&fit->facts->docker);
    const struct {
        const char *input;
        bool needs_buildx;
    } needs[] = {
        {"allow", inputs->allow.count > 0},
        {"annotations", inputs->annotations.count > 0},
        {"build-contexts", inputs->build_contexts.count > 0},
        {"builder", inputs->builder != NULL},
        {"call", inputs->call != NULL},
        {"no-cache-filters", inputs->no_cache_filters.count > 0},
        {"outputs", needs_output(fit) && !buildkit},
        {"platforms", inputs->platforms.count > 1},
        {"push", inputs->push},
        {"secret-envs", inputs->secret_envs.count > 0 && !buildkit},
        {"secret-files", inputs->secret_files.count > 0 && !buildkit},
        {"secrets", inputs->secrets.count > 0 && !buildkit},
        {"ssh", inputs->ssh.count > 0 && !buildkit},
    };
    struct string_list names = {0};
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (needs[i].needs_buildx)
            string_list_add(fit->arena, &names, needs[i].input);
    attestations_name(fit->arena, &fit->request->attestations, &names);
    if (names.count > 0)
        return error_set(error, "the input%s %s need%s docker buildx, which this runner lacks: %s",
                         names.count > 1 ? "s" : "", named(fit, &names), names.count > 1 ? "" : "s",
                         SET_UP_BUILDX);
    fit->plan->classic = true;
    if (inputs->cache_from.count + inputs->cache_to.count > 0)
        warn(fit, arena_format(fit->arena,
                               "`cache-from` and `cache-to` are left out: this runner lacks docker "
                               "buildx. To use them, %s.",
                               SET_UP_BUILDX));
    else
        warn(fit, arena_format(fit->arena,
                               "This runner lacks docker buildx: `docker build` builds without it. "
                               "To use every feature of Dockerfiles, %s.",
                               SET_UP_BUILDX));
    fit->request->attestations = (struct attestations){.provenance_by_default = false};
    fit->request->cache_from.count = fit->request->cache_to.count = 0;
    fit->request->actions_cache_left_out = false;
    inputs->load = false;
    if (!buildkit) {
        leave_out_outputs(fit);
        inputs->github_token = NULL;
    }
    return 0;
}

int fit_to_docker(struct arena *arena, const struct facts *facts, struct plan *plan,
                  struct error *error)
{
    const struct fit fit = {.arena = arena,
                            .facts = facts,
                            .plan = plan,
                            .request = &plan->request,
                            .inputs = &plan->request.inputs};
    const struct capabilities *docker = &facts->docker;
    if (!docker->known)
        return 0;
    if (docker->podman)
        return error_set(error, "the command `docker` of this runner is podman, which cannot build "
                                "the way docker buildx does: install docker with buildx, or give "
                                "the run a Depot token so that Depot builds");
    if (docker->problem != NULL)
        return error_set(error,
                         "docker cannot build here: %s: start its engine, or, in a job container, "
                         "mount its socket (`options: -v /var/run/docker.sock:/var/run/"
                         "docker.sock`)",
                         docker->problem);
    return docker->buildx ? fit_to_buildx(&fit, error) : fit_to_classic(&fit, error);
}
