/*
 * The program's one door to the network.
 *
 * Certificates and host names are always checked, redirects are never followed, and plain http is
 * for loopback only. Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY as curl reads them.
 * A connection is kept for the next request to its host.
 */
#ifndef SYSTEM_HTTP_H
#define SYSTEM_HTTP_H

#include "system/arena.h"
#include "system/error.h"

#include <stdbool.h>

enum {
    HTTP_RESPONSE_LIMIT = 64 * 1024, /* bytes of a body; a larger one is an error */
    HTTP_ATTEMPTS = 5,
    HTTP_DEADLINE_MS = 30 * 1000, /* for all attempts of a request together */
    HTTP_CONNECT_MS = 5 * 1000,
};

struct http_request {
    const char *method; /* GET or POST */
    const char *url;
    const char *bearer;    /* sent as `Authorization: bearer …`; NULL for none */
    const char *json_body; /* NULL for none */
};

struct http_response {
    long status; /* of the last attempt */
    char *body;  /* in the vault, with a NUL behind it */
    size_t length;
};

/*
 * Sends the request and reads the response, retrying what may pass: a failed connection, a
 * timeout, and the statuses 408, 425, 429 and 5xx.
 *
 * Returns 0 with the last response, whatever its status, or -1 with an error where no response
 * came. The message names the host and never the URL's query, a header or a body.
 */
int http_send(struct arena *vault, const struct http_request *request,
              struct http_response *response, struct error *error);

/* Closes connections and frees what http_send keeps between calls. */
void http_close(void);

/* Whether `url` may be used at all: https, or http to a loopback host. */
bool http_allowed(const char *url);

/* How long to wait before attempt number `attempt` (2 and up), in ms: exponential from 250 ms up
 * to 8 s, of which `jitter` (0 up to 1) takes away up to half; at least what the server asked for
 * in Retry-After (in s, 0 where it did not). */
long http_retry_delay(int attempt, double jitter, long retry_after);

/* Whether a response of this status is worth another attempt. */
bool http_retry_status(long status);

#endif
