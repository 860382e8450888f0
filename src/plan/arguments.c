#include "plan/arguments.h"

#include "plan/attestations.h"
#include "plan/list.h"
#include "plan/secrets.h"
#include "plan/source.h"
#include "system/string_list.h"

#include <string.h>

/* An argument too long for the system is remembered, and reported once all are there. */
struct command {
    struct arena *arena;
    struct string_list *arguments;
    const char *too_long; /* the input; NULL while all fit */
    size_t length;        /* of that argument, in bytes */
};

static void add(struct command *command, const char *input, const char *argument)
{
    size_t length = strlen(argument);
    if (length > ARGUMENT_LIMIT && command->too_long == NULL) {
        command->too_long = input;
        command->length = length;
    }
    string_list_add(command->arena, command->arguments, argument);
}

static void add_flag(struct command *command, const char *input, const char *flag,
                     const char *value)
{
    add(command, input, flag);
    add(command, input, value);
}

static void add_each(struct command *command, const char *input, const char *flag,
                     const struct string_list *values)
{
    for (size_t i = 0; i < values->count; i++)
        add_flag(command, input, flag, values->items[i]);
}

static bool is_set(const struct input *input, const struct inputs *inputs)
{
    const void *member = (const char *)inputs + input->offset;
    switch (input->kind) {
    case INPUT_STRING:
        return *(const char *const *)member != NULL;
    case INPUT_BOOL:
        return *(const bool *)member;
    default:
        return ((const struct string_list *)member)->count > 0;
    }
}

static void add_input(struct command *command, const struct input *input,
                      const struct inputs *inputs, const struct flag *flag)
{
    const void *member = (const char *)inputs + input->offset;
    switch (input->kind) {
    case INPUT_STRING:
        add_flag(command, input->name, flag->name, *(const char *const *)member);
        return;
    case INPUT_BOOL:
        add(command, input->name, flag->name);
        return;
    default:
        if (flag->form == FLAG_JOINED)
            add_flag(command, input->name, flag->name,
                     string_list_join(command->arena, member, ","));
        else
            add_each(command, input->name, flag->name, member);
    }
}

static void add_attestations(struct command *command, enum builder builder,
                             const struct attestations *attestations)
{
    const char *provenance = attestations->provenance;
    const char *sbom = attestations->sbom;
    struct arena *arena = command->arena;
    if (provenance != NULL && builder == BUILDER_DEPOT)
        add_flag(command, "provenance", "--provenance", provenance);
    else if (provenance != NULL)
        add_flag(command, "provenance", "--attest",
                 attestation_of(arena, "provenance", provenance));
    if (sbom != NULL && builder == BUILDER_DEPOT)
        add_flag(command, "sbom", "--sbom", sbom);
    else if (sbom != NULL)
        add_flag(command, "sbom", "--attest", attestation_of(arena, "sbom", sbom));
    add_each(command, "attests", "--attest", &attestations->others);
}

static void add_build_contexts(struct command *command, const struct inputs *inputs,
                               const char *git_context)
{
    for (size_t i = 0; i < inputs->build_contexts.count; i++)
        add_flag(command, "build-contexts", "--build-context",
                 source_expand(command->arena, inputs->build_contexts.items[i], git_context));
}

/* Without the runner's cache service, which a composite action is not given, `type=gha` fails the
 * whole build. */
static bool add_caches(struct command *command, const struct facts *facts, const char *input,
                       const char *flag, const struct string_list *caches)
{
    bool dropped = false;
    for (size_t i = 0; i < caches->count; i++) {
        struct string_list fields = {0};
        bool is_gha = list_fields(command->arena, caches->items[i], &fields) == 0 &&
                      string_list_has(&fields, "type=gha");
        if (is_gha && !facts->actions_cache)
            dropped = true;
        else
            add_flag(command, input, flag, caches->items[i]);
    }
    return dropped;
}

