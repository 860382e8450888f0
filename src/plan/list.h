/*
 * The list grammar of inputs: CSV as the peers read it (csv-parse with relaxed quotes).
 *
 * One record a line (LF or CRLF), fields separated by commas. A field that begins with `"` runs to
 * its closing `"` and may hold commas, line breaks and `""` for a quote. A `"` elsewhere is itself;
 * so is the pair around a field that goes on behind its closing quote. Empty lines are skipped.
 */
#ifndef PLAN_LIST_H
#define PLAN_LIST_H

#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

#include <stdbool.h>

enum list_kind {
    LIST_SPLIT,     /* every field is an item; a record of one field is split at commas once more */
    LIST_WHOLE,     /* a record is an item, its fields joined again with commas */
    LIST_UNTRIMMED, /* as LIST_WHOLE, but white space around items is theirs */
    LIST_AGENTS,    /* as LIST_WHOLE, and an item is split before each `NAME=…` or `default` */
    LIST_LINES,     /* a line is an item, quotes and commas left as they are */
};

/*
 * Adds the items of `text` to `list`, without empty ones, and, but for LIST_UNTRIMMED, trimmed.
 * Returns 0, or -1 with an error that says on which line a quote was opened and never closed; the
 * caller adds of which input. Items live in `arena`.
 */
int list_parse(struct arena *arena, enum list_kind kind, const char *text, struct string_list *list,
               struct error *error);

/* The fields of all records of `text`, trimmed. 0, or -1 if a quote never closes. */
int list_fields(struct arena *arena, const char *text, struct string_list *fields);

/* The text as one CSV field, in quotes where its bytes need them: the CLIs read such values again.
 */
char *list_quote(struct arena *arena, const char *field);

/* The text between its leading and trailing white space, which is that of JavaScript's trim(). */
char *text_trim(struct arena *arena, const char *text);

#endif
