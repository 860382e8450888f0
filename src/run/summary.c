#include "run/summary.h"

#include "github/markdown.h"

#include <stdbool.h>
#include <string.h>

/* The share of each part. Together with ten spans elsewhere, they stay below SUMMARY_LIMIT. */
enum {
    NAMES = 10,     /* spans */
    PLATFORMS = 20, /* words */
    WORD_SIZE = 200,
    FAILURE_SIZE = 14 * 1024,
    STEPS_SIZE = 4 * 1024,
    FOLDED_SIZE = 12 * 1024,
};

enum { BAR_CELLS = 20, BAR_BYTES = 3 * BAR_CELLS + 1 };

struct page {
    struct arena *arena;
    struct string_list parts;
};

static void put(struct page *page, const char *text)
{
    string_list_add(page->arena, &page->parts, text);
}

#define PUT(page, ...) put(page, arena_format((page)->arena, __VA_ARGS__))

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* `0.4 s`, `31 s`, `1 min 13 s`, `2 h 05 min` */
static const char *duration(struct arena *arena, long long ms)
{
    const long long seconds = (ms + 500) / 1000;
    if (ms < 9950)
        return arena_format(arena, "%.1f s", (double)ms / 1000);
    if (seconds < 60)
        return arena_format(arena, "%lld s", seconds);
    if (seconds < 3600)
        return arena_format(arena, "%lld min %02lld s", seconds / 60, seconds % 60);
    return arena_format(arena, "%lld h %02lld min", seconds / 3600, seconds / 60 % 60);
}

static const char *size(struct arena *arena, long long bytes)
{
    static const char *const units[] = {"kB", "MB", "GB"};
    double value = (double)bytes / 1000;
    size_t unit = 0;
    for (; value >= 999.95 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
        value /= 1000;
    return arena_format(arena, "%.1f %s", value, units[unit]);
}

/* What a table cell can hold: no character of it may need an escape. */
static bool is_word(const char *text, size_t limit)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_.:/";
    return text != NULL && text[0] != '\0' && strlen(text) <= limit &&
           text[strspn(text, safe)] == '\0';
}

/* The heading: what was built or what failed, and how long it took. */
static void put_heading(struct page *page, const struct report *report)
{
    struct arena *arena = page->arena;
    const char *name = report->image.names.count > 0 ? report->image.names.items[0] : NULL;
    const char *image = markdown_span(arena, name);
    const char *step = markdown_span(arena, report->failure.step.instruction);
    const char *time = duration(arena, report->ms);
    if (report->result == REPORT_SUCCESS)
        PUT(page, "### ✅ %s built in %s\n", image != NULL ? image : "Image", time);
    else if (report->result == REPORT_CANCELLED)
        PUT(page, "### ⚪ Build cancelled after %s\n", time);
    else
        PUT(page, "### ❌ %s failed after %s\n", step != NULL ? step : "Build", time);
}

/* `Dockerfile`, line 12 · stage `test` · exit code 1: names and paths as code spans. */
static const char *place(struct arena *arena, const struct report_failure *failure)
{
    struct string_list parts = {0};
    const char *file = markdown_span(arena, failure->file);
    const char *stage = markdown_span(arena, failure->step.stage);
    const char *platform = markdown_span(arena, failure->step.platform);
    if (file != NULL && failure->line > 0)
        string_list_add(arena, &parts, arena_format(arena, "%s, line %d", file, failure->line));
    if (stage != NULL)
        string_list_add(arena, &parts, arena_format(arena, "stage %s", stage));
    if (platform != NULL)
        string_list_add(arena, &parts, arena_format(arena, "platform %s", platform));
    if (failure->exit_code > 0)
        string_list_add(arena, &parts, arena_format(arena, "exit code %d", failure->exit_code));
    return string_list_join(arena, &parts, " · ");
}

/* Where it failed, what was printed last, and what helps. If the step printed anything and ended
 * with an exit code, the builder's words add nothing to that. */
static void put_failure(struct page *page, const struct report_failure *failure)
{
    struct arena *arena = page->arena;
    struct string_list lines = {0};
    const char *where = place(arena, failure);
    const char *advice = markdown_sentence(arena, failure->advice);
    if (where[0] != '\0')
        PUT(page, "\n%s\n", where);
    for (size_t i = 0; i < failure->lines.count; i++)
        string_list_add(arena, &lines, failure->lines.items[i]);
    if (failure->message != NULL && (lines.count == 0 || failure->exit_code == 0))
        string_list_add(arena, &lines, failure->message);
    PUT(page, "\n%s", markdown_block(arena, &lines, FAILURE_SIZE));
    if (advice != NULL)
        PUT(page, "\n**What to do:** %s\n", advice);
}

/* Which builder built, and why. */
static void put_builder(struct page *page, const struct report *report)
{
    const char *reason = markdown_sentence(page->arena, report->reason);
    const char *fallback = markdown_sentence(page->arena, report->fallback);
    if (reason != NULL)
        PUT(page, "\n%s", reason);
    if (is_word(report->url, WORD_SIZE))
        PUT(page, "%s[See this build at Depot](%s).", reason != NULL ? " " : "\n", report->url);
    put(page, "\n");
    if (fallback != NULL)
        PUT(page, "\nDepot did not build: %s\n", fallback);
}

static void put_names(struct page *page, const struct string_list *names)
{
    size_t shown = 0;
    /* The first is in the heading. */
    if (names->count > 1)
        put(page, "\n");
    for (size_t i = 0; names->count > 1 && i < names->count && shown < NAMES; i++) {
        const char *name = markdown_span(page->arena, names->items[i]);
        if (name == NULL)
            continue;
        PUT(page, "- %s\n", name);
        shown++;
    }
    if (shown == NAMES && names->count > NAMES)
        PUT(page, "- and %zu more\n", names->count - NAMES);
}

