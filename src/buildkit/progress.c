#include "buildkit/progress.h"

#include "buildkit/grammar.h"
#include "buildkit/progress_state.h"
#include "system/text.h"

#include <string.h>
#include <strings.h>

struct progress *progress_new(struct arena *arena)
{
    struct progress *progress = arena_allocate(arena, sizeof(*progress));
    progress->taken_by = NOBODY;
    progress->warnings_counted = -1;
    progress->error.exit_status = -1;
    return progress;
}

static void copy_name(char to[PROGRESS_NAME_SIZE], const char *text)
{
    const size_t length = text_cut(text, strlen(text), PROGRESS_NAME_SIZE - 1);
    memcpy(to, text, length);
    to[length] = '\0';
}

/* Steps */

static struct build_step *find_step(struct progress *progress, unsigned number, size_t *slot)
{
    const uint32_t spread = number * 2654435761u; /* Knuth: multiplicative hashing */
    for (*slot = spread >> (32 - SLOT_BITS); progress->slots[*slot] != 0;
         *slot = (*slot + 1) % SLOTS) {
        struct build_step *step = &progress->steps[progress->slots[*slot] - 1];
        if (step->number == number)
            return step;
    }
    return NULL;
}

static struct build_step *add_step(struct progress *progress, unsigned number, size_t slot)
{
    if (progress->step_count == PROGRESS_STEPS) {
        progress->beyond += number > progress->last_beyond;
        if (number > progress->last_beyond)
            progress->last_beyond = number;
        return NULL;
    }
    struct build_step *step = &progress->steps[progress->step_count++];
    progress->slots[slot] = (uint16_t)progress->step_count;
    step->number = number;
    return step;
}

static unsigned owner_of(const struct progress *progress, const struct build_step *step)
{
    return (unsigned)(step - progress->steps);
}

/* `again`: the text is the rest of a line whose first part may have been added. */
static void add_line(struct progress *progress, struct build_step *step, const char *text,
                     bool again)
{
    const unsigned owner = owner_of(progress, step);
    static const char nothing_fits[] = "...";
    size_t length = text_cut_at_word(text, strlen(text), LINE_LIMIT);
    progress->added = progress->added && again;
    if (text[strspn(text, " \t")] == '\0')
        return;
    if (length == 0) {
        text = nothing_fits;
        length = strlen(nothing_fits);
    }
    (progress->added ? lines_replace : lines_add)(&progress->lines, owner, text, length);
    progress->added = true;
}

/* Adds the lines that were put off, in their order. */
static void settle_run(struct progress *progress)
{
    const size_t first = progress->run_count > LINES_EACH ? progress->run_count - LINES_EACH : 0;
    for (size_t i = first; i < progress->run_count; i++) {
        const struct slice *line = &progress->run[i % LINES_EACH];
        const size_t length =
            plain_text(progress->text, sizeof(progress->text), line->text, line->length);
        const size_t stamp = stamp_length(progress->text, length);
        add_line(progress, progress->run_step, progress->text + stamp, false);
        progress->run_step->time_ms = milliseconds(progress->text);
    }
    progress->run_count = 0;
}

static void settle_line(struct slice *slice, char text[SEGMENT_SIZE])
{
    if (slice->length > 0)
        plain_text(text, SEGMENT_SIZE, slice->text, slice->length);
    slice->length = 0;
}

static void settle(void *context)
{
    struct progress *progress = context;
    settle_run(progress);
    settle_line(&progress->last, progress->last_text);
    settle_line(&progress->own, progress->own_text);
}

/* Lines of a step */

static void take_build_url(struct progress *progress, const char *name)
{
    static const char said[] = "[depot] build: ";
    static const char site[] = "https://depot.dev/";
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789/_-";
    if (progress->began || progress->build_url[0] != '\0' || !starts_with(name, said))
        return;
    const char *url = name + sizeof(said) - 1;
    if (starts_with(url, site) &&
        url[sizeof(site) - 1 + strspn(url + sizeof(site) - 1, allowed)] == '\0' &&
        strlen(name) < PROGRESS_NAME_SIZE - 1)
        copy_name(progress->build_url, url);
}

