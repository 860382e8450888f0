/*
 * CSV records of attributes, `type=image,push=true`, in the form that the CLIs accept: parsed once,
 * then queried.
 */
#ifndef PLAN_RECORD_H
#define PLAN_RECORD_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stdbool.h>

struct record {
    const char *text;          /* as it was given */
    struct string_list fields; /* the fields of all its lines, trimmed and without quotes */
};

struct records {
    struct record *items;
    size_t count;
};

/* 0, or -1 and a record without fields if a quote is never closed. Lives in `arena`. */
int record_parse(struct arena *arena, const char *text, struct record *record);

/* One record for each text; a record whose quote is never closed has no fields. */
struct records records_parse(struct arena *arena, const struct string_list *texts);

/* The value of the first field `name=…`, NULL if there is none. */
const char *record_get(const struct record *record, const char *name);

/* Whether that value exists and equals this one. */
bool record_is(const struct record *record, const char *name, const char *value);

/* The fields as one text, with quotes around those that need them. */
char *record_format(struct arena *arena, const struct record *record);

#endif
