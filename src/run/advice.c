#include "run/advice.h"

#include "github/claims.h"
#include "plan/builder.h"
#include "plan/outputs.h"
#include "system/string_list.h"
#include "system/text.h"

#include <string.h>

struct advice identity_advice(enum forge forge)
{
    static const struct advice advice[] = {
        [FORGE_GITHUB] = {"add `id-token: write` to its `permissions`, as the log shows",
                          "permissions:\n"
                          "  contents: read\n"
                          "  id-token: write\n"},
        [FORGE_FORGEJO] = {"add `enable-openid-connect: true` to it, as the log shows (Forgejo 15 "
                           "or newer)",
                           "enable-openid-connect: true\n"},
        [FORGE_GITEA] = {NULL, NULL},
    };
    return advice[forge];
}

static bool has_any(const char *line, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasestr(line, *words) != NULL)
            return true;
    return false;
}

/* Registries word it in many ways (Docker: registry HTTP API, errors). */
static bool is_refused_push(const char *line)
{
    static const char *const refusals[] = {"denied",
                                           "unauthorized",
                                           "authorization",
                                           "authentication required",
                                           "forbidden",
                                           "no basic auth credentials",
                                           NULL};
    static const char *const of_base_images[] = {"pull access", "source metadata", NULL};
    return has_any(line, refusals) && !has_any(line, of_base_images);
}

/* The registry in `failed to push ghcr.io/acme/app:1: denied` (distribution: reference). */
static const char *pushed_to(struct arena *arena, const char *line)
{
    static const char said[] = "failed to push ";
    const char *image = strstr(line, said);
    if (image == NULL)
        return "the registry";
    image += sizeof(said) - 1;
    const char *host = arena_copy_bytes(arena, image, strcspn(image, "/ "));
    const bool named = image[strcspn(image, "/ ")] == '/' &&
                       (strpbrk(host, ".:") != NULL || strcmp(host, "localhost") == 0);
    return named ? host : "docker.io";
}

/* GitHub: working with the container registry. */
static const char *about_packages(const char *line)
{
    static const char *const unlinked[] = {"installation not allowed", NULL};
    static const char *const refused[] = {"permission_denied", "403", "forbidden", "scopes", NULL};
    if (has_any(line, unlinked))
        return "This repository is not allowed to write to the package: in the package's settings, "
               "under "
               "`Manage Actions access`, add the repository with the role `Write`";
    if (has_any(line, refused))
        return "If you log in with the job's own token, add `packages: write` to the job's "
               "`permissions`; if the package belongs to another repository, add this repository "
               "in the package's settings, under `Manage Actions access`";
    return NULL;
}

static const char *about_push(struct arena *arena, const char *line)
{
    const char *host = pushed_to(arena, line);
    const char *packages = strcmp(host, "ghcr.io") == 0 ? about_packages(line) : NULL;
    if (packages != NULL)
        return packages;
    return arena_format(arena,
                        "There is no login for %s that is allowed to push this image: log in with "
                        "docker/login-action before this step, as a user or with a token that has "
                        "write access, and check the image's name",
                        host);
}

static bool is_cache_export(const char *line, const char *step)
{
    static const char *const words[] = {"error writing layer blob", "error writing manifest blob",
                                        "failed to export cache", "exporting cache", NULL};
    static const char *const names[] = {"exporting cache", "exporting to GitHub Actions Cache",
                                        NULL};
    return has_any(line, words) || (step != NULL && has_any(step, names));
}

struct advice registry_advice(struct arena *arena, const struct inputs *inputs, const char *line,
                              const char *step)
{
    static const char *const limits[] = {"pull rate limit", "increase-rate-limit", NULL};
    const struct records outputs = records_parse(arena, &inputs->outputs);
    const bool pushes = inputs->push || outputs_push(&outputs);
    if (has_any(line, limits))
        return (struct advice){
            "Docker Hub counts pulls without a login by IP address, and others share this one: log "
            "in to Docker Hub with docker/login-action before this step"};
    if (is_cache_export(line, step))
        return (struct advice){
            "The image was built, but its cache could not be exported: with `ignore-error=true` in "
            "`cache-to`, such an error does not fail the build"};
    if (pushes && is_refused_push(line))
        return (struct advice){about_push(arena, line)};
    return (struct advice){NULL};
}

struct advice docker_advice(struct arena *arena, const struct inputs *inputs,
                            const struct facts *facts, bool foreign_program, const char *line)
{
    struct advice advice = {0};
    const struct records outputs = records_parse(arena, &inputs->outputs);
    const bool pushes = inputs->push || outputs_push(&outputs);
    if (run_is_restricted(facts) && pushes && is_refused_push(line))
        advice.sentence = "A pull request from a fork, or a Dependabot run, has no credentials for "
                          "the registry: build without a push there, with `push: ${{ "
                          "github.event_name != 'pull_request' }}`";
    else if (foreign_program)
        advice.sentence = "A program for another architecture cannot run here: add a step `uses: "
                          "docker/setup-qemu-action@v3` before this one";
    return advice;
}

/* What advice is made from. */
struct scene {
    struct arena *arena;
    const struct inputs *inputs;
    const struct facts *facts;
    const struct circumstances *circumstances;
};

static const char *moment(struct arena *arena, long long seconds)
{
    char text[TEXT_MOMENT_SIZE];
    text_moment(text, seconds);
    return arena_copy(arena, text);
}

