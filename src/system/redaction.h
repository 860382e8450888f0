/*
 * Keeps the secrets that this process knows, and removes them from texts.
 *
 * A runner's masks hide a secret only if a whole line of it appears unchanged. A text that is cut,
 * or whose tabs, quotes or escape sequences are rewritten, may show a part of one. So text from
 * outside is redacted before it is cut or rewritten, and again when it is written.
 *
 * There is one list for the process, in secret memory. All functions may be called from any thread.
 */
#ifndef SYSTEM_REDACTION_H
#define SYSTEM_REDACTION_H

#include "system/string_list.h"

#include <stdbool.h>

/*
 * Adds to `lines` what must be masked to hide `value`: each of its lines, with and without the
 * blanks around it. Leaves out lines that are not secret and would ruin a log: those with fewer
 * than four characters, with only punctuation, or that are one of `true` `false` `null` `none`
 * `yes` `no` with or without punctuation around it. The lines live in `vault`.
 */
void secret_lines(struct arena *vault, const char *value, struct string_list *lines);

/* From now on the lines of `value` (secret_lines) are redacted: unchanged, as a terminal shows
 * them, and as JSON, Go, CSV or a shell quotes them. secret_start() must have run. */
void redaction_add(const char *value);

/* Forgets all secrets, and wipes them. */
void redaction_forget(void);

/* The text with `***` for each secret in it. Copied to `arena`. */
char *redact(struct arena *arena, const char *text);

/* The same for a text that was cut. Also removes the beginning of a secret at its end, and its last
 * word, which may be a part of a secret that only the runner knows. `...` marks the cut. */
char *redact_unfinished(struct arena *arena, const char *text);

/* redact(), then cut to at most `most` bytes (at least 3), with an end like redact_unfinished(). */
char *redact_cut(struct arena *arena, const char *text, size_t most);

/* How many bytes at the end of these are the beginning of a secret. */
size_t redaction_begun(const char *bytes, size_t length);

/* Whether a part of a secret is too long to show: it has as many characters as the shortest one. */
bool redaction_is_part(const char *bytes, size_t length);

/*
 * A stream of bytes, in portions of any size, for a reader that keeps parts of it. Bytes that may
 * be the beginning of a secret are held back until the next portion shows what they are.
 */
struct redacted_stream {
    void (*take)(void *context, const char *bytes, size_t length);
    void *context;

    /* Private. */
    const char *held; /* of this secret, `length` bytes are held back */
    size_t length;
    size_t hidden;     /* this many of them are the end of another secret */
    bool after_secret; /* `***` was passed on last */
};

/* Passes the bytes on without secrets. Never holds back a line feed or anything before it. */
void redact_stream(struct redacted_stream *stream, const char *bytes, size_t length);

/* Ends the stream: passes on the bytes that were held back, or `***` if they have as many
 * characters as a secret. */
void redact_stream_end(struct redacted_stream *stream);

#endif
