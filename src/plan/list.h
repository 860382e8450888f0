/*
 * The grammar of list inputs: CSV as the peers read it (csv-parse with relaxed quotes).
 *
 * One record per line (LF or CRLF), with fields separated by commas. A field that begins with `"`
 * ends at its closing `"` and may contain commas, line breaks and `""` for a quote. Anywhere else,
 * `"` is an ordinary character; so are the two around a field that goes on after its closing quote.
 * Empty lines are skipped.
 */
#ifndef PLAN_LIST_H
#define PLAN_LIST_H

#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

#include <stdbool.h>

enum list_kind {
    LIST_SPLIT, /* every field is an item; a record with one field is split at its commas again */
    LIST_WHOLE, /* a record is an item, its fields joined again with commas */
    LIST_UNTRIMMED, /* like LIST_WHOLE, but the white space around an item is kept */
    LIST_AGENTS,    /* like LIST_WHOLE, but an item is split before each `NAME=…` or `default` */
    LIST_LINES,     /* each line is an item, with its quotes and commas */
};

/*
 * Adds the items of `text` to `list`, without empty ones, and trimmed unless the form is
 * LIST_UNTRIMMED. Returns 0, or -1 with an error that says on which line a quote was opened and
 * never closed; the caller adds the input's name. Items live in `arena`.
 */
int list_parse(struct arena *arena, enum list_kind kind, const char *text, struct string_list *list,
               struct error *error);

/* The fields of all records of `text`, trimmed. 0, or -1 if a quote is never closed. */
int list_fields(struct arena *arena, const char *text, struct string_list *fields);

/* The text as one CSV field, in quotes if its bytes need them, because the CLIs parse such values
 * again. */
char *list_quote(struct arena *arena, const char *field);

/* The text between its leading and trailing white space, which is that of JavaScript's trim(). */
char *text_trim(struct arena *arena, const char *text);

#endif
