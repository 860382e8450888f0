/*
 * Markdown for the job summary (CommonMark 0.31; GitHub Flavored Markdown).
 *
 * The runner masks secrets in a summary line by line, in the text as it is written, and would not
 * find them in text that was escaped or cut. So text that is not ours appears only in code spans
 * and fenced blocks, byte for byte. Text that cannot be shown like this is left out entirely.
 * Results live in the arena.
 */
#ifndef GITHUB_MARKDOWN_H
#define GITHUB_MARKDOWN_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stddef.h>

enum { MARKDOWN_SPAN_LIMIT = 1024 }; /* bytes, with the backticks; longer text is left out */

/* The text as a code span. NULL if it is NULL, empty, too long, or contains characters that control
 * the display: C0, C1, line separators, and those that change the direction of text. */
const char *markdown_span(struct arena *arena, const char *text);

/* The lines as a fenced block, followed by a line break. From the first line that would exceed
 * `limit` bytes on, lines are left out, and a sentence after the block says how many. Empty if
 * there are no lines. */
const char *markdown_block(struct arena *arena, const struct string_list *lines, size_t limit);

/*
 * A sentence of ours, which may quote other text between single backticks. It stays unchanged if
 * nothing outside the backticks can be read as Markdown or becomes a link; otherwise it is a code
 * span. NULL in the same cases as markdown_span.
 */
const char *markdown_sentence(struct arena *arena, const char *text);

#endif
