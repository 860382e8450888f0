/*
 * The secrets that this process knows, and texts without them.
 *
 * A runner's masks hide a secret only where it stands whole, line by line. A text that is cut, or
 * whose tabs, quotes or escape sequences are rewritten, may show a part of one. So a text of others
 * is redacted before it is cut or rewritten, and once more where it is written.
 *
 * One list for the process, in secret memory. All functions may be called from any thread.
 */
#ifndef SYSTEM_REDACTION_H
#define SYSTEM_REDACTION_H

#include "system/string_list.h"

#include <stdbool.h>

/*
 * Adds to `lines` what must be masked so that `value` is hidden: each of its lines, and each
 * without the blanks around it. Left out is what is no secret and would ruin a log: what has fewer
 * than four characters, is punctuation alone, or is one of `true` `false` `null` `none` `yes` `no`
 * with or without punctuation around it. They live in `vault`.
 */
void secret_lines(struct arena *vault, const char *value, struct string_list *lines);

/* From now on the lines of `value` (secret_lines) are redacted, as they are, as a terminal shows
 * them, and as JSON, Go or CSV quotes them. secret_start() must have run. */
void redaction_add(const char *value);

/* Forgets all secrets, and wipes them. */
void redaction_forget(void);

/* The text with `***` for each secret in it. Copied to `arena`. */
char *redact(struct arena *arena, const char *text);

/* The same for a text that was cut: what begins a secret at its end goes too, and so does its last
 * word, which may be a part of a secret that only the runner knows. `...` tells of the cut. */
char *redact_unfinished(struct arena *arena, const char *text);

/* redact(), and cut to at most `most` bytes, at least 3, as redact_unfinished() ends a text. */
char *redact_cut(struct arena *arena, const char *text, size_t most);

/* How many bytes at the end of these begin a secret, which then goes on after them. */
size_t redaction_begun(const char *bytes, size_t length);

/* Whether so much of a secret must not be shown: as many characters as the shortest one has. */
bool redaction_is_part(const char *bytes, size_t length);

/*
 * A stream of bytes, in any portions, on its way to a reader that keeps parts of it. What may be
 * the beginning of a secret is held back until the next portion shows what it is.
 */
struct redacted_stream {
    void (*take)(void *context, const char *bytes, size_t length);
    void *context;

    /* Private. */
    const char *held; /* of this secret, `length` bytes are held back */
    size_t length;
    size_t hidden;     /* so many of them end another secret */
    bool after_secret; /* `***` was handed on last */
};

/* Hands the bytes on without secrets. A line feed is never held back, nor what is before it. */
void redact_stream(struct redacted_stream *stream, const char *bytes, size_t length);

/* The stream has ended: what was held back is handed on, but `***` for it if it has as many
 * characters as a secret. */
void redact_stream_end(struct redacted_stream *stream);

#endif
