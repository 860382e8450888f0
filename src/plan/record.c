#include "plan/record.h"

#include "plan/list.h"

#include <string.h>
#include <strings.h>

int record_parse(struct arena *arena, const char *text, struct record *record)
{
    *record = (struct record){.text = text};
    return list_fields(arena, text, &record->fields);
}

struct records records_parse(struct arena *arena, const struct string_list *texts)
{
    struct records records = {.count = texts->count};
    records.items = arena_allocate(arena, texts->count * sizeof(*records.items));
    for (size_t i = 0; i < texts->count; i++)
        record_parse(arena, texts->items[i], &records.items[i]);
    return records;
}

const char *record_get(const struct record *record, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < record->fields.count; i++)
        if (strncasecmp(record->fields.items[i], name, length) == 0 &&
            record->fields.items[i][length] == '=')
            return record->fields.items[i] + length + 1;
    return NULL;
}

bool record_is(const struct record *record, const char *name, const char *value)
{
    const char *found = record_get(record, name);
    return found != NULL && strcmp(found, value) == 0;
}

char *record_format(struct arena *arena, const struct record *record)
{
    struct string_list quoted = {0};
    for (size_t i = 0; i < record->fields.count; i++)
        string_list_add(arena, &quoted, list_quote(arena, record->fields.items[i]));
    return string_list_join(arena, &quoted, ",");
}
