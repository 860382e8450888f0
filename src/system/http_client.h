/*
 * An HTTP client: the state kept between requests (system/http) and downloads (system/download),
 * mainly their connections; and the rules for which URLs may be used.
 *
 * Certificates and host names are always checked, redirects are never followed, and plain http is
 * allowed for loopback only. Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY as curl reads
 * them; requests to loopback never go through a proxy.
 */
#ifndef SYSTEM_HTTP_CLIENT_H
#define SYSTEM_HTTP_CLIENT_H

#include "system/arena.h"
#include "system/error.h"
#include "system/trust.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Opened at first use and closed by its owner. Only one thread at a time may use a client; each
 * thread may have its own. */
struct http {
    char *const *environment;       /* says what is trusted, and names proxies in messages */
    const atomic_bool *abandoned;   /* set by another thread to end all waits; NULL for none */
    void (*on_wait)(void *context); /* called once a second or more often; NULL for none */
    void *context;
    void (*on_retry)(
        const char *line); /* called before each retry, with the reason; NULL for none */
    void *multi;           /* from here on: private */
    void *easy;
    void *early; /* NULL for none */
    const char *early_url;
    char details[256]; /* curl's text for the last failure */
    struct arena kept;
    struct trust trust;
};

/* A client that is closed at the end of its block: `scoped_http http = {.environment = …};` */
#define scoped_http __attribute__((cleanup(http_close))) struct http

/* Closes connections and frees what is kept between calls. May be called twice. */
void http_close(struct http *http);

/* Creates the client's handles if it has none yet. 0 or -1. */
int http_open(struct http *http, struct error *error);

/* Waits at most `timeout` ms for the transfer or a signal. Returns false if a signal has arrived or
 * another thread has abandoned the client. */
bool http_wait(struct http *http, long timeout);

/* Whether one of these two has happened. */
bool http_is_ended(const struct http *http);

/* Drops the request of http_connect. The client keeps its connection if it is open. */
void http_end_early(struct http *http);

/* The text as a part of a URL's path or query (RFC 3986, 2.1). Lives in `arena`. */
char *http_escape(struct arena *arena, const char *text);

/* Whether `url` may be used at all: https, or http to a loopback host. */
bool http_allowed(const char *url);

/* Whether it names this machine: `localhost`, 127.0.0.0/8 or [::1]. */
bool http_is_loopback(const char *url);

/* Whether an answer from `from` may send us to `to`: `to` must be allowed (http_allowed), and https
 * if `from` is. */
bool http_may_lead_to(const char *from, const char *to);

enum { HTTP_HOST_SIZE = 256 };

/* The host of a URL. Only this part goes into messages: a query or a path may contain something
 * that must not be in the log. */
void http_host(const char *url, char host[HTTP_HOST_SIZE]);

#endif
