#include "buildkit/dockerfile.h"

#include "buildkit/grammar.h"
#include "buildkit/step_name.h"
#include "system/terminal.h"
#include "system/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct instruction {
    int line;            /* where it begins, from 1 */
    const char *keyword; /* in upper case */
    const char *text;    /* all of it, its lines joined, and without its heredocs */
    bool heredoc;        /* it has one */
};

/* A step's name is shorter than the text that is compared with it. */
enum { INSTRUCTION_LIMIT = 2000, COMPARED = 2048 };

struct dockerfile {
    struct arena *arena;
    const char *rest; /* what has not been read yet */
    int line;         /* of the last line read */
    char escape;
    char *joined; /* room for all of the text */
    bool foreign; /* a frontend other than Docker's reads it */
    struct instruction instructions[INSTRUCTION_LIMIT];
    size_t count;
};

/* Lines */

static const char *read_line(struct dockerfile *file)
{
    if (*file->rest == '\0')
        return NULL;
    const size_t length = strcspn(file->rest, "\n");
    const size_t kept = length > 0 && file->rest[length - 1] == '\r' ? length - 1 : length;
    const char *line = arena_copy_bytes(file->arena, file->rest, kept);
    file->rest += length + (file->rest[length] == '\n');
    file->line++;
    return line;
}

static bool is_comment(const char *line)
{
    return line[strspn(line, " \t\v\f\r")] == '#';
}

static bool is_blank(const char *line)
{
    return line[strspn(line, " \t\v\f\r")] == '\0';
}

/* Directives: `# escape=\`, in the lines before all others. */

static bool is_docker_s(const char *frontend)
{
    static const char *const names[] = {
        "docker/dockerfile:", "docker/dockerfile-upstream:", "docker.io/docker/dockerfile:",
        "docker.io/docker/dockerfile-upstream:"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (starts_with(frontend, names[i]))
            return true;
    return strcmp(frontend, "docker/dockerfile") == 0 ||
           strcmp(frontend, "docker.io/docker/dockerfile") == 0;
}

/* False if the line is not a directive; no directive can follow it. */
static bool read_directive(struct dockerfile *file, const char *line)
{
    const char *name = line + strspn(line, " \t");
    if (*name != '#')
        return false;
    name += 1 + strspn(name + 1, " \t");
    const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789");
    const char *sign = name + length + strspn(name + length, " \t");
    const char *value = *sign == '=' ? sign + 1 + strspn(sign + 1, " \t") : "";
    if (length == 0 || *value == '\0')
        return false;
    const char *word = arena_copy_bytes(file->arena, value, strcspn(value, " \t"));
    if (length == strlen("escape") && strncasecmp(name, "escape", length) == 0)
        file->escape = *word;
    if (length == strlen("syntax") && strncasecmp(name, "syntax", length) == 0)
        file->foreign = !is_docker_s(word);
    return true;
}

static void read_directives(struct dockerfile *file)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    if (starts_with(file->rest, byte_order_mark))
        file->rest += sizeof(byte_order_mark) - 1;
    for (;;) {
        const struct dockerfile before = {.rest = file->rest, .line = file->line};
        const char *line = read_line(file);
        if (line != NULL && read_directive(file, line))
            continue;
        file->rest = before.rest;
        file->line = before.line;
        return;
    }
}

/* Heredocs: `RUN <<EOF` and `COPY <<-'a' <<b /to`. */

/* The length of the word at `text`, including quotes and the text inside them. */
static size_t word_length(const char *text, char escape)
{
    char quote = '\0';
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        const char byte = text[length];
        if (byte == escape && quote != '\'' && text[length + 1] != '\0')
            length++;
        else if (quote != '\0')
            quote = (char)(byte == quote ? '\0' : quote);
        else if (byte == '"' || byte == '\'')
            quote = byte;
        else if (byte == ' ' || byte == '\t')
            break;
    }
    return length;
}

/* The name that ends the heredoc that the word begins, without its quotes and backslashes; NULL if
 * it begins none. */
