/*
 * One transfer: what requests (system/http) and downloads (system/download) share. How to set it
 * up, what its result means, and whether and when to try again.
 */
#ifndef SYSTEM_HTTP_TRANSFER_H
#define SYSTEM_HTTP_TRANSFER_H

#include "system/http_client.h"

#include <curl/curl.h>

enum {
    HTTP_RESPONSE_LIMIT = 64 * 1024, /* bytes of a body; a larger one is an error */
    HTTP_CONNECT_MS = 5 * 1000,
};

#define HTTP_NOT_ALLOWED                                                                           \
    "the address of a service must begin with https:// (http:// is for loopback only)"

/* Sets the options that apply to every transfer. */
void http_prepare(struct http *http, CURL *easy, const char *url, long timeout_ms);

/* Resets the client's easy handle for its next transfer. */
void http_begin(struct http *http, const char *url, long timeout_ms);

/* How long to wait before attempt number `attempt` (2 and up), in ms: exponential from 250 ms up
 * to 8 s, minus up to half for `jitter` (0 to 1); at least what the server asked for in Retry-After
 * (in s, 0 if it did not). */
long http_retry_delay(int attempt, double jitter, long retry_after);

/* Whether a response of this status is worth another attempt. */
bool http_retry_status(long status);

/* Whether a transfer with this result is. */
bool http_retry_result(const struct http *http, CURLcode result);

/* Reports `why`, and waits as long as http_retry_delay says before attempt number `attempt`.
 * Returns false if the attempt would not start before `deadline`. */
bool http_wait_to_retry(struct http *http, int attempt, long retry_after, long long deadline,
                        const char *why);

/* The reason for the result, as curl or the system puts it. */
const char *http_result_text(const struct http *http, CURLcode result);

/* Sets the error that says why no answer came. Returns -1. */
int http_explain(const struct http *http, CURLcode result, const char *url, struct error *error);

#endif