static void begin_step(struct progress *progress, struct build_step *step, const char *name)
{
    step->state = BUILD_STEP_RUNS;
    copy_name(step->name, name);
    take_build_url(progress, step->name);
    progress->began = progress->began || (name[0] == '[' && !starts_with(name, "[depot] "));
}

static void end_step(struct progress *progress, struct build_step *step,
                     enum build_step_state state)
{
    step->state = state;
    lines_drop(&progress->lines, owner_of(progress, step));
}

static void fail_step(struct progress *progress, struct build_step *step, const char *text,
                      const struct segment *segment)
{
    size_t i = 0;
    while (i < progress->failure_count && progress->failures[i].step != step)
        i++;
    step->state = BUILD_STEP_FAILED;
    if (i == FAILURES)
        return;
    if (i == progress->failure_count)
        progress->failure_count++;
    progress->failures[i].step = step;
    progress->goes_on = &progress->failures[i].words;
    words_set(progress->goes_on, text, segment);
}

static const char DONE[] = "DONE ";
static const char FAILED[] = "ERROR: ";
static const char WARNING[] = "WARN: ";

static bool is_event(const char *text)
{
    return stamp_length(text, strlen(text)) > 0 || strcmp(text, "...") == 0 ||
           strcmp(text, "CACHED") == 0 || strcmp(text, "CANCELED") == 0 ||
           starts_with(text, DONE) || starts_with(text, FAILED) || starts_with(text, WARNING);
}

static void take_event(struct progress *progress, struct build_step *step, const char *text,
                       const struct segment *segment)
{
    const size_t stamp = stamp_length(text, strlen(text));
    if (stamp > 0) {
        add_line(progress, step, text + stamp, false);
        step->time_ms = milliseconds(text);
        progress->taken_by = owner_of(progress, step);
    } else if (starts_with(text, FAILED)) {
        fail_step(progress, step, text + sizeof(FAILED) - 1, segment);
    } else if (starts_with(text, DONE)) {
        step->time_ms = milliseconds(text + sizeof(DONE) - 1);
        end_step(progress, step, BUILD_STEP_DONE);
    } else if (strcmp(text, "CACHED") == 0) {
        end_step(progress, step, BUILD_STEP_CACHED);
    } else if (strcmp(text, "CANCELED") == 0) {
        end_step(progress, step, BUILD_STEP_CANCELLED);
    } else if (starts_with(text, WARNING)) {
        progress->warnings++;
    }
}

static bool has_name(const struct build_step *step, const char *text)
{
    char name[PROGRESS_NAME_SIZE];
    copy_name(name, text);
    return strcmp(step->name, name) == 0;
}

/* A frontend may give a step any name, even `DONE`. So a step's first line after an empty line is
 * its title, and so is the same text if it comes again. */
static bool is_title(const struct progress *progress, const struct build_step *step,
                     const char *text)
{
    if (step != NULL && step->name[0] != '\0')
        return has_name(step, text);
    return (step == NULL && progress->after_blank) || !is_event(text);
}

/* What a step prints before it is shown for the first time has the number 0 (`depot build`): it
 * belongs to the step that is shown. */
static struct build_step *step_of_output(struct progress *progress, unsigned number)
{
    size_t slot;
    if (number == 0 && progress->shown != NULL)
        return progress->shown;
    if (progress->run_step != NULL && progress->run_step->number == number)
        return progress->run_step;
    return find_step(progress, number, &slot);
}

static bool take_step_line(struct progress *progress, const char *text,
                           const struct segment *segment)
{
    const size_t digits = *text == '#' ? number_length(text + 1, strlen(text + 1)) : 0;
    if (digits == 0)
        return false;
    const unsigned number = number_of(text + 1, digits);
    text += 1 + digits + 1;
    size_t slot;
    struct build_step *step = find_step(progress, number, &slot);
    const bool title = is_title(progress, step, text);
    progress->taken = true;
    progress->goes_on = NULL;
    progress->frame = OUTSIDE;
    progress->in_source = false;
    if (!title && stamp_length(text, strlen(text)) > 0)
        step = step_of_output(progress, number);
    if (step == NULL)
        step = add_step(progress, number, slot);
    progress->shown = step;
    if (step != NULL && title) {
        begin_step(progress, step, text);
        step->rewritten = printable_length(segment->text, segment->length) < segment->length;
    } else if (step != NULL) {
        take_event(progress, step, text, segment);
    }
    return true;
}

