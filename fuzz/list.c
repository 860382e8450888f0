#include "fuzz.h"

#include "plan/list.h"
#include "system/string_list.h"

/* What is quoted is read back as the same single field, except for white space around it. */
static void check_round_trip(struct arena *arena, const char *text)
{
    struct string_list fields = {0};
    const char *trimmed = text_trim(arena, text);
    fuzz_assert(list_fields(arena, list_quote(arena, trimmed), &fields) == 0);
    fuzz_assert(fields.count == 1 && strcmp(fields.items[0], trimmed) == 0);
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    static const enum list_kind kinds[] = {LIST_SPLIT, LIST_WHOLE, LIST_UNTRIMMED, LIST_AGENTS,
                                           LIST_LINES};
    (void)length;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct string_list list = {0};
        struct error error = ERROR_INIT;
        if (list_parse(arena, kinds[i], text, &list, &error) != 0)
            fuzz_assert(error.message[0] != '\0');
        for (size_t item = 0; item < list.count; item++)
            fuzz_assert(list.items[item][0] != '\0');
    }
    check_round_trip(arena, text);
}
