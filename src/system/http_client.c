#include "system/http_client.h"

#include "system/file.h"
#include "system/process.h"
#include "system/secret.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static CURLcode global_outcome;

static void global_start_once(void)
{
    global_outcome =
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, secret_heap_allocate, secret_heap_free,
                             secret_heap_resize, secret_heap_copy, secret_heap_allocate_zeroed);
}

/* Must run before any other call of libcurl, because libcurl uses our allocator from here on and
 * could not free older memory. Never undone: another thread may be using libcurl. */
static CURLcode global_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_start_once);
    return global_outcome;
}

void http_end_early(struct http *http)
{
    if (http->early == NULL)
        return;
    curl_multi_remove_handle(http->multi, http->early);
    curl_easy_cleanup(http->early);
    http->early = NULL;
}

int http_open(struct http *http, struct error *error)
{
    if (http->easy != NULL)
        return 0;
    if (global_start() != CURLE_OK)
        return error_set(error, "cannot start libcurl");
    trust_choose(&http->kept, http->environment, file_exists, &http->trust);
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    if (http->multi != NULL && http->easy != NULL)
        return 0;
    http_close(http);
    return error_set(error, "cannot start libcurl: out of memory");
}

void http_close(struct http *http)
{
    http_end_early(http);
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    http->easy = NULL;
    http->multi = NULL;
    arena_free(&http->kept);
}

/* How soon we see a flag that another thread sets. */
enum { ABANDONED_CHECK_MS = 50, ON_WAIT_MS = 200 };

bool http_is_ended(const struct http *http)
{
    return signals_received() != 0 || (http->abandoned != NULL && atomic_load(http->abandoned));
}

bool http_wait(struct http *http, long timeout)
{
    struct curl_waitfd signals = {.fd = signals_descriptor(), .events = CURL_WAIT_POLLIN};
    if (http->on_wait != NULL && timeout > ON_WAIT_MS)
        timeout = ON_WAIT_MS;
    if (http->abandoned != NULL && timeout > ABANDONED_CHECK_MS)
        timeout = ABANDONED_CHECK_MS;
    if (http->on_wait != NULL)
        http->on_wait(http->context);
    if (!http_is_ended(http))
        curl_multi_poll(http->multi, &signals, signals.fd >= 0 ? 1 : 0, (int)timeout, NULL);
    return !http_is_ended(http);
}

static bool names_loopback(const char *host)
{
    unsigned char v4[4];
    /* An IPv6 address stands in brackets in a URL. */
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, v4) == 1 && v4[0] == 127);
}

/* A part of a URL; NULL if there is none. Freed with curl_free. */
static char *part_of(const char *url, CURLUPart part)
{
    global_start();
    char *text = NULL;
    CURLU *parsed = curl_url();
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(parsed, part, &text, 0);
    curl_url_cleanup(parsed);
    return text;
}

char *http_escape(struct arena *arena, const char *text)
{
    global_start();
    char *escaped = curl_easy_escape(NULL, text, 0);
    char *copy = arena_copy(arena, escaped != NULL ? escaped : "");
    curl_free(escaped);
    return copy;
}

bool http_is_loopback(const char *url)
{
    char *host = part_of(url, CURLUPART_HOST);
    const bool loopback = host != NULL && names_loopback(host);
    curl_free(host);
    return loopback;
}

bool http_allowed(const char *url)
{
    char *scheme = part_of(url, CURLUPART_SCHEME);
    const bool allowed =
        scheme != NULL && (strcasecmp(scheme, "https") == 0 ||
                           (strcasecmp(scheme, "http") == 0 && http_is_loopback(url)));
    curl_free(scheme);
    return allowed;
}

bool http_may_lead_to(const char *from, const char *to)
{
    return http_allowed(to) &&
           (strncasecmp(from, "https:", 6) != 0 || strncasecmp(to, "https:", 6) == 0);
}

void http_host(const char *url, char host[HTTP_HOST_SIZE])
{
    char *name = part_of(url, CURLUPART_HOST);
    snprintf(host, HTTP_HOST_SIZE, "%s", name != NULL ? name : "the server");
    curl_free(name);
}
