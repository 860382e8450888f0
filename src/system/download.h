/*
 * Reads a large file from the network as it arrives, in constant memory.
 *
 *     struct download download = {.http = &http, .url = url, .seconds = 300, .limit = 1 << 28};
 *     while ((length = download_read(&download, bytes, sizeof(bytes), &error)) > 0)
 *         …
 *     download_end(&download);
 *
 * Follows a few redirects, but never from https to http, and sends no credentials. If a connection
 * is lost or stalls, it connects again and continues at the same position (RFC 9110, 14.2). If the
 * server sends the file from the start again, it skips the bytes it already has. It does not check
 * that both parts are from the same file: the caller compares a digest.
 */
#ifndef SYSTEM_DOWNLOAD_H
#define SYSTEM_DOWNLOAD_H

#include "system/error.h"
#include "system/http.h"

#include <sys/types.h>

enum {
    DOWNLOAD_REDIRECTS = 5,
    DOWNLOAD_STALL_SECONDS = 10, /* with fewer bytes a second than: */
    DOWNLOAD_STALL_RATE = 1024,
    DOWNLOAD_ROOM = 16 * 1024, /* the most that libcurl passes at once: CURL_MAX_WRITE_SIZE */
    DOWNLOAD_URL_SIZE = 8 * 1024,
};

struct download {
    /* Set by the caller, who keeps them until download_end. */
    struct http *http;
    const char *url;
    long seconds;    /* for all attempts together */
    long long limit; /* in bytes; a larger file is an error */

    /* For the caller to read. */
    long long received; /* bytes that download_read has returned */
    long long total;    /* 0 if it is not known, or not yet */

    /* Private. */
    long long deadline;
    bool active;
    bool paused;
    bool no_ranges;
    int failures; /* in a row, without a byte between them */
    int redirects;
    long long position;             /* in the file, of the attempt's next byte; -1: not known yet */
    char *bytes;                    /* where the next bytes go */
    size_t room;                    /* for this many */
    size_t held;                    /* this many are there */
    char target[DOWNLOAD_URL_SIZE]; /* where redirects lead */
};

/* The next bytes of the file, at least one and at most `room`, which is DOWNLOAD_ROOM or more; 0
 * after the last, or -1 with an error, which names the host but never the URL. */
ssize_t download_read(struct download *download, char *bytes, size_t room, struct error *error);

void download_end(struct download *download);

#endif
