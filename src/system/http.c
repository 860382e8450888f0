#include "system/http.h"

#include "system/clock.h"
#include "system/environment.h"
#include "system/file.h"
#include "system/http_client.h"
#include "system/process.h"
#include "system/secret.h"
#include "system/text.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

extern char **environ;

static CURLcode global_outcome;

static void global_start_once(void)
{
    global_outcome =
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, secret_heap_allocate, secret_heap_free,
                             secret_heap_resize, secret_heap_copy, secret_heap_allocate_zeroed);
}

/* Comes before any call of libcurl, as from here on its memory is ours, and what it has allocated
 * before could not be freed. Stays until the process ends: another thread may be using it. */
static CURLcode global_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, global_start_once);
    return global_outcome;
}

/* A connection that is open stays with the client. */
static void end_early(struct http *http)
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
    trust_choose(&http->kept, environ, file_exists, &http->trust);
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    if (http->multi != NULL && http->easy != NULL)
        return 0;
    http_close(http);
    return error_set(error, "cannot start libcurl: out of memory");
}

void http_close(struct http *http)
{
    end_early(http);
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    http->easy = NULL;
    http->multi = NULL;
    arena_free(&http->kept);
}

static bool is_loopback(const char *host)
{
    unsigned char v4[4];
    /* An IPv6 address stands in brackets in a URL. */
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, v4) == 1 && v4[0] == 127);
}

char *http_escape(struct arena *arena, const char *text)
{
    global_start();
    char *escaped = curl_easy_escape(NULL, text, 0);
    char *copy = arena_copy(arena, escaped != NULL ? escaped : "");
    curl_free(escaped);
    return copy;
}

bool http_allowed(const char *url)
{
    global_start();
    CURLU *parsed = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    bool allowed = false;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        allowed = strcasecmp(scheme, "https") == 0 ||
                  (strcasecmp(scheme, "http") == 0 && is_loopback(host));
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parsed);
    return allowed;
}

bool http_may_lead_to(const char *from, const char *to)
{
    return http_allowed(to) &&
           (strncasecmp(from, "https:", 6) != 0 || strncasecmp(to, "https:", 6) == 0);
}

bool http_retry_status(long status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
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

/* How soon a flag is seen that another thread sets. */
enum { ABANDONED_CHECK_MS = 50, ON_WAIT_MS = 200 };

static bool is_ended(const struct http *http)
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
    if (!is_ended(http))
        curl_multi_poll(http->multi, &signals, signals.fd >= 0 ? 1 : 0, (int)timeout, NULL);
    return !is_ended(http);
}

static void tell_retry(const struct http *http, int attempt, long delay, const char *why)
{
    char line[sizeof(((struct error *)0)->message) + 64];
    if (http->on_retry == NULL)
        return;
    snprintf(line, sizeof(line), "%s: attempt %d follows in %.1f s", why, attempt,
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

struct body {
    char *bytes; /* HTTP_RESPONSE_LIMIT + 1 of the vault, made when the first byte comes */
    size_t length;
    struct arena *vault;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct body *body = context;
    size_t length = size * count;
    if (length > HTTP_RESPONSE_LIMIT - body->length)
        return 0;
    if (body->bytes == NULL)
        body->bytes = arena_allocate(body->vault, HTTP_RESPONSE_LIMIT + 1);
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
    return length;
}

/* Hears of transfers that have ended: whether that of `easy` has, and how. */
static bool has_ended(struct http *http, const CURL *easy, CURLcode *result)
{
    bool ended = false;
    int left;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->easy_handle == easy) {
            *result = message->data.result;
            ended = true;
        }
        if (message->easy_handle == http->early)
            end_early(http);
    }
    return ended;
}

static CURLcode await(struct http *http, const CURL *easy)
{
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    int running;
    while (curl_multi_perform(http->multi, &running) == CURLM_OK && !has_ended(http, easy, &result))
        if (!http_wait(http, 1000))
            break;
    return result;
}

static CURLcode transfer(struct http *http, const char *url)
{
    if (http->early != NULL && strcmp(url, http->early_url) == 0)
        await(http, http->early);
    if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
        return CURLE_FAILED_INIT;
    CURLcode result = await(http, http->easy);
    curl_multi_remove_handle(http->multi, http->easy);
    return result;
}

static void set_trust(const struct http *http, CURL *easy)
{
    if (http->trust.pem != NULL) {
        struct curl_blob blob = {.len = strlen(http->trust.pem), .flags = CURL_BLOB_NOCOPY};
        memcpy(&blob.data, &http->trust.pem, sizeof(blob.data));
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    } else {
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->trust.file);
    }
    curl_easy_setopt(easy, CURLOPT_CAPATH, http->trust.directory);
}

