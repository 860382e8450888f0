/*
 * Markdown for the job summary (CommonMark 0.31; GitHub Flavored Markdown).
 *
 * The runner masks secrets in a summary as it is written, line by line: in text that was escaped or
 * cut it would not find them. So text that is not ours stands in code spans and fenced blocks only,
 * byte for byte as it came, and what cannot be shown in this way is left out as a whole. Results
 * live in the arena.
 */
#ifndef GITHUB_MARKDOWN_H
#define GITHUB_MARKDOWN_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stddef.h>

enum { MARKDOWN_SPAN_LIMIT = 1024 }; /* bytes, with the backticks; what is longer is left out */

/* The text as a code span. NULL if it is NULL, empty, too long, or holds characters that control
 * the display: C0, C1, line separators, and what changes the direction of text. */
const char *markdown_span(struct arena *arena, const char *text);

/* The lines as a fenced block, with the line break after it. Lines from the first one that would
 * take it over `limit` bytes are left out, which a sentence after the block tells. Empty if
 * there are no lines. */
const char *markdown_block(struct arena *arena, const struct string_list *lines, size_t limit);

/*
 * A sentence of ours, which may quote other text between single backticks: as it is if nothing
 * outside of them can be read as Markdown or becomes a link, else as a code span. NULL as
 * markdown_span.
 */
const char *markdown_sentence(struct arena *arena, const char *text);

#endif