/* A failed step that is shown again */

static bool take_frame_line(struct progress *progress, const char *text,
                            const struct segment *segment)
{
    const bool edge = strcmp(text, "------") == 0;
    if (edge) {
        progress->frame = progress->frame == INSIDE ? OUTSIDE : OPENED;
        progress->goes_on = NULL;
    } else if (progress->frame == OPENED && starts_with(text, "> ") && segment->end_length > 0 &&
               segment->end[segment->end_length - 1] == ':') {
        progress->frame = INSIDE;
    } else if (progress->frame != INSIDE) {
        return false;
    }
    progress->taken = true;
    return true;
}

/* Docker's block of the Dockerfile's lines */

/* `Dockerfile:12`, which may come before such a block. */
static bool take_place(struct progress *progress, const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || positive(colon + 1) == 0 ||
        colon[1 + strspn(colon + 1, "0123456789")] != '\0' || colon - text >= PROGRESS_NAME_SIZE)
        return false;
    progress->place = (struct build_source){.line = positive(colon + 1)};
    memcpy(progress->place.file, text, (size_t)(colon - text));
    return true;
}

/* `  12 | >>> RUN make` */
static bool take_shown_line(struct progress *progress, const char *text)
{
    static const char mark[] = " | >>> ";
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || !starts_with(text + digits, " |"))
        return false;
    if (progress->source.text[0] == '\0' && positive(text) == progress->source.line &&
        starts_with(text + digits, mark))
        copy_name(progress->source.text, text + digits + sizeof(mark) - 1);
    return true;
}

static bool take_source_line(struct progress *progress, const char *text)
{
    const bool edge = strcmp(text, "--------------------") == 0;
    if (edge && progress->in_source) {
        progress->in_source = false;
    } else if (edge && progress->place.line > 0) {
        progress->in_source = true;
        progress->source = progress->place;
        progress->place.line = 0;
    } else if (!progress->in_source || !take_shown_line(progress, text)) {
        return false;
    }
    progress->taken = true;
    return true;
}

/* The CLI's own words */

/* What the runner, or an action that runs the CLI, says about its exit status: not the builder's
 * words. */
static bool is_about_exit(const char *text)
{
    return starts_with(text, "Process completed with exit code") ||
           starts_with(text, "The process '");
}

static bool take_error(struct progress *progress, const char *text, const struct segment *segment)
{
    static const char prefix[] = "error:";
    const char *said = text;
    if (strncasecmp(text, prefix, sizeof(prefix) - 1) == 0) {
        said += sizeof(prefix) - 1;
        said += strspn(said, " ");
    } else if (!starts_with(text, "failed to solve")) {
        return false;
    }
    if (progress->error.text[0] != '\0' && is_about_exit(said))
        return true;
    progress->goes_on = &progress->error;
    words_set(progress->goes_on, *said != '\0' ? said : text, segment);
    return true;
}

static bool take_count_of_warnings(struct progress *progress, const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || !(starts_with(text + digits, " warning found") ||
                         starts_with(text + digits, " warnings found")))
        return false;
    progress->warnings_counted = positive(text);
    return true;
}

static void take_own_line(struct progress *progress, const char *text,
                          const struct segment *segment)
{
    progress->own = (struct slice){segment->text, segment->length};
    if (take_error(progress, text, segment) || take_count_of_warnings(progress, text) ||
        take_place(progress, text))
        return;
    if (progress->verdict[0] == '\0' && starts_with(text, "Check complete,"))
        copy_name(progress->verdict, text);
    if (progress->goes_on != NULL)
        words_add(progress->goes_on, text);
}

/* Segments */