static void prepare(const struct http *http, CURL *easy, const char *url, long timeout_ms)
{
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    /* A name server that never answers must not hold up the end of the request. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    set_trust(http, easy);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     timeout_ms < HTTP_CONNECT_MS ? timeout_ms : (long)HTTP_CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "depot-build-push");
}

void http_prepare(struct http *http, const char *url, long timeout_ms)
{
    curl_easy_reset(http->easy);
    prepare(http, http->easy, url, timeout_ms);
    _Static_assert(sizeof(http->details) >= CURL_ERROR_SIZE, "curl writes as much");
    http->details[0] = '\0';
    curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->details);
}

/* curl keeps no connection that no request was made on. */
void http_connect(struct http *http, const char *url)
{
    struct error unused = ERROR_INIT;
    if (!http_allowed(url) || http_open(http, &unused) != 0 || http->early != NULL)
        return;
    http->early = curl_easy_init();
    if (http->early == NULL)
        return;
    http->early_url = arena_copy(&http->kept, url);
    prepare(http, http->early, http->early_url, HTTP_CONNECT_MS);
    curl_easy_setopt(http->early, CURLOPT_NOBODY, 1L);
    if (curl_multi_add_handle(http->multi, http->early) != CURLM_OK)
        end_early(http);
}

static CURLcode attempt(struct http *http, const struct http_request *request,
                        struct curl_slist *headers, long timeout_ms, struct body *body)
{
    http_prepare(http, request->url, timeout_ms);
    if (request->socket != NULL) {
        curl_easy_setopt(http->easy, CURLOPT_UNIX_SOCKET_PATH, request->socket);
        curl_easy_setopt(http->easy, CURLOPT_NOPROXY, "*");
    }
    curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, body);
    if (strcmp(request->method, "POST") == 0) {
        const char *content = request->json_body != NULL ? request->json_body : "";
        curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, content);
        curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(content));
    }
    curl_easy_setopt(http->easy, CURLOPT_CUSTOMREQUEST, request->method);
    body->length = 0;
    return transfer(http, request->url);
}

static bool header_add(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);
    if (longer != NULL)
        *headers = longer;
    return longer != NULL;
}

void http_host(const char *url, char host[HTTP_HOST_SIZE])
{
    global_start();
    CURLU *parsed = curl_url();
    char *name = NULL;
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(parsed, CURLUPART_HOST, &name, 0);
    snprintf(host, HTTP_HOST_SIZE, "%s", name != NULL ? name : "the server");
    curl_free(name);
    curl_url_cleanup(parsed);
}

/* Release builds have no texts for curl_easy_strerror: they cost more than what they tell. Of why
 * nobody could be connected to, curl then says no more than "Error"; the system knows. */
const char *http_result_text(const struct http *http, CURLcode result)
{
    long number = 0;
    curl_easy_getinfo(http->easy, CURLINFO_OS_ERRNO, &number);
    if (result == CURLE_COULDNT_CONNECT && number != 0)
        return strerror((int)number);
    return http->details[0] != '\0' ? http->details : curl_easy_strerror(result);
}

/* The variable that names the proxy of https, as curl reads it. NULL: there is none. */
static const char *proxy_variable(void)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (environment_get_nonempty(environ, names[i]) != NULL)
            return names[i];
    return NULL;
}

/* What a proxy answered to CONNECT; 0 where none was asked or answered. */
static long proxy_status(const struct http *http)
{
    long status = 0;
    curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return status;
}

static int explain_proxy(const struct http *http, const char *host, struct error *error)
{
    const long status = proxy_status(http);
    const char *variable = proxy_variable();
    return error_set(error, "the proxy of %s does not let through to %s (status %ld): %s",
                     variable != NULL ? variable : "this machine", host, status,
                     status == 407 ? "it wants credentials, http://USER:PASSWORD@PROXY:PORT"
                                   : "have the host allowed there, or name it in NO_PROXY");
}

static bool says_any(const char *text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strstr(text, *words) != NULL)
            return true;
    return false;
}

/* In the words of OpenSSL and of mbedTLS. */
static int explain_certificate(const struct http *http, const char *host, struct error *error)
{
    static const char *const untimely[] = {"expired", "not yet valid", "in the future", NULL};
    static const char *const of_others[] = {"subject name", "does not match", NULL};
    char clock[TEXT_MOMENT_SIZE];
    text_moment(clock, clock_unix_time());
    if (says_any(http->details, untimely))
        return error_set(error,
                         "the certificate of %s is not valid now, %s by this machine's clock: set "
                         "the clock where it is wrong; else the certificate must be renewed",
                         host, clock);
    if (says_any(http->details, of_others))
        return error_set(error,
                         "the certificate of %s is that of another host: a proxy or a name server "
                         "of your network leads elsewhere",
                         host);
    return error_set(error,
                     "the certificate of %s is not trusted by %s: where a proxy of your network "
                     "replaces certificates, name its own in NODE_EXTRA_CA_CERTS",
                     host, http->trust.name);
}

