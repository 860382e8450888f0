/*
 * A client of the network: what is kept between requests (system/http) and downloads
 * (system/download), above all the connections to their hosts; and which URLs may be used.
 *
 * Certificates and host names are always checked, redirects are never followed, and plain http is
 * for loopback only. Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY as curl reads them;
 * no request to loopback goes through one.
 */
#ifndef SYSTEM_HTTP_CLIENT_H
#define SYSTEM_HTTP_CLIENT_H

#include "system/arena.h"
#include "system/error.h"
#include "system/trust.h"

#include <stdatomic.h>
#include <stdbool.h>

/* It opens by itself and is closed by its owner. One thread at a time uses it; each thread may have
 * its own. */
struct http {
    char *const *environment;       /* says what is trusted, and names proxies in messages */
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

/* A client that is closed at the end of its block: `scoped_http http = {.environment = …};` */
#define scoped_http __attribute__((cleanup(http_close))) struct http

/* Closes connections and frees what is kept between calls. May be called twice. */
void http_close(struct http *http);

/* Makes the client's handles where it has none yet. 0 or -1. */
int http_open(struct http *http, struct error *error);

/* Waits, at most `timeout` ms, for the transfer or a signal; false where a signal has come, or
 * another thread has abandoned the client. */
bool http_wait(struct http *http, long timeout);

/* Whether it is one of these two that has come. */
bool http_is_ended(const struct http *http);

/* Drops the request that went ahead; a connection that is open stays with the client. */
void http_end_early(struct http *http);

/* The text as a part of a URL's path or query (RFC 3986, 2.1). Lives in `arena`. */
char *http_escape(struct arena *arena, const char *text);

/* Whether `url` may be used at all: https, or http to a loopback host. */
bool http_allowed(const char *url);

/* Whether it names this machine: `localhost`, 127.0.0.0/8 or [::1]. */
bool http_is_loopback(const char *url);

/* Whether an answer from `from` may send us on to `to`: where `http_allowed`, and not from https to
 * anything less. */
bool http_may_lead_to(const char *from, const char *to);

enum { HTTP_HOST_SIZE = 256 };

/* The host of a URL, which is all of it that goes into messages: a query or a path may hold what
 * is not for the log. */
void http_host(const char *url, char host[HTTP_HOST_SIZE]);

#endif
