#include "run/report.h"

#include "system/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { REPORT_VERSION = 1 };

const char *report_result_name(enum report_result result)
{
    static const char *const names[] = {
        [REPORT_SUCCESS] = "success",
        [REPORT_FAILURE] = "failure",
        [REPORT_CANCELLED] = "cancelled",
        [REPORT_ERROR] = "error",
    };
    return names[result];
}

static cJSON *string(const char *text)
{
    struct arena arena = ARENA_INIT;
    cJSON *item = cJSON_CreateString(text_utf8(&arena, text));
    arena_free(&arena);
    return item;
}

/* Every member is always there, so that a reader need not check: what is not known is null. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    cJSON_AddItemToObject(object, name, text != NULL ? string(text) : cJSON_CreateNull());
}

static void add_texts(cJSON *object, const char *name, const struct string_list *list)
{
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < list->count; i++)
        cJSON_AddItemToArray(array, string(list->items[i]));
}

static void add_count(cJSON *object, const char *name, long long count)
{
    if (count > 0)
        cJSON_AddNumberToObject(object, name, (double)count);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_seconds(cJSON *object, const char *name, long long ms)
{
    cJSON_AddNumberToObject(object, name, (double)ms / 1000);
}

static void add_step(cJSON *object, const struct report_step *step)
{
    add_text(object, "instruction", step->instruction);
    add_text(object, "stage", step->stage);
    add_text(object, "platform", step->platform);
}

static void add_steps(cJSON *root, const struct report *report)
{
    cJSON *steps = cJSON_AddObjectToObject(root, "steps");
    cJSON_AddNumberToObject(steps, "total", (double)report->steps);
    cJSON_AddNumberToObject(steps, "cached", (double)report->cached);
    cJSON *slowest = cJSON_AddArrayToObject(steps, "slowest");
    for (size_t i = 0; i < report->slowest_count; i++) {
        cJSON *step = cJSON_CreateObject();
        add_step(step, &report->slowest[i]);
        add_seconds(step, "seconds", report->slowest[i].ms);
        cJSON_AddItemToArray(slowest, step);
    }
}

/* The instruction that failed. There is none if, for example, the registry refused the image. */
static void add_failed_step(cJSON *root, const struct report_failure *failure)
{
    if (failure->step.instruction == NULL && failure->lines.count == 0) {
        cJSON_AddNullToObject(root, "failed_step");
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(root, "failed_step");
    add_step(object, &failure->step);
    add_count(object, "exit_code", failure->exit_code);
    add_texts(object, "lines", &failure->lines);
}

static void add_error(cJSON *root, const struct report *report)
{
    const struct report_failure *failure = &report->failure;
    if (report->result == REPORT_SUCCESS) {
        cJSON_AddNullToObject(root, "error");
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(root, "error");
    add_text(object, "message", failure->message);
    add_text(object, "advice", failure->advice);
    add_text(object, "file", failure->file);
    add_count(object, "line", failure->line);
}

static void add_image(cJSON *root, const struct report *report)
{
    const struct report_image *image = &report->image;
    if (report->result != REPORT_SUCCESS) {
        cJSON_AddNullToObject(root, "image");
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(root, "image");
    add_texts(object, "names", &image->names);
    add_text(object, "digest", image->digest);
    add_text(object, "id", image->id);
    add_texts(object, "platforms", &image->platforms);
    add_texts(object, "attestations", &image->attestations);
    add_count(object, "size", image->size);
}

static void add_times(cJSON *root, const struct report *report)
{
    char moment[TEXT_MOMENT_SIZE];
    text_timestamp(moment, report->started);
    cJSON *times = cJSON_AddObjectToObject(root, "times");
    cJSON_AddStringToObject(times, "started", moment);
    add_seconds(times, "total", report->ms);
    add_seconds(times, "build", report->build_ms);
    add_seconds(times, "machine", report->machine_ms);
}

static cJSON *to_json(const struct report *report, bool truncated)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddNumberToObject(root, "version", REPORT_VERSION);
    cJSON_AddStringToObject(root, "result", report_result_name(report->result));
    add_text(root, "builder", report->builder);
    add_text(root, "reason", report->reason);
    add_text(root, "fallback", report->fallback);
    cJSON_AddNumberToObject(root, "tries", report->tries);
    add_times(root, report);
    add_steps(root, report);
    add_failed_step(root, &report->failure);
    add_error(root, report);
    add_image(root, report);
    cJSON *build = cJSON_AddObjectToObject(root, "build");
    add_text(build, "id", report->build_id);
    add_text(build, "project", report->project_id);
    add_text(build, "url", report->url);
    cJSON_AddBoolToObject(root, "truncated", truncated);
    return root;
}

/* NULL if it is larger than the limit. */
static const char *print(struct arena *arena, const struct report *report, bool truncated)
{
    cJSON *root = to_json(report, truncated);
    char *text = cJSON_PrintUnformatted(root);
    const char *copy =
        text != NULL && strlen(text) <= REPORT_LIMIT ? arena_copy(arena, text) : NULL;
    cJSON_free(text);
    cJSON_Delete(root);
    return copy;
}

/* What is left out of a report that is too large, in this order. The rest has a fixed size. */
#define MEMBER(member)                                                                             \
    {                                                                                              \
        offsetof(struct report, member), sizeof(((struct report *)NULL)->member)                   \
    }
static const struct {
    size_t offset;
    size_t size;
} LEFT_OUT[] = {
    MEMBER(slowest_count),
    MEMBER(failure.lines),
    MEMBER(failure.message),
    MEMBER(fallback),
    MEMBER(failure.advice),
    MEMBER(reason),
    MEMBER(image.names),
    MEMBER(image.platforms),
    MEMBER(failure.step),
    MEMBER(failure.file),
    MEMBER(url),
    MEMBER(image.digest),
    MEMBER(image.id),
    MEMBER(build_id),
    MEMBER(project_id),
};

const char *report_json(struct arena *arena, const struct report *report)
{
    struct report less = *report;
    const char *text = print(arena, &less, false);
    for (size_t i = 0; text == NULL && i < sizeof(LEFT_OUT) / sizeof(LEFT_OUT[0]); i++) {
        memset((char *)&less + LEFT_OUT[i].offset, 0, LEFT_OUT[i].size);
        text = print(arena, &less, true);
    }
    return text;
}