static int explain_silence(const struct http *http, CURLcode result, const char *host,
                           struct error *error)
{
    const char *text = http_result_text(http, result);
    const char *variable = proxy_variable();
    return variable != NULL
               ? error_set(error,
                           "no answer from %s: %s (%s is set, so that the way may lead "
                           "through that proxy: NO_PROXY names hosts to reach without it)",
                           host, text, variable)
               : error_set(error, "no answer from %s: %s", host, text);
}

int http_explain(const struct http *http, CURLcode result, const char *url, struct error *error)
{
    char host[HTTP_HOST_SIZE];
    http_host(url, host);
    if (is_ended(http))
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
        return true;
    default:
        return false;
    }
}

/* Why an attempt was not the last: for the debug log. */
static void explain_attempt(const struct http *http, CURLcode result, long status, const char *url,
                            struct error *why)
{
    char host[HTTP_HOST_SIZE];
    http_host(url, host);
    if (result == CURLE_OK)
        error_set(why, "%s answered with status %ld", host, status);
    else
        http_explain(http, result, url, why);
}

/* No service answers with one: it is of a proxy, or of a captive portal. Neither JSON nor a token
 * begins with `<`; a service's label alone is no proof, as frameworks give it to any text. */
static bool is_web_page(const struct http *http, bool wants_text, const char *body)
{
    static const char html[] = "text/html";
    static const char blanks_and_byte_order_mark[] = " \t\r\n\xEF\xBB\xBF";
    const char first = body[strspn(body, blanks_and_byte_order_mark)];
    const char *type = NULL;
    curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
    return first == '<' || (!wants_text && first != '{' && type != NULL &&
                            strncasecmp(type, html, sizeof(html) - 1) == 0);
}

static int explain_web_page(const struct http_request *request, long status, struct error *error)
{
    char host[HTTP_HOST_SIZE];
    http_host(request->url, host);
    return error_set(error,
                     "a web page (status %ld) came in place of the answer of %s: a proxy or a "
                     "captive portal of your network may be in the way",
                     status, host);
}

/* For one attempt, in ms. To curl 0 would be for ever. */
static long time_left(long long deadline)
{
    const long long left = deadline - clock_now_ms();
    if (left < 1)
        return 1;
    return left < HTTP_ATTEMPT_MS ? (long)left : (long)HTTP_ATTEMPT_MS;
}

static int send_with_headers(struct http *http, struct curl_slist *headers, struct arena *vault,
                             const struct http_request *request, struct http_response *response,
                             struct error *error)
{
    const int attempts = request->attempts != 0 ? request->attempts : HTTP_ATTEMPTS;
    const long long deadline =
        clock_now_ms() + (request->deadline_ms != 0 ? request->deadline_ms : HTTP_DEADLINE_MS);
    struct body body = {.vault = vault};
    CURLcode result = CURLE_OK;
    for (int number = 1; number <= attempts; number++) {
        result = attempt(http, request, headers, time_left(deadline), &body);
        long status = 0;
        curl_off_t retry_after = 0;
        curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after);
        if (result == CURLE_OK) {
            response->status = status;
            response->body = body.bytes != NULL ? body.bytes : arena_copy(vault, "");
            response->body[body.length] = '\0';
            response->length = body.length;
        }
        if (result == CURLE_OK ? !http_retry_status(status) : !http_retry_result(http, result))
            break;
        if (number == attempts)
            break;
        struct error why = ERROR_INIT;
        explain_attempt(http, result, status, request->url, &why);
        if (!http_wait_to_retry(http, number + 1, (long)retry_after, deadline, why.message))
            break;
        if (is_ended(http))
            return http_explain(http, CURLE_ABORTED_BY_CALLBACK, request->url, error);
    }
    if (result != CURLE_OK)
        return http_explain(http, result, request->url, error);
    return is_web_page(http, request->wants_text, response->body)
               ? explain_web_page(request, response->status, error)
               : 0;
}

int http_send(struct http *http, struct arena *vault, const struct http_request *request,
              struct http_response *response, struct error *error)
{
    *response = (struct http_response){0};
    if (http_open(http, error) != 0)
        return -1;
    if (!http_allowed(request->url))
        return error_set(error, HTTP_NOT_ALLOWED);
    struct curl_slist *headers = NULL;
    bool built = true;
    if (request->bearer != NULL)
        built =
            header_add(&headers, arena_format(vault, "Authorization: bearer %s", request->bearer));
    if (request->json_body != NULL)
        built = built && header_add(&headers, "Content-Type: application/json");
    int outcome = built ? send_with_headers(http, headers, vault, request, response, error)
                        : error_set(error, "out of memory");
    curl_slist_free_all(headers);
    return outcome;
}
