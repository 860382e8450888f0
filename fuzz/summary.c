#include "fuzz.h"

#include "run/report.h"
#include "run/summary.h"
#include "system/json.h"

/* The end of the code span at `tick`; if there is none, what follows its backticks (CommonMark). */
static const char *past_span(const char *tick, const char *end)
{
    const size_t run = strspn(tick, "`");
    for (const char *at = tick + run; at < end;) {
        const size_t here = strspn(at, "`");
        if (here == run)
            return at + run;
        at += here > 0 ? here : 1;
    }
    return tick + run;
}

/* From us: words, the syntax of tables and lists, folded parts, and characters that are not
 * ASCII. */
static bool is_ours(const char *at, const char *end)
{
    static const char *const tags[] = {"<details><summary>", "</summary>", "</details>"};
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                " .,:;'\"()/=%?_|*#-";
    while (at < end) {
        size_t tag = 0;
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
            if (strncmp(at, tags[i], strlen(tags[i])) == 0)
                tag = strlen(tags[i]);
        if (*at == '`' && past_span(at, end) > at + strspn(at, "`"))
            at = past_span(at, end);
        else if (tag > 0)
            at += tag;
        else if (strchr(plain, *at) != NULL || (unsigned char)*at >= 0x80)
            at++;
        else
            return false;
    }
    return true;
}

/* A line also ends at a carriage return. */
static void check_code(const char *text)
{
    size_t fence = 0;
    while (*text != '\0') {
        const char *end = text + strcspn(text, "\r\n");
        const size_t ticks = strspn(text, "`");
        const bool edge = ticks >= 3 && text + ticks == end;
        if (fence > 0)
            fence = edge && ticks >= fence ? 0 : fence;
        else if (edge)
            fence = ticks;
        else
            fuzz_assert(is_ours(text, end));
        text = *end != '\0' ? end + 1 : end;
    }
    fuzz_assert(fence == 0);
}

/* The lines of the input become these, in this order. The rest become lines of the lists. */
static struct report report_of(struct arena *arena, const char *text)
{
    struct report report = {.tries = 1, .steps = 1, .slowest_count = 1, .slowest[0].ms = 1};
    const char **const members[] = {
        &report.reason,
        &report.fallback,
        &report.failure.message,
        &report.failure.advice,
        &report.failure.file,
        &report.failure.step.instruction,
        &report.failure.step.stage,
        &report.failure.step.platform,
        &report.slowest[0].instruction,
        &report.slowest[0].platform,
        &report.image.digest,
    };
    struct string_list *const lists[] = {&report.image.names, &report.image.platforms,
                                         &report.failure.lines, &report.inputs, &report.checks};
    report.failure.line = 1;
    for (size_t i = 0; *text != '\0'; i++) {
        const size_t length = strcspn(text, "\n");
        const char *line = arena_copy_bytes(arena, text, length);
        if (i < sizeof(members) / sizeof(members[0]))
            *members[i] = line;
        else
            string_list_add(arena, lists[i % (sizeof(lists) / sizeof(lists[0]))], line);
        text += length + (text[length] != '\0');
    }
    return report;
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    struct report report = report_of(arena, text);
    (void)length;
    for (report.result = REPORT_SUCCESS; report.result <= REPORT_ERROR; report.result++) {
        const char *summary = summary_format(arena, &report);
        const char *json = report_json(arena, &report);
        fuzz_assert(strlen(summary) <= SUMMARY_LIMIT && strlen(json) <= REPORT_LIMIT);
        check_code(summary);
        cJSON *root = json_parse(json, strlen(json));
        fuzz_assert(root != NULL);
        cJSON_Delete(root);
    }
}
