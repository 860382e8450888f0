#include "buildkit/portion.h"

#include <string.h>

/* Adds the new bytes to the end that is kept. */
static void keep_end(struct portions *portions, const char *bytes, size_t length)
{
    const size_t limit = SEGMENT_END_SIZE - 1;
    if (length > limit) {
        bytes += length - limit;
        length = limit;
    }
    const size_t old = portions->end_length;
    const size_t stays = old + length > limit ? limit - length : old;
    memmove(portions->end, portions->end + old - stays, stays);
    memcpy(portions->end + stays, bytes, length);
    portions->end_length = stays + length;
}

static void keep(struct portions *portions, const char *bytes, size_t length)
{
    const size_t room = sizeof(portions->text) - 1 - portions->length;
    const size_t kept = length < room ? length : room;
    memcpy(portions->text + portions->length, bytes, kept);
    portions->length += kept;
    portions->cut = portions->cut || kept < length;
    keep_end(portions, bytes, length);
}

static void give_kept(struct portions *portions, const struct segment_taker *taker)
{
    const struct segment segment = {portions->text, portions->length, portions->cut, portions->end,
                                    portions->end_length};
    taker->take(taker->context, &segment);
    taker->settle(taker->context);
    portions->length = 0;
    portions->end_length = 0;
    portions->cut = false;
}

static void give(const char *bytes, size_t length, const struct segment_taker *taker)
{
    const size_t end = length < SEGMENT_END_SIZE - 1 ? length : SEGMENT_END_SIZE - 1;
    const struct segment segment = {bytes, length, length >= SEGMENT_SIZE, bytes + length - end,
                                    end};
    taker->take(taker->context, &segment);
}

/* The next place of `byte`, at `from` or after it; `end` if there is none. `found` is where it was
 * last time, so that no byte is looked at twice. */
static const char *next(struct portions *portions, const char *found, char byte, const char *from,
                        const char *end)
{
    if (found != NULL && found >= from)
        return found;
    const char *at = memchr(from, byte, (size_t)(end - from));
    at = at != NULL ? at : end;
    portions->work += (size_t)(at - from) + 1;
    return at;
}

void portions_feed(struct portions *portions, const char *bytes, size_t length,
                   const struct segment_taker *taker)
{
    const char *end = bytes + length;
    const char *feed = next(portions, NULL, '\n', bytes, end);
    const char *carriage_return = next(portions, NULL, '\r', bytes, end);
    for (;;) {
        const char *stop = feed < carriage_return ? feed : carriage_return;
        const size_t part = (size_t)(stop - bytes);
        if (portions->length > 0 || stop == end)
            keep(portions, bytes, part);
        if (stop == end)
            break;
        if (portions->length > 0)
            give_kept(portions, taker);
        else
            give(bytes, part, taker);
        if (stop == feed)
            taker->end_line(taker->context);
        bytes = stop + 1;
        feed = next(portions, feed, '\n', bytes, end);
        carriage_return = next(portions, carriage_return, '\r', bytes, end);
    }
    taker->settle(taker->context);
}

void portions_end(struct portions *portions, const struct segment_taker *taker)
{
    if (portions->length > 0)
        give_kept(portions, taker);
    taker->end_line(taker->context);
}