/* Text after a carriage return overwrites what the step printed before it. */
static void take_rest_of_line(struct progress *progress, const struct segment *segment)
{
    if (progress->taken_by == NOBODY)
        return;
    settle_run(progress);
    plain_text(progress->text, sizeof(progress->text), segment->text, segment->length);
    add_line(progress, &progress->steps[progress->taken_by], progress->text, true);
}

/* Reads any line; slow. */
static void take_text(struct progress *progress, const struct segment *segment)
{
    const char *text = progress->text;
    settle_run(progress);
    if (plain_text(progress->text, sizeof(progress->text), segment->text, segment->length) == 0)
        return;
    progress->last = (struct slice){segment->text, segment->length};
    if (!take_frame_line(progress, text, segment) && !take_step_line(progress, text, segment) &&
        !take_source_line(progress, text))
        take_own_line(progress, text, segment);
}

/* Where the text goes on, after blanks, with a character that is shown; `length` if it does not, or
 * only where a line is cut off. */
static size_t next_shown(const char *text, size_t at, size_t length)
{
    while (at < length && (text[at] == ' ' || text[at] == '\t'))
        at++;
    const bool shown =
        at < length && at < SEGMENT_SIZE - 1 && (unsigned char)text[at] > ' ' && text[at] != 0x7f;
    return shown ? at : length;
}

/* Most lines are output of a step, and only the last few of them are ever needed, so they are put
 * off. A line that may be blank is not: it does not count as one of those few. */
static bool put_off_output(struct progress *progress, const struct segment *segment)
{
    const char *text = segment->text;
    const size_t digits = text[0] == '#' ? number_length(text + 1, segment->length - 1) : 0;
    const size_t before = 1 + digits + 1;
    const size_t length = digits > 0 ? segment->length - before : 0;
    const size_t stamp = stamp_length(text + before, length);
    if (stamp == 0 || progress->frame == INSIDE ||
        next_shown(text + before, stamp, length) == length)
        return false;
    struct build_step *step = step_of_output(progress, number_of(text + 1, digits));
    if (step == NULL || (step->name[0] >= '0' && step->name[0] <= '9'))
        return false;
    if (step != progress->run_step)
        settle_run(progress);
    progress->run_step = progress->shown = step;
    progress->run[progress->run_count % LINES_EACH] = (struct slice){text + before, length};
    progress->run_count++;
    progress->last = (struct slice){text, segment->length};
    progress->taken = true;
    progress->taken_by = owner_of(progress, step);
    progress->goes_on = NULL;
    progress->frame = OUTSIDE;
    return true;
}

/* Puts off any other line that matters only if it is the last one. */
static bool put_off_ordinary(struct progress *progress, const struct segment *segment)
{
    const size_t shown = next_shown(segment->text, 0, segment->length);
    const char final = segment->text[segment->length - 1];
    if (shown == segment->length || strchr("#>-eEfC0123456789", segment->text[shown]) != NULL ||
        (final >= '0' && final <= '9') || progress->frame == INSIDE || progress->goes_on != NULL)
        return false;
    settle_run(progress);
    progress->last = progress->own = (struct slice){segment->text, segment->length};
    return true;
}

static void take(void *context, const struct segment *segment)
{
    struct progress *progress = context;
    if (segment->length == 0)
        return;
    progress->has_text = true;
    if (progress->taken)
        take_rest_of_line(progress, segment);
    else if (!put_off_output(progress, segment) && !put_off_ordinary(progress, segment))
        take_text(progress, segment);
}

static void end_line(void *context)
{
    struct progress *progress = context;
    progress->after_blank = !progress->has_text;
    if (progress->after_blank)
        progress->goes_on = NULL;
    progress->has_text = false;
    progress->taken = false;
    progress->taken_by = NOBODY;
}

static struct segment_taker taker_of(struct progress *progress)
{
    return (struct segment_taker){take, end_line, settle, progress};
}

void progress_feed(struct progress *progress, const char *bytes, size_t length)
{
    const struct segment_taker taker = taker_of(progress);
    if (length > 0)
        portions_feed(&progress->portions, bytes, length, &taker);
}

void progress_end(struct progress *progress)
{
    const struct segment_taker taker = taker_of(progress);
    portions_end(&progress->portions, &taker);
}
