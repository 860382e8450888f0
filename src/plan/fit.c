#include "plan/fit.h"

#include "plan/attestations.h"
#include "plan/list.h"
#include "system/string_list.h"

#include <string.h>

struct fit {
    struct arena *arena;
    struct inputs *inputs;
    struct facts *facts;
    struct plan *plan;
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

static bool has_field(const struct fit *fit, const char *record, const char *field)
{
    struct string_list fields = {0};
    return list_fields(fit->arena, record, &fields) == 0 && string_list_has(&fields, field);
}

static bool has_attribute(const struct fit *fit, const char *record, const char *prefix)
{
    struct string_list fields = {0};
    list_fields(fit->arena, record, &fields);
    for (size_t i = 0; i < fields.count; i++)
        if (strncmp(fields.items[i], prefix, strlen(prefix)) == 0)
            return true;
    return false;
}

/* What is asked for */

static bool is_off(const struct fit *fit, const char *attestation)
{
    bool wanted = true;
    if (go_bool_parse(attestation, &wanted) == 0)
        return !wanted;
    return has_field(fit, attestation, "disabled=true") || has_field(fit, attestation, "false");
}

static void name_attestations(const struct fit *fit, struct string_list *names)
{
    const struct inputs *inputs = fit->inputs;
    bool attests = false;
    for (size_t i = 0; i < inputs->attests.count; i++)
        attests = attests || !is_off(fit, inputs->attests.items[i]);
    if (attests)
        string_list_add(fit->arena, names, "attests");
    if (inputs->provenance != NULL && !is_off(fit, inputs->provenance))
        string_list_add(fit->arena, names, "provenance");
    if (inputs->sbom != NULL && !is_off(fit, inputs->sbom))
        string_list_add(fit->arena, names, "sbom");
}

/* The engine's own store takes images, and files can be written anywhere; archives of images need
 * more. */
static bool needs_exporter(const struct fit *fit, const char *output)
{
    if (output_is(fit->arena, output, "docker"))
        return has_attribute(fit, output, "dest=");
    return output_is(fit->arena, output, "oci");
}

static void name_outputs(const struct fit *fit, struct string_list *names)
{
    const struct string_list *outputs = &fit->inputs->outputs;
    for (size_t i = 0; i < outputs->count; i++) {
        if (!needs_exporter(fit, outputs->items[i]))
            continue;
        string_list_add(fit->arena, names, "outputs");
        return;
    }
}

static bool pushes(const struct fit *fit)
{
    return fit->inputs->push || outputs_push(fit->arena, &fit->inputs->outputs);
}

static bool loads(const struct fit *fit)
{
    return fit->inputs->load || outputs_have(fit->arena, &fit->inputs->outputs, "docker");
}

/* Caches */

static bool is_inline(const struct fit *fit, const char *cache)
{
    return has_field(fit, cache, "type=inline");
}

/* Without the runner's service they are left out anyway, with a warning of their own. */
static bool is_written(const struct fit *fit, const char *cache)
{
    bool left_out = !fit->facts->actions_cache && has_field(fit, cache, "type=gha");
    return !is_inline(fit, cache) && !left_out;
}

static bool writes_cache(const struct fit *fit)
{
    for (size_t i = 0; i < fit->inputs->cache_to.count; i++)
        if (is_written(fit, fit->inputs->cache_to.items[i]))
            return true;
    return false;
}

static void leave_out_caches(const struct fit *fit, const char *because)
{
    struct string_list kept = {0};
    for (size_t i = 0; i < fit->inputs->cache_to.count; i++)
        if (!is_written(fit, fit->inputs->cache_to.items[i]))
            string_list_add(fit->arena, &kept, fit->inputs->cache_to.items[i]);
    fit->inputs->cache_to = kept;
    warn(fit, arena_format(fit->arena, "`cache-to` is left out: %s. The image itself is the same.",
                           because));
}

/* A fork may not write to the registry or bucket where the cache lies: that the cache could not be
 * stored must not fail its check (BuildKit: cache storage backends, ignore-error). */
static void forgive_caches(const struct fit *fit)
{
    struct string_list forgiven = {0};
    for (size_t i = 0; i < fit->inputs->cache_to.count; i++) {
        const char *cache = fit->inputs->cache_to.items[i];
        if (is_written(fit, cache) && !has_attribute(fit, cache, "ignore-error=")) {
            bool typed = has_attribute(fit, cache, "type=");
            cache = arena_format(fit->arena, "%s%s,ignore-error=true",
                                 typed ? "" : "type=registry,ref=", cache);
        }
        string_list_add(fit->arena, &forgiven, cache);
    }
    fit->inputs->cache_to = forgiven;
}

/* Platforms */

static int refuse_part(const char *left_out, const char *why, const char *cure, struct error *error)
{
    return error_set(error,
                     "%s of the input `platforms` cannot be built here: %s. Only a part of the "
                     "image is never pushed, as it would replace a whole one: %s",
                     left_out, why, cure);
}

/* Of several platforms those that this machine can run, or its own where it is none of them. */
static int keep_runnable(const struct fit *fit, struct error *error)
{
    static const char why[] = "this runner can neither run programs of another architecture nor "
                              "emulate it";
    static const char cure[] = "add a step `uses: docker/setup-qemu-action@v3` before this one";
    struct string_list *platforms = &fit->inputs->platforms;
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
    const char *left_out = named(fit, &foreign);
    if (pushes(fit))
        return refuse_part(left_out, why, cure, error);
    if (kept.count == 0)
        string_list_add(fit->arena, &kept, able->items[0]);
    *platforms = kept;
    warn(fit, arena_format(fit->arena, "Built for %s only, and not for %s: %s. To build all, %s.",
                           named(fit, &kept), left_out, why, cure));
    return 0;
}

static int keep_first(const struct fit *fit, const char *why, const char *cure, struct error *error)
{
    struct string_list *platforms = &fit->inputs->platforms;
    struct string_list kept = {0};
    struct string_list others = {0};
    for (size_t i = 0; i < platforms->count; i++)
        string_list_add(fit->arena, i == 0 ? &kept : &others, platforms->items[i]);
    if (pushes(fit))
        return refuse_part(named(fit, &others), why, cure, error);
    *platforms = kept;
    warn(fit, arena_format(fit->arena, "Built for `%s` only, and not for %s: %s. To build all, %s.",
                           kept.items[0], named(fit, &others), why, cure));
    return 0;
}

/* The builders */

static const char SET_UP_BUILDX[] =
    "add a step `uses: docker/setup-buildx-action@v3` before this one";

/* The name is as unguessable as the run's directory, and as free. */
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

/* A registry on this machine, as a service of the job is, which a container cannot reach. */
static bool has_local_registry(const struct inputs *inputs)
{
    return names_loopback(&inputs->tags) || names_loopback(&inputs->outputs) ||
           names_loopback(&inputs->cache_from) || names_loopback(&inputs->cache_to) ||
           names_loopback(&inputs->build_contexts);
}

static const char *why_no_container_builder(const struct fit *fit)
{
    const char *problem = fit->facts->docker.no_container_builder;
    if (fit->inputs->builder != NULL)
        return arena_format(fit->arena,
                            "the builder `%s` of the input `builder` has the driver `docker` "
                            "without containerd's image store",
                            fit->inputs->builder);
    if (problem == NULL)
        return NULL;
    return arena_format(fit->arena,
                        "this runner's docker cannot do it, and no `docker-container` builder "
                        "could be started (%s)",
                        problem);
}

static int do_without(const struct fit *fit, const struct string_list *images, const char *why,
                      struct error *error)
{
    if (images->count > 0)
        return error_set(error, "the input%s %s cannot be had: %s: %s, or remove %s for this event",
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
    name_attestations(fit, &images);
    name_outputs(fit, &images);
    struct string_list wanted = images;
    if (writes_cache(fit))
        string_list_add(fit->arena, &wanted, "cache-to");
    if (fit->inputs->platforms.count > 1)
        string_list_add(fit->arena, &wanted, "platforms");
    const char *why = why_no_container_builder(fit);
    if (wanted.count == 0 || why != NULL) {
        fit->facts->no_default_attestations = true;
        return wanted.count == 0 ? 0 : do_without(fit, &images, why, error);
    }
    fit->plan->temporary_builder = name_builder(fit);
    fit->plan->temporary_on_host = has_local_registry(fit->inputs);
    fit->inputs->builder = fit->plan->temporary_builder;
    string_list_add(fit->arena, &fit->plan->notices,
                    arena_format(fit->arena,
                                 "This runner's docker cannot do %s: a `docker-container` builder "
                                 "is started for this build, and removed behind it.",
                                 named(fit, &wanted)));
    return 0;
}

static int leave_out_attestations(const struct fit *fit, const struct string_list *names,
                                  struct error *error)
{
    struct inputs *inputs = fit->inputs;
    static const char why[] = "docker's image store here keeps no attestations";
    if (pushes(fit))
        return error_set(error,
                         "the input%s %s cannot be had with `load`: %s: leave out `load`, or "
                         "switch on docker's containerd image store",
                         names->count > 1 ? "s" : "", named(fit, names), why);
    warn(fit, arena_format(fit->arena, "%s: left out, as the image is loaded, and %s.",
                           named(fit, names), why));
    inputs->attests = (struct string_list){0};
    inputs->provenance = inputs->sbom = NULL;
    fit->facts->no_default_attestations = true;
    return 0;
}

/* What the engine pushes out of containerd's store stays there. To load it as well would write one
 * name twice at the same time, which fails as often as not. */
static void keep_pushed_image(const struct fit *fit)
{
    if (fit->facts->docker.driver == NULL || !fit->inputs->load || !fit->inputs->push)
        return;
    fit->inputs->load = false;
    fit->facts->no_default_attestations = true;
}

/* No builder but the engine's with containerd's store can give docker an image index, which is what
 * attestations and several platforms make of an image. */
static int fit_load(const struct fit *fit, struct error *error)
{
    const struct capabilities *docker = &fit->facts->docker;
    struct string_list attestations = {0};
    bool holds_indexes = docker->driver == NULL ||
                         (docker->containerd_store && strcmp(docker->driver, "docker") == 0);
    if (holds_indexes)
        keep_pushed_image(fit);
    if (holds_indexes || !loads(fit))
        return 0;
    name_attestations(fit, &attestations);
    if (attestations.count > 0 && leave_out_attestations(fit, &attestations, error) != 0)
        return -1;
    if (fit->inputs->platforms.count < 2)
        return 0;
    return keep_first(fit, "docker holds an image for one platform",
                      "leave out `load`, or switch on docker's containerd image store", error);
}

/* Other than `build`, a method makes no image: nothing about one can stand in its way. */
static void fit_call(const struct fit *fit)
{
    struct inputs *inputs = fit->inputs;
    if (inputs->call == NULL || strcmp(inputs->call, "build") == 0)
        return;
    fit->facts->no_default_attestations = true;
    inputs->attests = inputs->cache_to = inputs->outputs = (struct string_list){0};
    inputs->provenance = inputs->sbom = NULL;
    inputs->load = inputs->push = false;
}

static int fit_to_buildx(const struct fit *fit, struct error *error)
{
    const struct capabilities *docker = &fit->facts->docker;
    fit_call(fit);
    if (fit->inputs->call != NULL && !version_reaches(docker->buildx_version, 0, 15))
        return error_set(error,
                         "the input `call` needs docker buildx 0.15 or newer, and this runner has "
                         "%s: %s",
                         docker->buildx_version, SET_UP_BUILDX);
    if (keep_runnable(fit, error) != 0 || fit_load(fit, error) != 0)
        return -1;
    if (capabilities_are_plain(docker) && fit_to_plain(fit, error) != 0)
        return -1;
    if (fit->facts->fork)
        forgive_caches(fit);
    return 0;
}

/* `docker build` has BuildKit in it up to version 22; since 23 it is buildx that has it. */
static bool client_has_buildkit(const struct capabilities *docker)
{
    return docker->client_version != NULL && !version_reaches(docker->client_version, 23, 0);
}

static bool needs_output(const struct fit *fit)
{
    const struct string_list *outputs = &fit->inputs->outputs;
    for (size_t i = 0; i < outputs->count; i++)
        if (!output_is(fit->arena, outputs->items[i], "docker") ||
            needs_exporter(fit, outputs->items[i]))
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
    name_attestations(fit, &names);
    if (names.count > 0)
        return error_set(error, "the input%s %s need%s docker buildx, which this runner lacks: %s",
                         names.count > 1 ? "s" : "", named(fit, &names), names.count > 1 ? "" : "s",
                         SET_UP_BUILDX);
    fit->plan->classic = true;
    if (inputs->cache_from.count + inputs->cache_to.count > 0)
        warn(fit, arena_format(fit->arena,
                               "`cache-from` and `cache-to` are left out: this runner lacks docker "
                               "buildx. To have them, %s.",
                               SET_UP_BUILDX));
    else
        warn(fit, arena_format(fit->arena,
                               "This runner lacks docker buildx: `docker build` builds without it. "
                               "For all that Dockerfiles can have, %s.",
                               SET_UP_BUILDX));
    inputs->attests = inputs->cache_from = inputs->cache_to = (struct string_list){0};
    inputs->provenance = inputs->sbom = NULL;
    inputs->load = false;
    if (!buildkit) {
        inputs->outputs = (struct string_list){0};
        inputs->github_token = NULL;
    }
    fit->facts->no_default_attestations = true;
    return 0;
}

int fit_to_docker(struct arena *arena, struct inputs *inputs, struct facts *facts,
                  struct plan *plan, struct error *error)
{
    const struct fit fit = {.arena = arena, .inputs = inputs, .facts = facts, .plan = plan};
    const struct capabilities *docker = &facts->docker;
    if (!docker->known)
        return 0;
    if (docker->problem != NULL)
        return error_set(error,
                         "docker cannot build here: %s: start its engine, or, in a job container, "
                         "mount its socket (`options: -v /var/run/docker.sock:/var/run/"
                         "docker.sock`)",
                         docker->problem);
    return docker->buildx ? fit_to_buildx(&fit, error) : fit_to_classic(&fit, error);
}
