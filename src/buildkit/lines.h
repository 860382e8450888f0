/*
 * The last lines that each of several owners printed, in constant memory: LINES_EACH of an owner,
 * LINE_LIMIT bytes of a line, LINES_MEMORY bytes in all. The oldest go first.
 */
#ifndef BUILDKIT_LINES_H
#define BUILDKIT_LINES_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stddef.h>
#include <stdint.h>

enum { LINES_OWNERS = 500, LINES_EACH = 20, LINE_LIMIT = 512, LINES_MEMORY = 64 * 1024 };

/* All zero: no lines. Memory that no line ever used is not touched. */
struct lines {
    char memory[LINES_MEMORY]; /* records, oldest first; some are outdated, as their owner has
                                  enough newer ones */
    size_t used;
    size_t limit;                 /* of `used`; beyond it, what is no longer wanted is removed */
    size_t last;                  /* where the newest record is; valid if `used` is not 0 */
    uint32_t count[LINES_OWNERS]; /* how many lines an owner has ever had */
    uint32_t first[LINES_OWNERS]; /* the first of these that is still wanted */
};

/* Adds a line of an owner, a number below LINES_OWNERS. Takes constant time on average. */
void lines_add(struct lines *lines, unsigned owner, const char *text, size_t length);

/* Like lines_add, but replaces the newest line of all if it belongs to the same owner. */
void lines_replace(struct lines *lines, unsigned owner, const char *text, size_t length);

/* The owner's lines are no longer wanted. */
void lines_drop(struct lines *lines, unsigned owner);

/* Adds the owner's lines to `list`, oldest first; they live in `arena`. */
void lines_list(struct arena *arena, const struct lines *lines, unsigned owner,
                struct string_list *list);

#endif
