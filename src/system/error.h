/*
 * Errors as values. A function that can fail takes `struct error *` last and returns a negative
 * number after error_set. The message is what the user reads in one annotation: what happened,
 * why, and what to do. It never holds a secret.
 */
#ifndef SYSTEM_ERROR_H
#define SYSTEM_ERROR_H

struct error {
    char message[2048]; /* a longer message is redacted (system/redaction.h), and cut */
};

#define ERROR_INIT                                                                                 \
    {                                                                                              \
        .message = ""                                                                              \
    }

/*
 * Sets the message and returns -1, so that a caller can `return error_set(…)`. The arguments may
 * include the error's own message, to add context to it. `error` may be NULL if the caller does not
 * need the reason, except in a function that adds context to the error of another.
 */
int error_set(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
