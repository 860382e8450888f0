#include "system/gunzip.h"

#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <string.h>

enum { TRAILER_SIZE = 8 }; /* a checksum and a length (RFC 1952, 2.3.1) */

enum part { HEADER, CONTENT, TRAILER, END };

struct gunzip {
    const struct byte_source *source;
    enum part part;         /* the next one */
    bool later;             /* than the first member */
    size_t trailer_to_come; /* bytes of it */
    struct isal_gzip_header header;
    struct inflate_state state;
    unsigned char content[GUNZIP_BLOCK_SIZE];
};

static void begin_member(struct gunzip *gunzip)
{
    gunzip->part = HEADER;
    isal_gzip_header_init(&gunzip->header);
    isal_inflate_reset(&gunzip->state);
}

struct gunzip *gunzip_open(struct arena *arena, const struct byte_source *source)
{
    struct gunzip *gunzip = arena_allocate(arena, sizeof(*gunzip));
    gunzip->source = source;
    isal_inflate_init(&gunzip->state);
    begin_member(gunzip);
    return gunzip;
}

/* 1, 0 at the source's end, or -1. */
static int take_block(struct gunzip *gunzip, struct error *error)
{
    const char *bytes = NULL;
    const ssize_t length = gunzip->source->read(gunzip->source->context, &bytes, error);
    if (length <= 0)
        return (int)length;
    /* It is only read, although its type is not const. */
    memcpy(&gunzip->state.next_in, &bytes, sizeof(bytes));
    gunzip->state.avail_in = (uint32_t)length;
    return 1;
}

/* After the last member there is padding, or nothing. */
static int read_header(struct gunzip *gunzip, struct error *error)
{
    const int result = isal_read_gzip_header(&gunzip->state, &gunzip->header);
    if (result < 0 && !gunzip->later)
        return error_set(error, "it is not a gzip file");
    if (result < 0)
        gunzip->part = END;
    if (result == ISAL_DECOMP_OK)
        gunzip->part = CONTENT;
    return 0;
}

/* The next member may follow. */
static void pass_trailer(struct gunzip *gunzip)
{
    struct inflate_state *state = &gunzip->state;
    const size_t length =
        state->avail_in < gunzip->trailer_to_come ? state->avail_in : gunzip->trailer_to_come;
    state->next_in += length;
    state->avail_in -= (uint32_t)length;
    gunzip->trailer_to_come -= length;
    if (gunzip->trailer_to_come > 0)
        return;
    gunzip->later = true;
    begin_member(gunzip);
}

/* Whole bytes that the decoder has read ahead are the start of the trailer. */
static ssize_t inflate(struct gunzip *gunzip, struct error *error)
{
    struct inflate_state *state = &gunzip->state;
    state->next_out = gunzip->content;
    state->avail_out = sizeof(gunzip->content);
    if (isal_inflate(state) < 0)
        return error_set(error, "its content cannot be unpacked");
    if (state->block_state == ISAL_BLOCK_FINISH) {
        gunzip->part = TRAILER;
        gunzip->trailer_to_come = TRAILER_SIZE - (size_t)state->read_in_length / 8;
        pass_trailer(gunzip);
    }
    return state->next_out - gunzip->content;
}

/* The length of content; 0 if the part that was read has none, or -1. */
static ssize_t read_part(struct gunzip *gunzip, struct error *error)
{
    switch (gunzip->part) {
    case HEADER:
        return read_header(gunzip, error);
    case CONTENT:
        return inflate(gunzip, error);
    case TRAILER:
        pass_trailer(gunzip);
        return 0;
    default:
        return 0;
    }
}

ssize_t gunzip_read(struct gunzip *gunzip, const char **bytes, struct error *error)
{
    /* The decoder may still hold content when its input has ended. */
    ssize_t length = gunzip->part == CONTENT ? inflate(gunzip, error) : 0;
    while (length == 0 && gunzip->part != END) {
        const int taken = gunzip->state.avail_in > 0 ? 1 : take_block(gunzip, error);
        if (taken < 0)
            return -1;
        if (taken == 0 && gunzip->part == HEADER && gunzip->later)
            gunzip->part = END;
        else if (taken == 0)
            return error_set(error, "it ends too early");
        else
            length = read_part(gunzip, error);
    }
    *bytes = (const char *)gunzip->content;
    return length;
}
