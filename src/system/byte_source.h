/*
 * Bytes that come one block after the other.
 */
#ifndef SYSTEM_BYTE_SOURCE_H
#define SYSTEM_BYTE_SOURCE_H

#include "system/error.h"

#include <sys/types.h>

struct byte_source {
    /* The next bytes, valid until the next call; 0 after the last, or -1 with an error. Not called
     * again after either. */
    ssize_t (*read)(void *context, const char **bytes, struct error *error);
    void *context;
};

#endif
