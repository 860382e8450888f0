#include "plan/given.h"

#include <ctype.h>
#include <string.h>

static void add(struct arena *arena, struct string_list *lines, const struct input *input,
                const char *value)
{
    string_list_add(arena, lines, arena_format(arena, "%s: %s", input->name, value));
}

static bool is_by_default(const struct input *input, const char *value)
{
    return input->default_value != NULL && strcmp(input->default_value, value) == 0;
}

/* The secrets that the build gets, by the names that its command line shows as well. */
static void add_secrets(struct arena *arena, struct string_list *lines, const struct input *input,
                        const struct plan *plan)
{
    for (size_t i = 0; i < plan->secret_count; i++)
        if (strcmp(plan->secrets[i].input, input->name) == 0)
            add(arena, lines, input, arena_format(arena, "%s=***", plan->secrets[i].id));
}

/* The length of a build argument's name; 0 if the item may be a piece of a value of several lines
 * that was split by mistake. The rule is the one for secrets (plan/secrets.h). */
static size_t argument_name_length(const char *argument)
{
    const char *equals = strchr(argument, '=');
    if (equals == NULL || isdigit((unsigned char)argument[0]))
        return 0;
    for (const char *byte = argument; byte < equals; byte++)
        if (!isalnum((unsigned char)*byte) && *byte != '_')
            return 0;
    return equals[strspn(equals, "=")] != '\0' ? (size_t)(equals - argument) : 0;
}

static void add_arguments(struct arena *arena, struct string_list *lines, const struct input *input,
                          const struct string_list *arguments)
{
    for (size_t i = 0; i < arguments->count; i++) {
        const size_t length = argument_name_length(arguments->items[i]);
        add(arena, lines, input,
            arena_format(arena, "%.*s%s***", (int)length, arguments->items[i],
                         length > 0 ? "=" : ""));
    }
}

static void add_list(struct arena *arena, struct string_list *lines, const struct input *input,
                     const struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add(arena, lines, input, list->items[i]);
}

static void add_text(struct arena *arena, struct string_list *lines, const struct input *input,
                     const char *text)
{
    if (text != NULL && !is_by_default(input, text))
        add(arena, lines, input, input->secret ? "***" : text);
}

static void add_input(struct arena *arena, struct string_list *lines, const struct input *input,
                      const struct inputs *inputs, const struct plan *plan)
{
    const void *value = (const char *)inputs + input->offset;
    if (value == &inputs->github_token)
        return;
    if (value == &inputs->secrets || value == &inputs->secret_files ||
        value == &inputs->secret_envs)
        add_secrets(arena, lines, input, plan);
    else if (value == &inputs->build_args)
        add_arguments(arena, lines, input, value);
    else if (input->kind == INPUT_BOOL)
        add_text(arena, lines, input, *(const bool *)value ? "true" : "false");
    else if (input->kind == INPUT_STRING)
        add_text(arena, lines, input, *(const char *const *)value);
    else
        add_list(arena, lines, input, value);
}

void given_inputs(struct arena *arena, const struct inputs *inputs, const struct plan *plan,
                  struct string_list *lines)
{
    for (size_t i = 0; i < INPUT_COUNT; i++)
        add_input(arena, lines, &INPUTS[i], inputs, plan);
}
