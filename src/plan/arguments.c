#include "plan/arguments.h"

#include "plan/outputs.h"

#include "plan/secrets.h"
#include "plan/source.h"
#include "system/string_list.h"

#include <stdint.h>
#include <string.h>

/* The first argument that is too long for the system is remembered, and reported after all have
 * been added. */
struct command {
    struct arena *arena;
    struct string_list *arguments;
    const char *too_long; /* the input's name; NULL while all fit */
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

static void add_attestation(struct command *command, enum builder builder, const char *input,
                            const struct record *attestation)
{
    struct arena *arena = command->arena;
    if (attestation->fields.count == 0)
        return;
    if (builder == BUILDER_DEPOT)
        add_flag(command, input, arena_format(arena, "--%s", input),
                 attestation_value(arena, attestation));
    else
        add_flag(command, input, "--attest", attestation_of(arena, input, attestation));
}

static void add_attestations(struct command *command, const struct plan *plan)
{
    const struct attestations *attestations = &plan->request.attestations;
    add_attestation(command, plan->builder, "provenance", &attestations->provenance);
    add_attestation(command, plan->builder, "sbom", &attestations->sbom);
    for (size_t i = 0; i < attestations->others.count; i++)
        add_flag(command, "attests", "--attest",
                 record_format(command->arena, &attestations->others.items[i]));
}

static void add_build_contexts(struct command *command, const struct inputs *inputs,
                               const char *git_context)
{
    for (size_t i = 0; i < inputs->build_contexts.count; i++)
        add_flag(command, "build-contexts", "--build-context",
                 source_expand(command->arena, inputs->build_contexts.items[i], git_context));
}

static void add_caches(struct command *command, struct plan *plan)
{
    const struct request *request = &plan->request;
    for (size_t i = 0; i < request->cache_from.count; i++)
        add_flag(command, "cache-from", "--cache-from", request->cache_from.items[i].text);
    for (size_t i = 0; i < request->cache_to.count; i++)
        add_flag(command, "cache-to", "--cache-to", request->cache_to.items[i].text);
    if (request->actions_cache_left_out)
        string_list_add(command->arena, &plan->warnings,
                        "`type=gha` caches are left out: the runner offers its cache service only "
                        "to Node and container actions. Depot keeps its own cache, so remove them. "
                        "For docker, use `type=registry`, or export ACTIONS_RUNTIME_TOKEN and "
                        "ACTIONS_RESULTS_URL in an earlier step.");
}

static void add_secrets(struct command *command, const struct plan *plan)
{
    for (size_t i = 0; i < plan->secret_count; i++)
        add_flag(command, plan->secrets[i].input, "--secret",
                 secret_argument(command->arena, &plan->secrets[i]));
}

static void add_files(struct command *command, const struct facts *facts, struct plan *plan)
{
    struct arena *arena = command->arena;
    const struct records *outputs = &plan->request.outputs;
    if (!plan->classic) {
        plan->metadata_limit = facts->metadata_provenance ? SIZE_MAX : METADATA_OUTPUT_LIMIT;
        plan->metadata_file = arena_format(arena, "%s/metadata.json", facts->private_directory);
        add_flag(command, "metadata-file", "--metadata-file", plan->metadata_file);
    }
    /* The CLIs refuse an image ID file if an output makes no image. */
    if (outputs_have(outputs, "local") || outputs_have(outputs, "tar"))
        return;
    plan->image_id_file = arena_format(arena, "%s/image-id", facts->private_directory);
    add_flag(command, "iidfile", "--iidfile", plan->image_id_file);
}

/* Only the plain form of the log shows whether a failure came before the first step, so this
 * overrides BUILDKIT_PROGRESS. */
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
                            "The input `builder` is ignored: Depot chooses its builders by "
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
            arena_format(arena, "Only Depot supports %s: ignored, because docker builds.", names));
}

int arguments_build(struct arena *arena, const struct facts *facts, const char *context,
                    const char *git_context, struct plan *plan, struct error *error)
{
    const struct inputs *inputs = &plan->request.inputs;
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
    add_caches(&command, plan);
    add_attestations(&command, plan);
    add_secrets(&command, plan);
    if (depot)
        add_progress(&command, inputs, facts);
    add_files(&command, facts, plan);
    /* The context is not a flag, even if it begins with `-`; `-` alone is standard input. */
    if (context[0] == '-' && context[1] != '\0')
        add(&command, "context", "--");
    add(&command, "context", context);
    note_unused(arena, inputs, plan);

    if (command.too_long != NULL)
        return error_set(error,
                         "an item of input `%s` has %zu bytes, but Linux allows at most %d in one "
                         "argument: put it into a file in the build context, or into a secret",
                         command.too_long, command.length, ARGUMENT_LIMIT);
    return 0;
}
