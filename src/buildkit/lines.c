#include "buildkit/lines.h"

#include <stdbool.h>
#include <string.h>

/* What comes before the bytes of a line. */
struct record {
    uint32_t serial; /* which of its owner's lines it is */
    uint16_t owner;
    uint16_t length;
};

/* With this many bytes or fewer, nothing is removed, because looking for it would cost more than it
 * gains. What stays must leave room, or each new line would move all others. */
enum { SLACK = 8 * 1024, LEAST_ROOM = LINES_MEMORY / 4 };

static struct record record_at(const struct lines *lines, size_t at)
{
    struct record record;
    memcpy(&record, lines->memory + at, sizeof(record));
    return record;
}

static size_t size_of(const struct record *record)
{
    return sizeof(*record) + record->length;
}

static bool is_wanted(const struct lines *lines, const struct record *record)
{
    const uint32_t age = lines->count[record->owner] - record->serial;
    return age <= LINES_EACH && age <= lines->count[record->owner] - lines->first[record->owner];
}

static void keep_wanted(struct lines *lines)
{
    size_t kept = 0;
    for (size_t at = 0; at < lines->used;) {
        const struct record record = record_at(lines, at);
        if (is_wanted(lines, &record)) {
            memmove(lines->memory + kept, lines->memory + at, size_of(&record));
            lines->last = kept;
            kept += size_of(&record);
        }
        at += size_of(&record);
    }
    lines->used = kept;
}

static void drop_oldest(struct lines *lines)
{
    size_t gone = 0;
    while (lines->used - gone > LINES_MEMORY - LEAST_ROOM) {
        const struct record record = record_at(lines, gone);
        gone += size_of(&record);
    }
    memmove(lines->memory, lines->memory + gone, lines->used - gone);
    lines->used -= gone;
    lines->last -= gone;
}

static void make_room(struct lines *lines)
{
    keep_wanted(lines);
    drop_oldest(lines);
    const size_t limit = 2 * lines->used + SLACK;
    lines->limit = limit < LINES_MEMORY ? limit : LINES_MEMORY;
}

void lines_add(struct lines *lines, unsigned owner, const char *text, size_t length)
{
    struct record record = {
        .serial = lines->count[owner]++,
        .owner = (uint16_t)owner,
        .length = (uint16_t)(length < LINE_LIMIT ? length : LINE_LIMIT),
    };
    if (lines->used + size_of(&record) > lines->limit)
        make_room(lines);
    lines->last = lines->used;
    memcpy(lines->memory + lines->used, &record, sizeof(record));
    if (record.length > 0)
        memcpy(lines->memory + lines->used + sizeof(record), text, record.length);
    lines->used += size_of(&record);
}

void lines_replace(struct lines *lines, unsigned owner, const char *text, size_t length)
{
    const struct record record =
        lines->used > 0 ? record_at(lines, lines->last) : (struct record){.owner = UINT16_MAX};
    if (record.owner == owner && is_wanted(lines, &record)) {
        lines->used = lines->last;
        lines->count[owner]--;
    }
    lines_add(lines, owner, text, length);
}

void lines_drop(struct lines *lines, unsigned owner)
{
    lines->first[owner] = lines->count[owner];
}

void lines_list(struct arena *arena, const struct lines *lines, unsigned owner,
                struct string_list *list)
{
    for (size_t at = 0; at < lines->used;) {
        const struct record record = record_at(lines, at);
        if (record.owner == owner && is_wanted(lines, &record))
            string_list_add(
                arena, list,
                arena_copy_bytes(arena, lines->memory + at + sizeof(record), record.length));
        at += size_of(&record);
    }
}
