/*
 * What requests (system/http) and downloads (system/download) have in common, beneath both.
 */
#ifndef SYSTEM_HTTP_CLIENT_H
#define SYSTEM_HTTP_CLIENT_H

#include "system/http.h"

#include <curl/curl.h>

enum { HTTP_HOST_SIZE = 256 };

#define HTTP_NOT_ALLOWED                                                                           \
    "the address of a service must begin with https:// (http:// is for loopback only)"

/* Makes the client's handles where it has none yet. 0 or -1. */
int http_open(struct http *http, struct error *error);

/* Sets the easy handle anew, with what holds for every transfer. */
void http_prepare(struct http *http, const char *url, long timeout_ms);

/* Waits, at most `timeout` ms, for the transfer or a signal; false where a signal has come, or
 * another thread has abandoned the client. */
bool http_wait(struct http *http, long timeout);

/* Tells `why`, and waits as long as http_retry_delay says before attempt number `attempt`; false
 * where that is not before `deadline`. */
bool http_wait_to_retry(struct http *http, int attempt, long retry_after, long long deadline,
                        const char *why);

/* Whether the transfer, which ended so, is worth another attempt. */
bool http_retry_result(const struct http *http, CURLcode result);

/* Why a transfer ended so, in the words of curl or of the system. */
const char *http_result_text(const struct http *http, CURLcode result);

/* Sets the error that tells why no answer came. Returns -1. */
int http_explain(const struct http *http, CURLcode result, const char *url, struct error *error);

/* The host of a URL, which is all of it that goes into messages: a query or a path may hold what
 * is not for the log. */
void http_host(const char *url, char host[HTTP_HOST_SIZE]);

#endif
