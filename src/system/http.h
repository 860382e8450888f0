/*
 * The program's one door to the network: requests to services. (system/download: large files.)
 *
 * Certificates and host names are always checked, redirects are never followed, and plain http is
 * for loopback only. Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY as curl reads them.
 */
#ifndef SYSTEM_HTTP_H
#define SYSTEM_HTTP_H

#include "system/arena.h"
#include "system/error.h"
#include "system/trust.h"

#include <stdatomic.h>
#include <stdbool.h>

enum {
    HTTP_RESPONSE_LIMIT = 64 * 1024, /* bytes of a body; a larger one is an error */
    HTTP_ATTEMPTS = 5,
    HTTP_DEADLINE_MS = 30 * 1000, /* for all attempts of a request together */
    HTTP_CONNECT_MS = 5 * 1000,
};

/*
 * A client: what is kept between requests, above all the connections to their hosts. It opens by
 * itself and is closed by its owner. One thread at a time uses it; each thread may have its own.
 */
struct http {
    const atomic_bool *abandoned;   /* set by another thread: all that waits ends; NULL for none */
    void (*on_wait)(void *context); /* called once a second or more often; NULL for none */
    void *context;
    void (*on_retry)(const char *line); /* told why, before each wait to retry; NULL for none */
    void *multi;                        /* these are private */
    void *easy;
    void *early; /* NULL for none */
    const char *early_url;
    char details[256]; /* of the last failure, in curl's words */
    struct arena kept;
    struct trust trust;
};

#define HTTP_INIT                                                                                  \
    {                                                                                              \
        .abandoned = NULL, .kept = ARENA_INIT                                                      \
    }

/* Closes connections and frees what is kept between calls. May be called twice. */
void http_close(struct http *http);

/* Begins to connect to where a later request to this very URL goes, while others are sent: with a
 * HEAD of it, whose answer means nothing. What fails here is told by that request. */
void http_connect(struct http *http, const char *url);

struct http_request {
    const char *method; /* GET or POST */
    const char *url;
    const char *socket;    /* the path of the local socket of the URL's host; NULL for none */
    const char *bearer;    /* sent as `Authorization: bearer …`; NULL for none */
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

/* The text as a part of a URL's path or query (RFC 3986, 2.1). Lives in `arena`. */
char *http_escape(struct arena *arena, const char *text);

/* Whether `url` may be used at all: https, or http to a loopback host. */
bool http_allowed(const char *url);

/* Whether an answer from `from` may send us on to `to`: where `http_allowed`, and not from https to
 * anything less. */
bool http_may_lead_to(const char *from, const char *to);

/* How long to wait before attempt number `attempt` (2 and up), in ms: exponential from 250 ms up
 * to 8 s, of which `jitter` (0 up to 1) takes away up to half; at least what the server asked for
 * in Retry-After (in s, 0 where it did not). */
long http_retry_delay(int attempt, double jitter, long retry_after);

/* Whether a response of this status is worth another attempt. */
bool http_retry_status(long status);

#endif
