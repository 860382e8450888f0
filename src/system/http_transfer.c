#include "system/http_transfer.h"

#include "system/clock.h"
#include "system/environment.h"
#include "system/text.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void http_prepare(struct http *http, CURL *easy, const char *url, long timeout_ms)
{
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A DNS server that never answers must not delay the end of the request. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    trust_apply(&http->trust, easy);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    /* Plain http is allowed for loopback because nobody is in between. */
    if (http_is_loopback(url))
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms < HTTP_CONNECT_MS ? timeout_ms : (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "depot-build-push");
}

void http_begin(struct http *http, const char *url, long timeout_ms)
{
    curl_easy_reset(http->easy);
    http_prepare(http, http->easy, url, timeout_ms);
    _Static_assert(sizeof(http->details) >= CURL_ERROR_SIZE, "curl writes as much");
    http->details[0] = '\0';
    curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->details);
}

/* The status of the proxy's answer to CONNECT; 0 if there was no proxy or no answer. */
static long proxy_status(const struct http *http)
{
    long status = 0;
    curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status;
}

bool http_retry_status(long status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

bool http_retry_result(const struct http *http, CURLcode result)
{
    if (proxy_status(http) >= 300)
        return http_retry_status(proxy_status(http));
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    /* Without a status line it is not an answer: it may be the late end of another one. */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return true;
    default:
        return false;
    }
}

long http_retry_delay(int attempt, double jitter, long retry_after)
{
    long backoff = 250;
    for (int i = 2; i < attempt && backoff < 8000; i++)
        backoff *= 2;
    long delay = backoff - (long)((double)backoff / 2 * jitter);
    if (retry_after > LONG_MAX / 1000)
        return LONG_MAX;
    return delay < retry_after * 1000 ? retry_after * 1000 : delay;
}

static void tell_retry(const struct http *http, int attempt, long delay, const char *why)
{
    char line[sizeof(((struct error *)0)->message) + 64];
    if (http->on_retry == NULL)
        return;
    snprintf(line, sizeof(line), "%s: attempt %d starts in %.1f s", why, attempt,
             (double)delay / 1000);
    http->on_retry(line);
}

bool http_wait_to_retry(struct http *http, int attempt, long retry_after, long long deadline,
                        const char *why)
{
    double jitter = (double)randombytes_uniform(1000) / 1000;
    long delay = http_retry_delay(attempt, jitter, retry_after);
    if (delay >= deadline - clock_now_ms())
        return false;
    tell_retry(http, attempt, delay, why);
    const long long resume = clock_now_ms() + delay;
    while (clock_now_ms() < resume && http_wait(http, (long)(resume - clock_now_ms())))
        ;
    return true;
}

/* Release builds omit the texts of curl_easy_strerror: they are too large for what they say. For a
 * failed connection curl then only says "Error", so the system's text is used. */
const char *http_result_text(const struct http *http, CURLcode result)
{
    long number = 0;
    curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &number);
    if (result == CURLE_COULDNT_CONNECT && number != 0)
        return strerror((int)number);
    return http->details[0] != '\0' ? http->details : curl_easy_strerror(result);
}

/* The variable that sets the proxy for https, as curl reads it. NULL if none is set. */
static const char *proxy_variable(const struct http *http)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (environment_get_nonempty(http->environment, names[i]) != NULL)
            return names[i];
    return NULL;
}

static int explain_proxy(const struct http *http, const char *host, struct error *error)
{
    const long status = proxy_status(http);
    const char *variable = proxy_variable(http);
    return error_set(error, "the proxy in %s refused the connection to %s (status %ld): %s",
                     variable != NULL ? variable : "this machine's settings", host, status,
                     status == 407 ? "it needs credentials: write http://USER:PASSWORD@PROXY:PORT"
                                   : "allow the host in the proxy, or add it to NO_PROXY");
}

static bool says_any(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strstr(text, *words) != NULL)
            return true;
    return false;
}

/* Matches the texts of OpenSSL and mbedTLS. */
static int explain_certificate(const struct http *http, const char *host, struct error *error)
{
    static const char *const untimely[] = {"expired", "not yet valid", "in the future", NULL};
    static const char *const of_others[] = {"subject name", "does not match", NULL};
    char clock[TEXT_MOMENT_SIZE];
    text_moment(clock, clock_unix_time());
    if (says_any(http->details, untimely))
        return error_set(error,
                         "the certificate of %s is not valid now, at %s by this machine's clock: "
                         "set the clock if it is wrong; otherwise the certificate must be renewed",
                         host, clock);
    if (says_any(http->details, of_others))
        return error_set(error,
                         "the certificate of %s is for another host: a proxy or a DNS server in "
                         "your network sends the connection elsewhere",
                         host);
    return error_set(error,
                     "the certificate of %s is not trusted by %s: if a proxy in your network "
                     "replaces certificates, set NODE_EXTRA_CA_CERTS to the path of the proxy's "
                     "certificate",
                     host, http->trust.name);
}

static int explain_silence(const struct http *http, CURLcode result, const char *host,
                           struct error *error)
{
    const char *text = http_result_text(http, result);
    const char *variable = proxy_variable(http);
    return variable != NULL
               ? error_set(error,
                           "no answer from %s: %s (%s is set, so the connection may go "
                           "through that proxy: add the host to NO_PROXY to bypass it)",
                           host, text, variable)
               : error_set(error, "no answer from %s: %s", host, text);
}

int http_explain(const struct http *http, CURLcode result, const char *url, struct error *error)
{
    char host[HTTP_HOST_SIZE];
    http_host(url, host);
    if (http_is_ended(http))
        return error_set(error, "cancelled while waiting for %s", host);
    if (result == CURLE_WRITE_ERROR)
        return error_set(error, "%s answered with more than the %d bytes allowed", host,
                         HTTP_RESPONSE_LIMIT);
    if (proxy_status(http) >= 300)
        return explain_proxy(http, host, error);
    if (result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE)
        return explain_certificate(http, host, error);
    return explain_silence(http, result, host, error);
}
