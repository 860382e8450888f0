/*
 * The program's one door to the network: requests to services. (system/download: large files.)
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
    HTTP_ATTEMPT_MS = 10 * 1000,  /* for one: what hangs is asked again */
};

/* Begins to connect to where a later request to this very URL goes, while others are sent: with a
 * HEAD of it, whose answer means nothing. What fails here is told by that request. */
void http_connect(struct http *http, const char *url);

struct http_request {
    const char *method; /* GET or POST */
    const char *url;
    const char *socket;    /* of the host, which is then `localhost`: a path; NULL for none */
    const char *bearer;    /* sent as `Authorization: bearer …`, one line; NULL for none */
    const char *json_body; /* NULL for none */
    bool wants_text;       /* the response is plain text, and JSON otherwise */
    int attempts;          /* at most; 0 for HTTP_ATTEMPTS */
    long deadline_ms;      /* for all of them together; 0 for HTTP_DEADLINE_MS */
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
 * came, or a web page in its place. The message names the host and never the URL's query, a header
 * or a body.
 */
int http_send(struct http *http, struct arena *vault, const struct http_request *request,
              struct http_response *response, struct error *error);

#endif
