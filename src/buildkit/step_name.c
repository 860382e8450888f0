#include "buildkit/step_name.h"

#include <stdlib.h>
#include <string.h>

enum { POSITION_LIMIT = 1000000 };

/* Copies the word at `*text`, up to `end`, and moves to the next. */
static bool take_word(const char **text, const char *end, char word[PROGRESS_NAME_SIZE])
{
    while (*text < end && **text == ' ')
        (*text)++;
    const char *from = *text;
    while (*text < end && **text != ' ')
        (*text)++;
    const size_t length = (size_t)(*text - from);
    if (length == 0 || length >= PROGRESS_NAME_SIZE)
        return false;
    memcpy(word, from, length);
    word[length] = '\0';
    return true;
}

/* `3/5` */
static bool parse_position(const char *word, struct step_name *parsed)
{
    char *end;
    if (*word < '0' || *word > '9')
        return false;
    const long position = strtol(word, &end, 10);
    if (*end != '/' || end[1] < '0' || end[1] > '9')
        return false;
    const long of = strtol(end + 1, &end, 10);
    if (*end != '\0' || position < 1 || position > POSITION_LIMIT || of < 1 || of > POSITION_LIMIT)
        return false;
    parsed->position = (int)position;
    parsed->of = (int)of;
    return true;
}

bool step_name_parse(const char *name, struct step_name *parsed)
{
    char word[PROGRESS_NAME_SIZE];
    const char *end = *name == '[' ? strchr(name, ']') : NULL;
    if (end == NULL || end[1] != ' ')
        return false;
    *parsed = (struct step_name){.instruction = end + 1 + strspn(end + 1, " ")};
    for (const char *text = name + 1; take_word(&text, end, word);) {
        if (parse_position(word, parsed))
            return text == end && *parsed->instruction != '\0';
        /* The last word is the stage; a bake target comes before it. */
        const bool of_platform = parsed->stage[0] == '\0' && strchr(word, '/') != NULL;
        memcpy(of_platform ? parsed->platform : parsed->stage, word, sizeof(word));
    }
    return false;
}

struct step_count step_count(const struct progress *progress)
{
    struct step_count count = {0};
    struct step_name name;
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        if (!step_name_parse(step->name, &name))
            continue;
        count.total++;
        count.cached += step->state == BUILD_STEP_CACHED;
    }
    return count;
}

size_t step_slowest(const struct progress *progress, const struct build_step **steps, size_t most)
{
    size_t count = 0;
    struct step_name name;
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        if (step->state == BUILD_STEP_CACHED || step->time_ms == 0 ||
            !step_name_parse(step->name, &name))
            continue;
        size_t place = count;
        while (place > 0 && steps[place - 1]->time_ms < step->time_ms)
            place--;
        if (place == most)
            continue;
        count += count < most;
        for (size_t moved = count - 1; moved > place; moved--)
            steps[moved] = steps[moved - 1];
        steps[place] = step;
    }
    return count;
}

/* The machine's name, if the step gets a machine, `[depot] launching amd64 machine`; otherwise "".
 */
static const char *machine_of(const struct build_step *step)
{
    static const char *const beginnings[] = {"[depot] launching ", "[depot] connecting to "};
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (strncmp(step->name, beginnings[i], strlen(beginnings[i])) == 0)
            return step->name + strlen(beginnings[i]);
    return "";
}

static long long wait_for(const struct progress *progress, const char *machine)
{
    long long wait_ms = 0;
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        if (strcmp(machine_of(step), machine) == 0)
            wait_ms += step->time_ms;
    }
    return wait_ms;
}

long long step_machine_wait(const struct progress *progress)
{
    long long longest = 0;
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const char *machine = machine_of(progress_step(progress, i));
        const long long wait_ms = *machine != '\0' ? wait_for(progress, machine) : 0;
        longest = wait_ms > longest ? wait_ms : longest;
    }
    return longest;
}
