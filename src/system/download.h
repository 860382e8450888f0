/*
 * A large file from the network, read as it comes, in constant memory.
 *
 *     struct download download = {.http = &http, .url = url, .seconds = 300, .limit = 1 << 28};
 *     while ((length = download_read(&download, bytes, sizeof(bytes), &error)) > 0)
 *         …
 *     download_end(&download);
 *
 * Redirects are followed, a few of them, and never from https to less; no credentials are sent
 * anywhere. A connection that is lost or stalls is made anew, and goes on where it was (RFC 9110,
 * 14.2); where the server sends the file from its start again, what is known already is passed
 * over. That both halves are of one file is not checked here: the caller compares a digest.
 */
#ifndef SYSTEM_DOWNLOAD_H
#define SYSTEM_DOWNLOAD_H

#include "system/error.h"
#include "system/http.h"

#include <sys/types.h>

enum {
    DOWNLOAD_REDIRECTS = 5,
    DOWNLOAD_STALL_SECONDS = 10, /* with fewer bytes a second than this: */
    DOWNLOAD_STALL_RATE = 1024,
    DOWNLOAD_ROOM = 16 * 1024, /* for what libcurl gives at once: CURL_MAX_WRITE_SIZE */
    DOWNLOAD_URL_SIZE = 8 * 1024,
};

struct download {
    /* Set by the caller, who keeps them until download_end. */
    struct http *http;
    const char *url;
    long seconds;    /* for all attempts together */
    long long limit; /* in bytes; a larger file is an error */

    /* For the caller to read. */
    long long received; /* bytes that download_read has given */
    long long total;    /* 0 while, or where, it is not known */

    /* Private. */
    long long deadline;
    bool active;
    bool paused;
    bool no_ranges;
    int failures; /* in a row, without a byte between them */
    int redirects;
    long long position; /* of the file, where the attempt's next byte belongs; -1: not known yet */
    char *bytes;        /* where the next ones go */
    size_t room;        /* for so many */
    size_t held;        /* of them */
    char target[DOWNLOAD_URL_SIZE]; /* where redirects lead to */
};

/* The next bytes of the file, at least one and at most `room`, which is DOWNLOAD_ROOM or more; 0
 * after the last, or -1 with an error. It names the host and never the URL. */
ssize_t download_read(struct download *download, char *bytes, size_t room, struct error *error);

void download_end(struct download *download);

#endif