static const char *words(struct arena *arena, const struct string_list *list)
{
    struct string_list shown = {0};
    for (size_t i = 0; i < list->count && shown.count < PLATFORMS; i++)
        if (is_word(list->items[i], WORD_SIZE))
            string_list_add(arena, &shown, arena_format(arena, "`%s`", list->items[i]));
    return string_list_join(arena, &shown, ", ");
}

static void put_image(struct page *page, const struct report_image *image)
{
    struct arena *arena = page->arena;
    const struct {
        const char *name;
        const char *value;
    } rows[] = {
        {"Digest",
         is_word(image->digest, WORD_SIZE) ? arena_format(arena, "`%s`", image->digest) : ""},
        {"Platforms", words(arena, &image->platforms)},
        {"Attestations", words(arena, &image->attestations)},
        {"Size", image->size > 0 ? size(arena, image->size) : ""},
    };
    const char *head = "\n| | |\n|---|---|\n";
    put_names(page, &image->names);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].value[0] == '\0')
            continue;
        PUT(page, "%s| %s | %s |\n", head, rows[i].name, rows[i].value);
        head = "";
    }
}

/* A bar for `ms` out of `most`, in whole and half blocks: the fonts that GitHub uses for code have
 * no smaller parts of the same height. */
static void draw_bar(char bar[BAR_BYTES], long long ms, long long most)
{
    const long long halves = most > 0 ? (2LL * BAR_CELLS * ms + most / 2) / most : 0;
    char *end = bar;
    for (long long whole = 0; whole < halves / 2; whole++)
        end = stpcpy(end, "█");
    stpcpy(end, halves % 2 == 1 || halves == 0 ? "▌" : "");
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* The widths of the parts of a line. */
struct columns {
    int time;
    int platform; /* 0: there is none */
};

static int wider(int width, const char *text)
{
    const int here = (int)characters(text);
    return here > width ? here : width;
}

static const char *platform_of(struct arena *arena, const struct report_step *step)
{
    return markdown_span(arena, step->platform) != NULL ? step->platform : "";
}

static struct columns measure(struct arena *arena, const struct report *report)
{
    struct columns columns = {0};
    for (size_t i = 0; i < report->slowest_count; i++) {
        columns.time = wider(columns.time, duration(arena, report->slowest[i].ms));
        columns.platform = wider(columns.platform, platform_of(arena, &report->slowest[i]));
    }
    return columns;
}

static const char *padded(struct arena *arena, const char *text, int width)
{
    return arena_format(arena, "%s%*s", text, width - (int)characters(text), "");
}

/* The time, right-aligned, the bar, the platform if there is any, and the instruction. */
static const char *step_line(struct arena *arena, const struct report_step *step, long long most,
                             const struct columns *columns)
{
    char bar[BAR_BYTES];
    draw_bar(bar, step->ms, most);
    return arena_format(arena, "%*s  %s  %s%s%s", columns->time, duration(arena, step->ms),
                        padded(arena, bar, BAR_CELLS),
                        padded(arena, platform_of(arena, step), columns->platform),
                        columns->platform > 0 ? "  " : "", step->instruction);
}

static const char *slowest(struct arena *arena, const struct report *report)
{
    struct string_list lines = {0};
    const struct columns columns = measure(arena, report);
    for (size_t i = 0; i < report->slowest_count; i++)
        if (markdown_span(arena, report->slowest[i].instruction) != NULL)
            string_list_add(arena, &lines,
                            step_line(arena, &report->slowest[i], report->slowest[0].ms, &columns));
    return markdown_block(arena, &lines, STEPS_SIZE);
}

/* How much came from the cache, how long the wait was, and which steps took longest. */
static void put_steps(struct page *page, const struct report *report)
{
    struct arena *arena = page->arena;
    struct string_list facts = {0};
    if (report->steps > 0)
        string_list_add(arena, &facts,
                        arena_format(arena, "**%zu of %zu step%s cached**", report->cached,
                                     report->steps, plural(report->steps)));
    if (report->machine_ms > 0)
        string_list_add(arena, &facts,
                        arena_format(arena, "%s until a machine was ready",
                                     duration(arena, report->machine_ms)));
    if (report->tries > 1)
        string_list_add(arena, &facts, arena_format(arena, "%d tries", report->tries));
    if (facts.count > 0)
        PUT(page, "\n%s\n", string_list_join(arena, &facts, " · "));
    PUT(page, "\n%s", slowest(arena, report));
}

static void put_folded(struct page *page, const char *title, const struct string_list *lines)
{
    if (lines->count > 0)
        PUT(page, "\n<details><summary>%s</summary>\n\n%s\n</details>\n", title,
            markdown_block(page->arena, lines, FOLDED_SIZE));
}

const char *summary_format(struct arena *arena, const struct report *report)
{
    struct page page = {.arena = arena};
    put_heading(&page, report);
    if (report->result == REPORT_FAILURE)
        put_failure(&page, &report->failure);
    put_builder(&page, report);
    if (report->result == REPORT_SUCCESS)
        put_image(&page, &report->image);
    put_steps(&page, report);
    put_folded(&page,
               arena_format(arena, "%zu check%s that did not fit as annotations",
                            report->checks.count, plural(report->checks.count)),
               &report->checks);
    put_folded(&page, "Inputs", &report->inputs);
    put(&page, "\n");
    return string_list_join(arena, &page.parts, "");
}