static const char *heredoc_name(struct arena *arena, const char *word, bool *tabs)
{
    word += strspn(word, "0123456789");
    if (!starts_with(word, "<<"))
        return NULL;
    word += 2;
    *tabs = *word == '-';
    word += *tabs;
    char *name = arena_allocate(arena, strlen(word) + 1);
    char *end = name;
    for (; *word != '\0'; word++)
        if (strchr("\"'\\", *word) == NULL)
            *end++ = *word;
    return *name != '\0' && strchr(name, '<') == NULL ? name : NULL;
}

static void skip_heredoc(struct dockerfile *file, const char *name, bool tabs)
{
    for (const char *line; (line = read_line(file)) != NULL;)
        if (strcmp(tabs ? line + strspn(line, "\t") : line, name) == 0)
            return;
}

static bool may_have_heredocs(const char *keyword)
{
    return strcmp(keyword, "RUN") == 0 || strcmp(keyword, "COPY") == 0 ||
           strcmp(keyword, "ADD") == 0 || strcmp(keyword, "ONBUILD") == 0;
}

static bool skip_heredocs(struct dockerfile *file, const char *keyword, const char *text)
{
    bool any = false;
    bool tabs;
    if (!may_have_heredocs(keyword))
        return false;
    while (*text != '\0') {
        const size_t length = word_length(text, file->escape);
        const char *word = arena_copy_bytes(file->arena, text, length);
        const char *name = heredoc_name(file->arena, word, &tabs);
        if (name != NULL)
            skip_heredoc(file, name, tabs);
        any = any || name != NULL;
        text += length + strspn(text + length, " \t");
    }
    return any;
}

/* Instructions */

/* The length of the line without the escape character that continues it on the next line; the
 * length of the whole line if there is none. */
static size_t length_before_escape(const char *line, char escape)
{
    size_t length = strlen(line);
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    if (length == 0 || line[length - 1] != escape || (length > 1 && line[length - 2] == escape))
        return strlen(line);
    return length - 1;
}

/* The line joined with the lines that continue it. */
static const char *join_lines(struct dockerfile *file, const char *line)
{
    char *end = file->joined;
    line += strspn(line, " \t\v\f");
    while (line != NULL) {
        const size_t length = length_before_escape(line, file->escape);
        end = mempcpy(end, line, length);
        if (line[length] == '\0')
            break;
        do
            line = read_line(file);
        while (line != NULL && (is_comment(line) || is_blank(line)));
    }
    return arena_copy_bytes(file->arena, file->joined, (size_t)(end - file->joined));
}

static const char *upper_case(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_copy_bytes(arena, text, length);
    for (size_t i = 0; i < length; i++)
        copy[i] = (char)toupper((unsigned char)copy[i]);
    return copy;
}

static void read_instructions(struct dockerfile *file)
{
    read_directives(file);
    for (const char *line; (line = read_line(file)) != NULL;) {
        const int number = file->line;
        if (is_comment(line) || is_blank(line) || file->count == INSTRUCTION_LIMIT)
            continue;
        const char *text = join_lines(file, line);
        const char *keyword = upper_case(file->arena, text, strcspn(text, " \t"));
        if (*keyword != '\0')
            file->instructions[file->count++] =
                (struct instruction){number, keyword, text, skip_heredocs(file, keyword, text)};
    }
}

/* Stages */

/* A stage's instructions: FROM and those before the next FROM. */
struct stage {
    const struct instruction *from;
    size_t count;
    size_t index;
    int onbuild; /* position of the last ONBUILD step of its image; 0 if there is none */
};

static bool stage_next(const struct dockerfile *file, struct stage *stage)
{
    const struct instruction *end = file->instructions + file->count;
    const struct instruction *at =
        stage->from != NULL ? stage->from + stage->count : file->instructions;
    stage->index += stage->from != NULL;
    while (at < end && strcmp(at->keyword, "FROM") != 0)
        at++;
    stage->from = at;
    stage->count = at < end;
    while (at + stage->count < end && strcmp(at[stage->count].keyword, "FROM") != 0)
        stage->count++;
    return at < end;
}

/* The words of FROM, without its keyword and options: `node:22 AS build`. */
static const char *image_words(const struct instruction *from)
{
    const char *text = from->text + strcspn(from->text, " \t");
    text += strspn(text, " \t");
    while (starts_with(text, "--")) {
        text += strcspn(text, " \t");
        text += strspn(text, " \t");
    }
    return text;
}