static struct advice about_no_token(const struct scene *scene)
{
    if (scene->circumstances->token_problem != NULL)
        return (struct advice){.sentence = scene->circumstances->token_problem};
    if (scene->facts->fork)
        return (struct advice){
            .sentence = "The pull request comes from a fork: GitHub gives it neither secrets nor "
                        "an OIDC identity, and `id-token: write` cannot change that. Leave "
                        "`fork-builder` at `auto` to build with docker"};
    if (run_is_restricted(scene->facts))
        return (struct advice){
            .sentence = "Dependabot started this run, so it does not get the repository's secrets: "
                        "add DEPOT_TOKEN to the Dependabot secrets, or leave `fork-builder` at "
                        "`auto` to build with docker"};
    const struct advice identity = identity_advice(scene->facts->forge);
    return (struct advice){
        .sentence = arena_format(
            scene->arena, "The job has no Depot token: %s%sset the input `token`",
            identity.sentence != NULL ? identity.sentence : "",
            identity.sentence != NULL ? ", and a trust relationship to the Depot project, or "
                                      : ""),
        .example = identity.example};
}

/* An opaque token does not say when it expires. */
static const char *about_age(const struct scene *scene)
{
    const long long expiry = claims_moment(scene->arena, scene->facts->token, "exp");
    if (expiry >= 0 && expiry <= scene->circumstances->now)
        return arena_format(scene->arena, "it expired on %s", moment(scene->arena, expiry));
    return "it may belong to another organization, or be revoked or expired";
}

static struct advice about_token(const struct scene *scene)
{
    static const char *const given[] = {
        [TOKEN_INPUT] = "the token from the input `token`",
        [TOKEN_ENVIRONMENT] = "the token in DEPOT_TOKEN",
        [TOKEN_OIDC] = "the token that it gave for the job's OIDC identity",
        [TOKEN_CHALLENGE] = "the token from its own service for open source",
    };
    const enum token_source source = scene->facts->token_source;
    if (source == TOKEN_NONE || scene->facts->token == NULL)
        return about_no_token(scene);
    return (struct advice){
        .sentence = arena_format(scene->arena, "Depot does not accept %s: %s", given[source],
                                 source == TOKEN_OIDC
                                     ? "check that the trust relationship belongs to this project"
                                     : about_age(scene))};
}

/* The CLI looks for depot.json in the context, next to the Dockerfile, and in the directories above
 * them. */
static const char *places_of_project(const struct scene *scene)
{
    struct arena *arena = scene->arena;
    const char *directory = scene->circumstances->directory;
    struct string_list places = {0};
    string_list_add(arena, &places,
                    arena_format(arena, "`%s`", directory != NULL ? directory : "."));
    if (scene->inputs->context != NULL)
        string_list_add(arena, &places,
                        arena_format(arena, "in the context `%s`", scene->inputs->context));
    if (scene->inputs->file != NULL)
        string_list_add(arena, &places, arena_format(arena, "next to `%s`", scene->inputs->file));
    return string_list_join(arena, &places, ", ");
}

static struct advice about_project(const struct scene *scene)
{
    const bool by_input = scene->inputs->project != NULL;
    const char *project = by_input ? scene->inputs->project : scene->facts->project_variable;
    if (project != NULL)
        return (struct advice){.sentence = arena_format(
                                   scene->arena,
                                   "Depot has no project `%s` that this token may build in: "
                                   "check %s, and who owns the token",
                                   project, by_input ? "the input `project`" : "DEPOT_PROJECT_ID")};
    return (struct advice){
        .sentence = arena_format(scene->arena,
                                 "The build names no Depot project: set the input `project` or the "
                                 "variable DEPOT_PROJECT_ID, or commit the depot.json that `depot "
                                 "init` writes. None was found in %s, or in the directories above",
                                 places_of_project(scene))};
}

static struct advice about_clock(const struct scene *scene)
{
    return (struct advice){.sentence =
                               arena_format(scene->arena,
                                            "This machine's clock says %s: set it if that is wrong",
                                            moment(scene->arena, scene->circumstances->now))};
}

/* The words come from the CLI, its API (Connect: error codes), and Go's net/http and crypto/x509.
 */
static const struct diagnosis {
    const char *words[6];
    const char *sentence; /* NULL if `advise` makes it */
    struct advice (*advise)(const struct scene *scene);
} DIAGNOSES[] = {
    {{"unknown project ID", "no project ID specified", "missing project ID",
      "error retrieving projects", "No projects found"},
     .advise = about_project},
    {{"missing API token", "unauthenticated"}, .advise = about_token},
    {{"has expired or is not yet valid"}, .advise = about_clock},
    {{"certificate signed by unknown authority"},
     "If a proxy in your network replaces certificates, set SSL_CERT_FILE to a bundle that "
     "contains the proxy's certificate: the CLI does not read NODE_EXTRA_CA_CERTS"},
    {{"proxyconnect", "Proxy Authentication Required"},
     "A proxy blocks the connection: check HTTPS_PROXY and its credentials, or add Depot's hosts "
     "to NO_PROXY"},
};

struct advice depot_advice(struct arena *arena, const struct inputs *inputs,
                           const struct facts *facts, const struct circumstances *circumstances,
                           const char *line)
{
    const struct scene scene = {arena, inputs, facts, circumstances};
    struct advice advice = {0};
    for (size_t i = 0; advice.sentence == NULL && i < sizeof(DIAGNOSES) / sizeof(DIAGNOSES[0]); i++)
        if (has_any(line, DIAGNOSES[i].words))
            advice = DIAGNOSES[i].advise != NULL
                         ? DIAGNOSES[i].advise(&scene)
                         : (struct advice){.sentence = DIAGNOSES[i].sentence};
    return advice;
}
