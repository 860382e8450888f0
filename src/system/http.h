/*
 * Sends requests to services. All network access is here and in system/download (large files).
 */
#ifndef SYSTEM_HTTP_H
#define SYSTEM_HTTP_H

#include "system/arena.h"
#include "system/error.h"
#include "system/http_client.h"

#include <stdbool.h>

enum {
    HTTP_ATTEMPTS = 5,
    HTTP_DEADLINE_MS = 30 * 1000, /* for all attempts of a request together */
    HTTP_ATTEMPT_MS = 10 * 1000,  /* for one attempt: a request that hangs is sent again */
};

/* Starts to connect to the host of this URL while other requests are sent: sends a HEAD request and
 * ignores the answer. If it fails, the later request to the same URL reports the error. */
void http_connect(struct http *http, const char *url);

struct http_request {
    const char *method; /* GET or POST */
    const char *url;
    const char *socket;    /* path of a Unix socket, with the host `localhost`; NULL for none */
    const char *bearer;    /* sent as `Authorization: bearer …`, one line; NULL for none */
    const char *json_body; /* NULL for none */
    bool wants_text;       /* the response is plain text; otherwise JSON */
    int attempts;          /* at most; 0 for HTTP_ATTEMPTS */
    long deadline_ms;      /* for all of them together; 0 for HTTP_DEADLINE_MS */
};

struct http_response {
    long status; /* of the last attempt */
    char *body;  /* in the vault, with a NUL after it */
    size_t length;
};

/*
 * Sends the request and reads the response. Retries failures that may be temporary: a failed
 * connection, a timeout, and the statuses 408, 425, 429 and 5xx.
 *
 * Returns 0 with the last response, whatever its status, or -1 with an error if no response came,
 * or a web page came instead. The message names the host, but never the URL's query, a header or a
 * body.
 */
int http_send(struct http *http, struct arena *vault, const struct http_request *request,
              struct http_response *response, struct error *error);

#endif