static const char *stage_label(struct arena *arena, const struct stage *stage)
{
    const char *text = image_words(stage->from);
    text += strcspn(text, " \t");
    text += strspn(text, " \t");
    if (strncasecmp(text, "AS", 2) != 0 || (text[2] != ' ' && text[2] != '\t'))
        return arena_format(arena, "stage-%zu", stage->index);
    text += 2 + strspn(text + 2, " \t");
    return arena_copy_bytes(arena, text, strcspn(text, " \t"));
}

/* The only stage with that label; the only stage, if the label is empty. */
static bool find_stage(const struct dockerfile *file, const char *label, struct stage *found)
{
    size_t matches = 0;
    for (struct stage stage = {0}; stage_next(file, &stage);) {
        if (*label != '\0' && strcasecmp(stage_label(file->arena, &stage), label) != 0)
            continue;
        *found = stage;
        matches++;
    }
    return matches == 1;
}

/* Whether it is a step of its own. FROM is one if it names an image, which only the number of steps
 * shows. */
static bool is_step(const struct instruction *instruction)
{
    static const char *const keywords[] = {"ADD", "COPY", "RUN", "WORKDIR"};
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (strcmp(instruction->keyword, keywords[i]) == 0)
            return true;
    return false;
}

/* The instruction at a position, from 1; NULL if the stage does not have as many steps as the
 * step's name says. The total also counts an ONBUILD that is no step, such as ONBUILD ENV. */
static const struct instruction *at_position(const struct stage *stage, int position, int of)
{
    const struct instruction *found = NULL;
    int others = of;
    for (size_t i = 1; i < stage->count; i++)
        others -= is_step(&stage->from[i]);
    int count = stage->onbuild > 0 ? stage->onbuild : others;
    if (count < 0 || count > others || (count > 1 && stage->onbuild == 0))
        return NULL;
    if (position <= count)
        return stage->from;
    for (size_t i = 1; i < stage->count && found == NULL; i++)
        if (is_step(&stage->from[i]) && ++count == position)
            found = &stage->from[i];
    return found;
}

/* Texts */

/* Stands for a variable's value in a pattern. */
static const char ANYTHING = '\001';

/* The length of the variable at `text`, `$NAME` or `${NAME:-other}`; 0 if it is not a variable,
 * such as `$(`. */
static size_t variable_length(const char *text)
{
    size_t depth = 0;
    size_t length = 1;
    if (text[1] == '(')
        return 0;
    if (text[1] != '{') {
        while (isalnum((unsigned char)text[length]) || text[length] == '_')
            length++;
        return length > 1 || text[1] == '\0' ? length : 2;
    }
    for (; text[length] != '\0'; length++) {
        depth += text[length] == '{';
        if (text[length] == '}' && --depth == 0)
            return length + 1;
    }
    return length;
}

/* In place: without what a step's name may show differently. Every run of spaces and tabs becomes a
 * space, quotes and escape characters are left out, and letters are small. */
static void make_comparable(char *text)
{
    char *end = text;
    for (const char *at = text; *at != '\0'; at++)
        if (strchr(" \t\"'\\`", *at) == NULL)
            *end++ = (char)tolower((unsigned char)*at);
        else if (strchr(" \t", *at) != NULL && end > text && end[-1] != ' ')
            *end++ = ' ';
    *end = '\0';
}

/* In place: ANYTHING stands for each variable and the spaces next to it. Returns the end. */
static char *replace_variables(char *text)
{
    char *end = text;
    for (const char *at = text; *at != '\0';) {
        const size_t variable = *at == '$' ? variable_length(at) : 0;
        const char last = (char)(end > text ? end[-1] : ' ');
        if (variable > 0 && last == ' ' && end > text)
            end--;
        if (variable > 0)
            *end++ = ANYTHING;
        else if (*at != ' ' || last != ANYTHING)
            *end++ = *at;
        at += variable > 0 ? variable : 1;
    }
    *end = '\0';
    return end;
}

