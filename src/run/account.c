#include "run/account.h"

#include "buildkit/lines.h"
#include "buildkit/step_name.h"
#include "plan/given.h"
#include "plan/list.h"
#include "system/clock.h"
#include "system/process.h"
#include "system/redaction.h"

#include <string.h>

static const char *shown(struct step *step, const char *text)
{
    return text != NULL ? redact(&step->arena, text) : NULL;
}

static struct string_list shown_list(struct step *step, const struct string_list *list)
{
    struct string_list all = {0};
    for (size_t i = 0; i < list->count; i++)
        string_list_add(&step->arena, &all, redact(&step->arena, list->items[i]));
    return all;
}

static bool has_attestation(const struct attestations *all, const struct record *own,
                            const char *type)
{
    bool asked = attestation_is_wanted(own);
    for (size_t i = 0; i < all->others.count; i++)
        asked = asked || (record_is(&all->others.items[i], "type", type) &&
                          attestation_is_wanted(&all->others.items[i]));
    return asked;
}

/* What buildx calls the image: by its tags, or else as its outputs say. */
static struct string_list names_of(struct step *step, const struct plan *plan)
{
    const struct records *outputs = &plan->request.outputs;
    struct string_list names = {0};
    if (plan->request.inputs.tags.count > 0)
        return shown_list(step, &plan->request.inputs.tags);
    for (size_t i = 0; i < outputs->count; i++) {
        struct string_list here = {0};
        const char *name = record_get(&outputs->items[i], "name");
        if (name != NULL)
            list_parse(&step->arena, LIST_SPLIT, name, &here, NULL);
        for (size_t j = 0; j < here.count; j++)
            if (!string_list_has(&names, here.items[j]))
                string_list_add(&step->arena, &names, here.items[j]);
    }
    return shown_list(step, &names);
}

static struct report_image image_of(struct step *step, const struct plan *plan,
                                    const struct results *results)
{
    const struct attestations *attestations = &plan->request.attestations;
    struct report_image image = {
        .names = names_of(step, plan),
        .digest = shown(step, results->metadata.digest),
        .id = shown(step, results->image_id),
        .platforms = shown_list(step, &plan->request.inputs.platforms),
        .size = results->metadata.size,
    };
    if (has_attestation(attestations, &attestations->provenance, "provenance"))
        string_list_add(&step->arena, &image.attestations, "provenance");
    if (has_attestation(attestations, &attestations->sbom, "sbom"))
        string_list_add(&step->arena, &image.attestations, "sbom");
    return image;
}

/* The text of a step. The reader keeps at most `most` bytes, and never part of a character. */
static const char *shown_part(struct step *step, const char *text, size_t most)
{
    enum { CHARACTER_SIZE = 4 };
    return strlen(text) + CHARACTER_SIZE <= most ? redact(&step->arena, text)
                                                 : redact_unfinished(&step->arena, text);
}

static const char *shown_word(struct step *step, const char *text)
{
    return text[0] != '\0' ? redact(&step->arena, text) : NULL;
}

/* Whether it is an instruction. A changed one is left out: the runner's masks might not find a
 * secret in it. */
static bool read_step(struct step *step, const struct build_step *from, struct report_step *to)
{
    struct step_name name;
    if (from == NULL || !step_name_parse(from->name, &name))
        return false;
    const size_t before = (size_t)(name.instruction - from->name);
    *to = (struct report_step){
        .instruction = from->rewritten
                           ? NULL
                           : shown_part(step, name.instruction, PROGRESS_NAME_SIZE - 1 - before),
        .stage = shown_word(step, name.stage),
        .platform = shown_word(step, name.platform),
        .ms = from->time_ms,
    };
    return true;
}

static void read_progress(struct step *step, const struct progress *progress, struct report *report)
{
    const struct build_step *slowest[REPORT_SLOWEST];
    const size_t count = step_slowest(progress, slowest, REPORT_SLOWEST);
    const struct step_count steps = step_count(progress);
    report->steps = steps.total;
    report->cached = steps.cached;
    report->machine_ms = step_machine_wait(progress);
    report->url = progress_build_url(progress);
    for (size_t i = 0; i < count; i++)
        if (read_step(step, slowest[i], &report->slowest[report->slowest_count]))
            report->slowest_count++;
}

/* The step that failed, and what it printed last. */
static void read_failure(struct step *step, const struct progress *progress,
                         struct report_failure *failure)
{
    struct string_list lines = {0};
    const struct build_step *failed = progress_failed_step(progress);
    if (!read_step(step, failed, &failure->step))
        return;
    const int exit_code = progress_exit_status(progress);
    failure->exit_code = exit_code > 0 ? exit_code : 0;
    progress_step_lines(&step->arena, progress, failed, &lines);
    for (size_t i = 0; i < lines.count; i++)
        string_list_add(&step->arena, &failure->lines,
                        shown_part(step, lines.items[i], LINE_LIMIT));
}

static enum report_result result_of(int status)
{
    if (status == 0)
        return REPORT_SUCCESS;
    return signals_received() != 0 ? REPORT_CANCELLED : REPORT_FAILURE;
}

struct report account_of(struct step *step, const struct attempt *attempt,
                         const struct results *results, const struct explanation *why,
                         const struct place *place)
{
    const struct plan *plan = &attempt->plan;
    struct string_list inputs = {0};
    given_inputs(&step->arena, &step->inputs, plan, &inputs);
    struct report report = {
        .result = result_of(attempt->status),
        .builder = builder_name(plan->builder),
        .reason = shown(step, plan->reason),
        .fallback = shown(step, step->facts.depot_failure),
        .started = step->began_at,
        .ms = clock_now_ms() - step->began_ms,
        .build_ms = attempt->ms,
        .tries = step->tries,
        .failure = {.message = shown(step, why->words),
                    .advice = shown(step, why->advice),
                    .file = place->line > 0 ? shown(step, place->name) : NULL,
                    .line = place->line},
        .image = image_of(step, plan, results),
        .build_id = shown(step, results->metadata.build_id),
        .project_id = shown(step, results->metadata.project_id),
        .inputs = shown_list(step, &inputs),
    };
    read_progress(step, attempt->progress, &report);
    if (report.result == REPORT_FAILURE)
        read_failure(step, attempt->progress, &report.failure);
    return report;
}

struct report account_of_nothing(struct step *step, const char *explanation)
{
    return (struct report){
        .result = signals_received() != 0 ? REPORT_CANCELLED : REPORT_ERROR,
        .started = step->began_at,
        .ms = clock_now_ms() - step->began_ms,
        .failure = {.message = shown(step, explanation)},
    };
}
