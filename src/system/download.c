#include "system/download.h"

#include "system/clock.h"
#include "system/http_transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What the end of a transfer means for the download. */
enum outcome { WHOLE, AGAIN, ELSEWHERE, FAILED };

static long long status_of(const struct download *download)
{
    long status = 0;
    curl_easy_getinfo(download->http->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool is_content(long long status)
{
    return status == 200 || status == 206;
}

/* Content-Range: bytes 100-199/200 */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    static const char name[] = "content-range:";
    static const char unit[] = "bytes ";
    struct download *download = context;
    const size_t length = size * count;
    char line[128];
    if (status_of(download) != 206 || length >= sizeof(line) || length < sizeof(name) ||
        strncasecmp(bytes, name, sizeof(name) - 1) != 0)
        return length;
    memcpy(line, bytes, length);
    line[length] = '\0';
    const char *value = line + sizeof(name) - 1;
    value += strspn(value, " \t");
    if (strncasecmp(value, unit, sizeof(unit) - 1) != 0)
        return length;
    char *end;
    long long from = strtoll(value + sizeof(unit) - 1, &end, 10);
    if (*end == '-' && from >= 0)
        download->position = from;
    return length;
}

/* The whole file: it starts at the first byte, and the body has its full length. */
static void locate_whole(struct download *download)
{
    curl_off_t length = -1;
    curl_easy_getinfo(download->http->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    download->position = 0;
    download->total = length > 0 ? length : 0;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct download *download = context;
    const size_t length = size * count;
    if (!is_content(status_of(download)))
        return length;
    if (length > download->room - download->held) {
        download->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (download->position < 0 && status_of(download) == 200)
        locate_whole(download);
    /* A range that was not requested cannot be used. */
    const long long known = download->received + (long long)download->held - download->position;
    if (download->position < 0 || known < 0)
        return 0;
    const size_t skipped = known < (long long)length ? (size_t)known : length;
    download->position += (long long)length;
    memcpy(download->bytes + download->held, bytes + skipped, length - skipped);
    download->held += length - skipped;
    return length;
}

static const char *address(const struct download *download)
{
    return download->redirects > 0 ? download->target : download->url;
}

static int begin(struct download *download, struct error *error)
{
    struct http *http = download->http;
    char range[32];
    if (http_open(http, error) != 0)
        return -1;
    if (!http_allowed(address(download)))
        return error_set(error, HTTP_NOT_ALLOWED);
    if (download->deadline == 0)
        download->deadline = clock_now_ms() + download->seconds * 1000;
    long left = (long)(download->deadline - clock_now_ms());
    http_begin(http, address(download), left > 0 ? left : 1);
    curl_easy_setopt(http->easy, CURLOPT_HTTPGET, 1L);
    /* With HTTP/2, a pause would fill the flow-control windows. */
    curl_easy_setopt(http->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(http->easy, CURLOPT_LOW_SPEED_TIME, (long)DOWNLOAD_STALL_SECONDS);
    curl_easy_setopt(http->easy, CURLOPT_LOW_SPEED_LIMIT, (long)DOWNLOAD_STALL_RATE);
    curl_easy_setopt(http->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(http->easy, CURLOPT_HEADERDATA, download);
    curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(http->easy, CURLOPT_WRITEDATA, download);
    if (download->received > 0 && !download->no_ranges) {
        snprintf(range, sizeof(range), "%lld-", download->received);
        curl_easy_setopt(http->easy, CURLOPT_RANGE, range);
    }
    download->position = -1;
    download->paused = false;
    if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
        return error_set(error, "cannot start a download: out of memory");
    download->active = true;
    return 0;
}

static void stop(struct download *download)
{
    if (download->active)
        curl_multi_remove_handle(download->http->multi, download->http->easy);
    download->active = false;
}

/* The result of the transfer, or -1 while it runs. */
static int advance(struct download *download)
{
    CURLM *multi = download->http->multi;
    int running = 0;
    int left;
    int result = -1;
    if (download->paused) {
        download->paused = false;
        curl_easy_pause(download->http->easy, CURLPAUSE_CONT);
        if (download->held > 0)
            return -1;
    }
    curl_multi_perform(multi, &running);
    if (download->held > 0)
        return -1;
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            result = (int)message->data.result;
    return result >= 0 || running > 0 ? result : (int)CURLE_RECV_ERROR;
}

static enum outcome follow(struct download *download, struct error *error)
{
    char *location = NULL;
    char host[HTTP_HOST_SIZE];
    curl_easy_getinfo(download->http->easy, CURLINFO_REDIRECT_URL, &location);
    http_host(address(download), host);
    if (location == NULL || strlen(location) >= sizeof(download->target) ||
        !http_may_lead_to(address(download), location)) {
        error_set(error,
                  "%s redirects the download to an address that is not allowed: it must begin with "
                  "https://",
                  host);
        return FAILED;
    }
    if (download->redirects == DOWNLOAD_REDIRECTS) {
        error_set(error, "%s redirects the download again, and only %d redirects are followed",
                  host, DOWNLOAD_REDIRECTS);
        return FAILED;
    }
    snprintf(download->target, sizeof(download->target), "%s", location);
    download->redirects++;
    return ELSEWHERE;
}

static enum outcome judge_status(struct download *download, struct error *error)
{
    const long long status = status_of(download);
    char host[HTTP_HOST_SIZE];
    http_host(address(download), host);
    if (is_content(status)) {
        if (download->total == 0 || download->received >= download->total)
            return WHOLE;
        error_set(error, "%s ended the download after %lld of %lld bytes", host, download->received,
                  download->total);
        return AGAIN;
    }
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
        return follow(download, error);
    error_set(error, "%s answered the download with status %lld", host, status);
    /* The range is gone if the file has changed in the meantime. */
    if (status == 416 && !download->no_ranges) {
        download->no_ranges = true;
        return AGAIN;
    }
    return http_retry_status((long)status) ? AGAIN : FAILED;
}

static enum outcome judge(struct download *download, CURLcode result, struct error *error)
{
    if (result == CURLE_OK)
        return judge_status(download, error);
    char host[HTTP_HOST_SIZE];
    http_host(address(download), host);
    if (result == CURLE_WRITE_ERROR) {
        download->no_ranges = true;
        error_set(error, "%s sent a different part of the file than was requested", host);
        return AGAIN;
    }
    if (!http_retry_result(download->http, result) || download->received == 0)
        http_explain(download->http, result, address(download), error);
    else
        error_set(error, "the connection to %s was lost after %lld bytes: %s", host,
                  download->received, http_result_text(download->http, result));
    return http_retry_result(download->http, result) ? AGAIN : FAILED;
}

/* Waits before another attempt, which starts at the first address: later ones may have expired. */
static int prepare_again(struct download *download, struct error *error)
{
    struct error last = *error;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(download->http->easy, CURLINFO_RETRY_AFTER, &retry_after);
    download->failures++;
    download->redirects = 0;
    if (download->failures == HTTP_ATTEMPTS)
        return error_set(error, "%s (%d failed attempts in a row)", last.message,
                         download->failures);
    if (!http_wait_to_retry(download->http, download->failures + 1, (long)retry_after,
                            download->deadline, last.message))
        return error_set(error, "%s (no time left of the %ld s allowed)", last.message,
                         download->seconds);
    if (!http_wait(download->http, 0))
        return http_explain(download->http, CURLE_ABORTED_BY_CALLBACK, download->url, error);
    error->message[0] = '\0'; /* an attempt that will be repeated is not a failure */
    return 0;
}

static int give(struct download *download, struct error *error)
{
    download->failures = 0;
    download->received += (long long)download->held;
    if (download->received > download->limit || download->total > download->limit) {
        char host[HTTP_HOST_SIZE];
        http_host(address(download), host);
        return error_set(error, "%s sent more than the %lld MB allowed", host,
                         download->limit / 1000000);
    }
    return (int)download->held;
}

ssize_t download_read(struct download *download, char *bytes, size_t room, struct error *error)
{
    download->bytes = bytes;
    download->room = room;
    download->held = 0;
    for (;;) {
        if (!download->active && begin(download, error) != 0)
            return -1;
        int result = advance(download);
        if (download->held > 0)
            return give(download, error);
        if (result < 0) {
            if (http_wait(download->http, 1000))
                continue;
            return http_explain(download->http, CURLE_ABORTED_BY_CALLBACK, download->url, error);
        }
        enum outcome outcome = judge(download, (CURLcode)result, error);
        stop(download);
        if (outcome == WHOLE)
            return 0;
        if (outcome == FAILED || (outcome == AGAIN && prepare_again(download, error) != 0))
            return -1;
    }
}

void download_end(struct download *download)
{
    stop(download);
}
