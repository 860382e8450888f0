#include "fuzz.h"

#include "plan/list.h"

#include <stdlib.h>
#include <string.h>

/* What is quoted is read back as the one field that it was, but for white space around it. */
static void check_round_trip(struct arena *arena, const char *text)
{
    struct string_list fields = {0};
    const char *trimmed = text_trim(arena, text);
    if (list_fields(arena, list_quote(arena, trimmed), &fields) != 0 || fields.count != 1 ||
        strcmp(fields.items[0], trimmed) != 0)
        abort();
}

void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    static const enum list_kind kinds[] = {LIST_SPLIT, LIST_WHOLE, LIST_UNTRIMMED, LIST_LINES};
    (void)length;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct string_list list = {0};
        struct error error = ERROR_INIT;
        if (list_parse(arena, kinds[i], text, &list, &error) != 0 && error.message[0] == '\0')
            abort();
    }
    check_round_trip(arena, text);
}