/* The text as it appears in a step's name, made comparable, and without its variables. */
static char *pattern_of(struct arena *arena, const struct instruction *instruction)
{
    const size_t whole = strlen(instruction->text);
    const size_t length = whole < COMPARED ? whole : COMPARED;
    char *text = arena_copy_bytes(arena, instruction->text, length + 1);
    terminal_plain(text, length);
    make_comparable(text);
    char *end = replace_variables(text);
    if (instruction->heredoc || length < whole)
        *end++ = ANYTHING;
    *end = '\0';
    return text;
}

/* Whether `text` matches the pattern; `cut`: whether the pattern begins with it. */
static bool matches(const char *pattern, const char *text, bool cut)
{
    const char *retry_pattern = NULL;
    const char *retry_text = NULL;
    for (;;) {
        if (*text == '\0' && cut)
            return true;
        if (*pattern == ANYTHING) {
            retry_pattern = ++pattern;
            retry_text = text;
        } else if (*pattern != '\0' && *pattern == *text) {
            pattern++;
            text++;
        } else if (strspn(pattern, " \001") == strlen(pattern) &&
                   strspn(text, " ") == strlen(text)) {
            return true;
        } else if (retry_text != NULL && *retry_text != '\0') {
            text = ++retry_text;
            pattern = retry_pattern;
        } else {
            return false;
        }
    }
}

static bool is_onbuild(const struct step_name *name)
{
    return starts_with(name->instruction, "ONBUILD ");
}

/* For FROM, the name contains the image with its digest, or what the image adds. */
static bool is_said_by(struct arena *arena, const struct instruction *instruction,
                       const struct build_step *step, const struct step_name *name)
{
    const bool cut = strlen(step->name) >= PROGRESS_NAME_SIZE - 4;
    if (strcmp(instruction->keyword, "FROM") == 0)
        return starts_with(name->instruction, "FROM ") || is_onbuild(name);
    char *said = arena_copy(arena, name->instruction);
    make_comparable(said);
    return matches(pattern_of(arena, instruction), said, cut);
}

/* Lines of steps */

static bool is_same_stage(const struct step_name *one, const struct step_name *other)
{
    return strcmp(one->stage, other->stage) == 0 && strcmp(one->platform, other->platform) == 0;
}

/* ONBUILD steps of the base image come first and shift the others. */
static int last_onbuild(const struct progress *progress, const struct step_name *wanted)
{
    struct step_name name;
    int last = 0;
    for (size_t i = 0; i < progress_step_count(progress); i++)
        if (step_name_parse(progress_step(progress, i)->name, &name) &&
            is_same_stage(&name, wanted) && is_onbuild(&name) && name.position > last)
            last = name.position;
    return last;
}

/* Whether all steps of the stage are where the Dockerfile has them. Older builders do not mark
 * ONBUILD steps. */
static bool is_in_order(const struct dockerfile *file, const struct stage *stage,
                        const struct progress *progress, const struct step_name *wanted)
{
    struct step_name name;
    for (size_t i = 0; i < progress_step_count(progress); i++) {
        const struct build_step *step = progress_step(progress, i);
        if (!step_name_parse(step->name, &name) || !is_same_stage(&name, wanted))
            continue;
        const struct instruction *there = at_position(stage, name.position, name.of);
        if (there == NULL || !is_said_by(file->arena, there, step, &name))
            return false;
    }
    return true;
}

/* Otherwise, the line of the only instruction that the step can be. */
static int only_line(const struct dockerfile *file, const struct stage *stage,
                     const struct build_step *step, const struct step_name *name)
{
    int line = 0;
    size_t found = 0;
    for (size_t i = 1; i < stage->count; i++)
        if (is_step(&stage->from[i]) && is_said_by(file->arena, &stage->from[i], step, name)) {
            line = stage->from[i].line;
            found++;
        }
    return found == 1 && at_position(stage, 1, name->of) != NULL ? line : 0;
}

static int line_of_instruction(const struct dockerfile *file, const struct progress *progress,
                               const struct build_step *step, const struct step_name *name)
{
    struct stage stage = {0};
    if (!find_stage(file, name->stage, &stage))
        return 0;
    stage.onbuild = last_onbuild(progress, name);
    if (!is_in_order(file, &stage, progress, name))
        return only_line(file, &stage, step, name);
    const struct instruction *found = at_position(&stage, name->position, name->of);
    return found != NULL ? found->line : 0;
}