static void add_all_caches(struct command *command, const struct inputs *inputs,
                           const struct facts *facts, struct plan *plan)
{
    bool from = add_caches(command, facts, "cache-from", "--cache-from", &inputs->cache_from);
    bool to = add_caches(command, facts, "cache-to", "--cache-to", &inputs->cache_to);
    if (from || to)
        string_list_add(command->arena, &plan->warnings,
                        "`type=gha` caches are left out: the runner gives its cache service only "
                        "to Node and container actions. Depot keeps its cache by itself, so drop "
                        "them; for docker, use `type=registry`, or export ACTIONS_RUNTIME_TOKEN "
                        "and ACTIONS_RESULTS_URL in an earlier step.");
}

static void add_secrets(struct command *command, const struct plan *plan)
{
    for (size_t i = 0; i < plan->secret_count; i++)
        add_flag(command, plan->secrets[i].input, "--secret",
                 secret_argument(command->arena, &plan->secrets[i]));
}

static void add_files(struct command *command, struct arena *arena, const struct inputs *inputs,
                      const struct facts *facts, struct plan *plan)
{
    if (!plan->classic) {
        plan->metadata_file = arena_format(arena, "%s/metadata.json", facts->private_directory);
        add_flag(command, "metadata-file", "--metadata-file", plan->metadata_file);
    }
    /* The CLIs refuse an image ID file beside an output that makes no image. */
    if (outputs_have(arena, &inputs->outputs, "local") ||
        outputs_have(arena, &inputs->outputs, "tar"))
        return;
    plan->image_id_file = arena_format(arena, "%s/image-id", facts->private_directory);
    add_flag(command, "iidfile", "--iidfile", plan->image_id_file);
}

/* Whether a failure was about the builder shows in the steps of the log, whichever form of it
 * BUILDKIT_PROGRESS asks for. */
static void add_progress(struct command *command, const struct inputs *inputs,
                         const struct facts *facts)
{
    if (builder_may_be_missing(inputs, facts))
        add_flag(command, "buildx-fallback", "--progress", "plain");
}

static void note_unused(struct arena *arena, const struct inputs *inputs, struct plan *plan)
{
    if (plan->builder == BUILDER_DEPOT) {
        if (inputs->builder != NULL)
            string_list_add(arena, &plan->warnings,
                            "The input `builder` is ignored: Depot's builders are chosen by "
                            "project. Remove it, or set `project`.");
        return;
    }
    char *names = NULL;
    for (size_t i = 0; i < INPUT_COUNT; i++)
        if (INPUTS[i].depot_only && is_set(&INPUTS[i], inputs))
            names = names == NULL ? arena_format(arena, "`%s`", INPUTS[i].name)
                                  : arena_format(arena, "%s, `%s`", names, INPUTS[i].name);
    if (names != NULL)
        string_list_add(
            arena, &plan->notices,
            arena_format(arena, "Only Depot knows %s: left out, as docker builds.", names));
}

int arguments_build(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                    const char *context, const char *git_context, struct plan *plan,
                    struct error *error)
{
    struct attestations attestations;
    if (attestations_decide(arena, inputs, facts, &attestations, error) != 0)
        return -1;
    bool depot = plan->builder == BUILDER_DEPOT;
    struct command command = {.arena = arena, .arguments = &plan->command};
    string_list_add(arena, &plan->command, builder_name(plan->builder));
    if (!depot && !plan->classic)
        string_list_add(arena, &plan->command, "buildx");
    string_list_add(arena, &plan->command, "build");

    for (size_t i = 0; i < INPUT_COUNT; i++) {
        const struct flag *flag = depot ? &INPUTS[i].depot : &INPUTS[i].docker;
        if (flag->name != NULL && is_set(&INPUTS[i], inputs))
            add_input(&command, &INPUTS[i], inputs, flag);
    }
    add_build_contexts(&command, inputs, git_context);
    add_all_caches(&command, inputs, facts, plan);
    add_attestations(&command, plan->builder, &attestations);
    add_secrets(&command, plan);
    if (depot)
        add_progress(&command, inputs, facts);
    add_files(&command, arena, inputs, facts, plan);
    add(&command, "context", context);
    note_unused(arena, inputs, plan);

    if (command.too_long != NULL)
        return error_set(error,
                         "an item of input `%s` has %zu bytes, and Linux takes at most %d in one "
                         "argument: put it into a file in the build context, or a secret",
                         command.too_long, command.length, ARGUMENT_LIMIT);
    return 0;
}
