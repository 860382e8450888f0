#include "run/publication.h"

#include "buildkit/checks.h"
#include "github/commands.h"
#include "github/outputs.h"
#include "plan/dockerfile.h"
#include "run/summary.h"
#include "system/redaction.h"
#include "system/trace.h"

#include <string.h>

/* The runner shows only so many warnings. The last ones are kept for what the end of the step may
 * fail to remove. */
enum { FOR_CLEAN_UP = 2 };

/* Returns the checks that do not fit, one a line. */
static struct string_list annotate_checks(struct step *step, const char *metadata)
{
    struct arena *arena = &step->arena;
    const struct inputs *inputs = &step->inputs;
    struct check checks[CHECK_LIMIT];
    struct string_list others = {0};
    if (metadata == NULL || !step->facts.check_annotations)
        return others;
    size_t count = checks_read(arena, metadata, checks);
    for (size_t i = 0; i < count; i++) {
        const char *title = checks[i].title != NULL ? checks[i].title : "Build check";
        const char *name = checks[i].file;
        const char *path = name != NULL ? dockerfile_path(arena, inputs, name) : NULL;
        if (command_warnings_left() > FOR_CLEAN_UP)
            command_warning_at(title, checks[i].message, path, checks[i].line, checks[i].end_line);
        else
            string_list_add(arena, &others,
                            redact(arena, arena_format(arena, "%s:%d: %s: %s",
                                                       path != NULL ? path : "Dockerfile",
                                                       checks[i].line, title, checks[i].message)));
    }
    if (others.count > 0)
        command_group("More build checks", string_list_join(arena, &others, "\n"));
    return others;
}

int publish(struct step *step, const struct results *results, struct report *report,
            struct error *error)
{
    TRACE_SCOPE("results");
    const struct {
        const char *title;
        const char *text;
    } groups[] = {
        {"ImageID", results->image_id},
        {"Digest", results->metadata.digest},
        {"Metadata", results->metadata.pretty},
        {"Build ID", results->metadata.build_id},
        {"Project ID", results->metadata.project_id},
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
        if (groups[i].text != NULL)
            command_group(groups[i].title, groups[i].text);
    if (results->warning != NULL)
        command_warning("Metadata", results->warning);
    if (results->metadata.provenance_left_out)
        command_notice(
            "Metadata",
            "The output `metadata` does not contain the build's provenance, which would make it "
            "larger than 100 KB: a later step that used it in its environment could not start. To "
            "include it, set BUILDX_METADATA_PROVENANCE to `min` or `max`.");
    report->checks = annotate_checks(step, results->metadata.text);
    const struct output outputs[] = {
        {"imageid", results->image_id},
        {"digest", results->metadata.digest},
        {"metadata", results->metadata.text},
        {"build-id", results->metadata.build_id},
        {"project-id", results->metadata.project_id},
        {"report", report_json(&step->arena, report)},
    };
    return outputs_write(step->environment, outputs, sizeof(outputs) / sizeof(outputs[0]), error);
}

void publish_nothing(struct step *step, const struct report *report)
{
    struct error error = ERROR_INIT;
    const struct output output = {"report", report_json(&step->arena, report)};
    if (outputs_write(step->environment, &output, 1, &error) != 0)
        command_warning("Outputs", error.message);
}

void publish_summary(struct step *step, const struct report *report)
{
    TRACE_SCOPE("summary");
    struct error error = ERROR_INIT;
    const char *call = step->inputs.call;
    const bool builds = call == NULL || strcmp(call, "build") == 0;
    if (!step->facts.summary || !builds || report->tries == 0)
        return;
    const char *markdown = summary_format(&step->arena, report);
    if (summary_write(step->environment, markdown, &error) != 0)
        command_warning("Job summary", error.message);
}
