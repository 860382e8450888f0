#include "run/account.h"

#include "plan/given.h"
#include "system/clock.h"
#include "system/process.h"
#include "system/redaction.h"

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

static bool is_asked_for(const struct record *attestation)
{
    return attestation->fields.count > 0 && !record_is(attestation, "disabled", "true");
}

static bool has_attestation(const struct attestations *all, const struct record *own,
                            const char *type)
{
    bool asked = is_asked_for(own);
    for (size_t i = 0; i < all->others.count; i++)
        asked = asked || (record_is(&all->others.items[i], "type", type) &&
                          is_asked_for(&all->others.items[i]));
    return asked;
}

static struct report_image image_of(struct step *step, const struct plan *plan,
                                    const struct results *results)
{
    const struct attestations *attestations = &plan->request.attestations;
    struct report_image image = {
        .names = shown_list(step, &plan->request.inputs.tags),
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

static enum report_result result_of(int status)
{
    if (status == 0)
        return REPORT_SUCCESS;
    return signals_received() != 0 ? REPORT_CANCELLED : REPORT_FAILURE;
}

struct report account_of(struct step *step, const struct attempt *attempt,
                         const struct results *results, const char *explanation)
{
    const struct plan *plan = &attempt->plan;
    struct string_list inputs = {0};
    given_inputs(&step->arena, &step->inputs, plan, &inputs);
    return (struct report){
        .result = result_of(attempt->status),
        .builder = builder_name(plan->builder),
        .reason = shown(step, plan->reason),
        .fallback = shown(step, step->facts.depot_failure),
        .started = step->began_at,
        .ms = clock_now_ms() - step->began_ms,
        .build_ms = attempt->ms,
        .tries = step->tries,
        .failure = {.message = shown(step, explanation)},
        .image = image_of(step, plan, results),
        .build_id = shown(step, results->metadata.build_id),
        .project_id = shown(step, results->metadata.project_id),
        .inputs = shown_list(step, &inputs),
    };
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
