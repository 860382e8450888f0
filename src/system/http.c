#include "system/http.h"

#include "system/clock.h"
#include "system/http_transfer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct body {
    char *bytes; /* HTTP_RESPONSE_LIMIT + 1 of the vault, allocated when the first byte arrives */
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

/* Reads which transfers have ended: whether the one of `easy` has, and its result. */
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
            http_end_early(http);
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

/* curl does not keep a connection without a request on it. */
void http_connect(struct http *http, const char *url)
{
    if (!http_allowed(url) || http_open(http, NULL) != 0 || http->early != NULL)
        return;
    http->early = curl_easy_init();
    if (http->early == NULL)
        return;
    http->early_url = arena_copy(&http->kept, url);
    http_prepare(http, http->early, http->early_url, HTTP_CONNECT_MS);
    curl_easy_setopt(http->early, CURLOPT_NOBODY, 1L);
    if (curl_multi_add_handle(http->multi, http->early) != CURLM_OK)
        http_end_early(http);
}

static CURLcode attempt(struct http *http, const struct http_request *request,
                        struct curl_slist *headers, long timeout_ms, struct body *body)
{
    http_begin(http, request->url, timeout_ms);
    curl_easy_setopt(http->easy, CURLOPT_UNIX_SOCKET_PATH, request->socket);
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

/* No service answers with a web page: it comes from a proxy or a captive portal. Neither JSON nor a
 * token starts with `<`. The content type alone proves nothing, as frameworks set it for any text.
 */
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
                     "a web page (status %ld) came instead of an answer from %s: a proxy or a "
                     "captive portal in your network may be in the way",
                     status, host);
}

/* For one attempt, in ms. For curl, 0 would mean no limit. */
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
        if (http_is_ended(http))
            return http_explain(http, CURLE_ABORTED_BY_CALLBACK, request->url, error);
    }
    if (result != CURLE_OK)
        return http_explain(http, result, request->url, error);
    return is_web_page(http, request->wants_text, response->body)
               ? explain_web_page(request, response->status, error)
               : 0;
}

static bool is_one_line(const char *text)
{
    while (*text != '\0' && !iscntrl((unsigned char)*text))
        text++;
    return *text == '\0';
}

int http_send(struct http *http, struct arena *vault, const struct http_request *request,
              struct http_response *response, struct error *error)
{
    *response = (struct http_response){0};
    if (http_open(http, error) != 0)
        return -1;
    if (!http_allowed(request->url))
        return error_set(error, HTTP_NOT_ALLOWED);
    if (request->bearer != NULL && !is_one_line(request->bearer)) {
        char host[HTTP_HOST_SIZE];
        http_host(request->url, host);
        return error_set(error,
                         "the credential for %s has a line break or another control character in "
                         "it, which could add a header to the request",
                         host);
    }
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