/* The image that the instruction names, in FROM, `--from=` or `--mount=from=`; "" if it names none,
 * or a stage. */
static char *image_of(const struct dockerfile *file, const struct instruction *instruction)
{
    static const char option[] = "from=";
    struct stage stage;
    const bool is_from = strcmp(instruction->keyword, "FROM") == 0;
    const char *text = strstr(instruction->text, option);
    text = is_from ? image_words(instruction) : text != NULL ? text + sizeof(option) - 1 : "";
    char *image = arena_copy_bytes(file->arena, text, strcspn(text, ", \t"));
    make_comparable(image);
    if (!is_from && *image != '\0' && find_stage(file, image, &stage))
        *image = '\0';
    return image;
}

/* An image's whole name, `docker.io/library/node:latest` (distribution: reference). A variable may
 * hold any part of it. */
static const char *whole_name(struct arena *arena, char *image)
{
    const char *slash = strchr(image, '/');
    const size_t first = slash != NULL ? (size_t)(slash - image) : 0;
    const char *host = arena_copy_bytes(arena, image, first);
    const char *registry = "";
    if (strchr(image, '$') != NULL) {
        replace_variables(image);
        return arena_format(arena, "%c%s%c", ANYTHING, image, ANYTHING);
    }
    if (slash == NULL)
        registry = "docker.io/library/";
    else if (strpbrk(host, ".:") == NULL && strcmp(host, "localhost") != 0)
        registry = "docker.io/";
    const char *last = strrchr(image, '/') != NULL ? strrchr(image, '/') : image;
    return arena_format(arena, "%s%s%s", registry, image,
                        strpbrk(last, ":@") != NULL ? "" : ":latest");
}

/* `[internal] load metadata for docker.io/library/node:22`: the line of the only instruction with
 * that image. */
static int line_of_image(const struct dockerfile *file, const char *name)
{
    static const char said[] = "] load metadata for ";
    const char *loaded = strstr(name, said);
    int line = 0;
    size_t found = 0;
    if (loaded == NULL)
        return 0;
    char *wanted = arena_copy(file->arena, loaded + sizeof(said) - 1);
    make_comparable(wanted);
    for (size_t i = 0; i < file->count; i++) {
        char *image = image_of(file, &file->instructions[i]);
        if (*image == '\0' || !matches(whole_name(file->arena, image), wanted, false))
            continue;
        line = file->instructions[i].line;
        found++;
    }
    return found == 1 ? line : 0;
}

int dockerfile_step_line(struct arena *arena, const char *text, const struct progress *progress,
                         const struct build_step *step)
{
    struct dockerfile *file = arena_allocate(arena, sizeof(*file));
    struct step_name name;
    *file = (struct dockerfile){.arena = arena, .rest = text, .escape = '\\'};
    file->joined = arena_allocate(arena, strlen(text) + 1);
    read_instructions(file);
    if (file->foreign || file->count == INSTRUCTION_LIMIT)
        return 0;
    return step_name_parse(step->name, &name) ? line_of_instruction(file, progress, step, &name)
                                              : line_of_image(file, step->name);
}

/* NULL if there is none. */
static const char *find_line(const char *text, int line)
{
    for (; line > 1; line--) {
        text += strcspn(text, "\n");
        if (*text == '\0')
            return NULL;
        text++;
    }
    return text;
}

bool dockerfile_has_line(const char *text, int line)
{
    struct arena arena = ARENA_INIT;
    struct dockerfile file = {.arena = &arena, .rest = text};
    read_directives(&file);
    arena_free(&arena);
    return !file.foreign && find_line(text, line) != NULL;
}

bool dockerfile_shows(const char *text, const struct build_source *source)
{
    char shown[PROGRESS_NAME_SIZE * 4];
    const char *line = find_line(text, source->line);
    if (line == NULL)
        return false;
    snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(line, "\r\n"), line);
    terminal_plain(shown, strlen(shown));
    shown[text_cut(shown, strlen(shown), PROGRESS_NAME_SIZE - 1)] = '\0';
    return source->text[0] != '\0' && strcmp(shown, source->text) == 0;
}
