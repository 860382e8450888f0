/*
 * Bytes that arrive in blocks.
 */
#ifndef SYSTEM_BYTE_SOURCE_H
#define SYSTEM_BYTE_SOURCE_H

#include "system/error.h"

#include <sys/types.h>

struct byte_source {
    /* Returns the number of next bytes, which are valid until the next call; 0 after the last, or
     * -1 with an error. After 0 or -1 it is not called again. */
    ssize_t (*read)(void *context, const char **bytes, struct error *error);
    void *context;
};

#endif
