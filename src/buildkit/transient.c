#include "buildkit/transient.h"

#include <ctype.h>
#include <string.h>

static bool has(const char *text, const char *words)
{
    return strcasestr(text, words) != NULL;
}

/* HTTP statuses, in the forms in which clients print them: `unexpected status: 503 Service
 * Unavailable`, `unexpected status from HEAD request to URL: 429`, `invalid response status 403`.
 */

static bool ends_with(const char *text, const char *end, const char *word)
{
    const size_t length = strlen(word);
    return (size_t)(end - text) >= length && strncasecmp(end - length, word, length) == 0;
}

static bool stands_for_status(const char *text, const char *digits)
{
    static const char *const before[] = {": ",     "status ", "status=",   "code ",
                                         "code=",  "http ",   "response ", "error ",
                                         "error=", "status:", "code: ",    "responded with "};
    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
        if (ends_with(text, digits, before[i]))
            return true;
    return false;
}

/* The status from 400 to 599 at `digits`; 0 if something else is there. */
static int status_at(const char *text, const char *digits)
{
    if (*digits < '4' || *digits > '5' || !isdigit((unsigned char)digits[1]) ||
        !isdigit((unsigned char)digits[2]) || isalnum((unsigned char)digits[3]) ||
        digits[3] == '_' || digits[3] == '-' ||
        (digits[3] == '.' && isdigit((unsigned char)digits[4])))
        return 0;
    if (!stands_for_status(text, digits))
        return 0;
    return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

static bool is_transient_status(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

static bool has_status(const char *text, bool transient)
{
    for (const char *at = text; *at != '\0'; at++) {
        const int status = status_at(text, at);
        if (status != 0 && is_transient_status(status) == transient)
            return true;
    }
    return false;
}

static bool has_refusing_status(const char *evidence)
{
    return has_status(evidence, false);
}

static bool has_transient_status(const char *evidence)
{
    return has_status(evidence, true);
}

/* `EOF` as Go prints it: a separate word at the end of an error. */
static bool has_end_of_file(const char *evidence)
{
    for (const char *at = evidence; (at = strstr(at, "EOF")) != NULL; at += 3)
        if ((at == evidence || at[-1] == ' ') && !isalnum((unsigned char)at[3]) && at[3] != '_')
            return true;
    return false;
}

static const char LOST[] = "the connection to a builder, a registry or an API was lost";
static const char TIMEOUT[] = "a connection timed out";
static const char BUSY[] = "a registry or an API could not serve the request";
static const char MACHINE[] = "no machine was ready";
static const char BUILDER[] = "the builder lost what it was working on";
static const char NAME[] = "a name could not be looked up in time";

/* The first row that matches decides, so lasting causes come first. HTTP statuses are matched by
 * number, everything else by its words. `source` names who uses them. */
const struct symptom SYMPTOMS[] = {
    /* A step of the Dockerfile failed, whatever it printed. */
    {"did not complete successfully", .source = "BuildKit: executor, exit errors"},
    {"process \"", .source = "BuildKit: executor, exit errors"},
    {"executor failed running [", "flightcontrol: exceeded retry timeout",
     .source = "BuildKit 0.8: executor, exit errors"},
    {"exit code: ", .source = "BuildKit: gateway, exit errors"},

    /* Errors in the Dockerfile and the inputs. */
    {"parse error on line", .source = "BuildKit: dockerfile parser"},
    {"unknown instruction", .source = "BuildKit: dockerfile parser"},
    {"syntax error", .source = "BuildKit: dockerfile parser"},
    {"lint violation", .source = "BuildKit: dockerfile linter"},
    {"invalid reference format", .source = "distribution: reference"},
    {"invalid tag", .source = "buildx: build"},
    {"repository name must be", .source = "distribution: reference"},
    {"invalid argument", .source = "gRPC: codes; Linux: EINVAL"},
    {"invalid_argument", .source = "Connect: error codes"},
    {"InvalidArgument", .source = "gRPC: codes"},
    {"unknown flag", .source = "Cobra"},
    {"is not supported", .source = "buildx: drivers; BuildKit: exporters"},
    {"not implemented", "501", .source = "gRPC: codes"},
    {"failed to find target", .source = "buildx: bake"},
    {"could not be found", .source = "BuildKit: target stage"},
    {"circular dependency", .source = "BuildKit: dockerfile2llb"},
    {"requires at least", .source = "BuildKit: dockerfile instructions"},
    {"base name (", .source = "BuildKit: dockerfile2llb, FROM without a name"},
    {"unable to prepare context", .source = "buildx: build"},
    {"cannot be used with", .source = "buildx: build"},

    /* What is missing. */
    {"not found", "parent snapshot", .source = "BuildKit: cache keys; containerd: errdefs"},
    {"not_found", .source = "Connect: error codes"},
    {"NotFound", .source = "gRPC: codes"},
    {"no such file or directory", "buildkitd.sock", .source = "Linux: ENOENT"},
    {"does not exist", "parent snapshot", .source = "distribution: repositories"},
    {"no match for platform", .source = "containerd: images"},
    {"manifest unknown", .source = "OCI distribution: error codes"},
    {"name unknown", .source = "OCI distribution: error codes"},
    {"not a directory", .source = "Linux: ENOTDIR"},
    {"is a directory", .source = "Linux: EISDIR"},
    {"non-directory", .source = "BuildKit: copy"},
    {"no such host", .source = "Go: net, DNS"},
    {"Could not resolve host:", "DNS server", .source = "curl, as git shows it"},
    {"couldn't find remote ref", .source = "git: fetch"},

    /* What is not allowed. */
    {.is_it = has_refusing_status, .source = "HTTP: 4xx but 408 and 429"},
    {"denied", .source = "OCI distribution: error codes; Linux: EACCES"},
    {"unauthorized", .source = "OCI distribution: error codes"},
    {"unauthenticated", .source = "Connect: error codes; gRPC: codes"},
    {"not authorized", .source = "Depot: API"},
    {"authentication required", .source = "OCI distribution: error codes"},
    {"authentication failed", .source = "git; Azure: storage"},
    {"authorization failed", .source = "containerd: docker authorizer"},
    {"insufficient_scope", .source = "distribution: token authentication"},
    {"insufficient scope", .source = "distribution: token authentication"},
    {"no basic auth credentials", .source = "Docker: registry client"},
    {"forbidden", .source = "HTTP: 403"},
    {"bad request", .source = "HTTP: 400"},
    {"could not read Username", .source = "git: credentials"},
    {"missing API token", .source = "Depot: CLI"},
    {"invalid token", .source = "Depot: API"},
    {"unknown project", .source = "Depot: API"},
    {"no project", .source = "Depot: CLI"},
    {"operation not permitted", .source = "Linux: EPERM"},
    {"x509:", .source = "Go: crypto/x509"},
    {"failed to verify certificate", .source = "Go: crypto/tls"},
    {"server gave HTTP response to HTTPS client", .source = "Go: net/http"},

    /* What will not change within a minute. */
    {"pull rate limit", .source = "Docker Hub"},
    {"increase-rate-limit", .source = "Docker Hub"},
    {"no space left", .source = "Linux: ENOSPC"},
    {"disk quota exceeded", .source = "Linux: EDQUOT"},
    {"read-only file system", .source = "Linux: EROFS"},
    {"cannot allocate memory", .source = "Linux: ENOMEM"},
    {"message larger than max", .source = "gRPC: message size"},
    {"already exists", .source = "containerd: errdefs"},
    {"exec format error", .source = "Linux: ENOEXEC"},
    {"Cannot connect to the Docker daemon", .source = "Docker: client"},
    {"context canceled", "unavailable", .source = "Go: context"},
    {"operation was canceled", .source = "GitHub: runner; Go: net"},
    {"signal: ", .source = "Go: os/exec"},

    /* The builder and what it was doing. */
    {"flightcontrol: exceeded retry timeout", .cause = BUILDER,
     .source = "BuildKit: flightcontrol"},
    {"parent snapshot", .cause = BUILDER, .source = "containerd: snapshots"},
    {"no such job", .cause = BUILDER, .source = "BuildKit: solver"},
    {"no active session", .cause = BUILDER, .source = "BuildKit: session"},
    {"failed to get edge", .cause = BUILDER, .source = "BuildKit: solver"},
    {"inconsistent graph state", .cause = BUILDER, .source = "BuildKit: solver"},

    /* Machines. */
    {"unable to acquire machine", .cause = MACHINE, .source = "Depot: troubleshooting"},
    {"no machine", .cause = MACHINE, .source = "Depot: CLI"},
    {"DEPOT_MACHINE_TIMEOUT", .cause = MACHINE, .source = "this program"},

    /* Connections. */
    {"unavailable", .cause = LOST, .source = "gRPC: codes; Connect: error codes; HTTP: 503"},
    {"transport is closing", .cause = LOST, .source = "gRPC: transport"},
    {"client connection is closing", .cause = LOST, .source = "gRPC: client connection"},
    {"transport: ", .cause = LOST, .source = "gRPC: transport"},
    {"TransientFailure", .cause = LOST, .source = "gRPC: balancer"},
    {"TRANSIENT_FAILURE", .cause = LOST, .source = "gRPC: balancer"},
    {"error reading from server", .cause = LOST, .source = "gRPC: HTTP/2 client"},
    {"error reading server preface", .cause = LOST, .source = "gRPC: HTTP/2 client"},
    {"without sending trailers", .cause = LOST, .source = "gRPC: HTTP/2 client"},
    {"keepalive ping", .cause = LOST, .source = "gRPC: keepalive"},
    {"keepalive watchdog", .cause = LOST, .source = "gRPC: keepalive"},
    {"keep alive ping", .cause = LOST, .source = "Depot: troubleshooting"},
    {"RST_STREAM", .cause = LOST, .source = "HTTP/2: RST_STREAM"},
    {"GOAWAY", .cause = LOST, .source = "HTTP/2: GOAWAY"},
    {"INTERNAL_ERROR", .cause = LOST, .source = "HTTP/2: error codes"},
    {"REFUSED_STREAM", .cause = LOST, .source = "HTTP/2: error codes"},
    {"stream error: stream ID", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"http2: client connection", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"http2: server", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"http2: Transport", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"stream closed", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"server closed idle connection", .cause = LOST, .source = "Go: net/http"},
    {"connection broken", .cause = LOST, .source = "Go: net/http"},
    {"connection lost", .cause = LOST, .source = "Go: net/http, HTTP/2"},
    {"malformed HTTP response", .cause = LOST, .source = "Go: net/http"},
    {"request must be retried", .cause = LOST, .source = "containerd: docker pusher"},
    {": no response", .cause = LOST, .source = "containerd: docker pusher"},
    {"connection reset", .cause = LOST, .source = "Linux: ECONNRESET"},
    {"connection refused", .cause = LOST, .source = "Linux: ECONNREFUSED"},
    {"connection aborted", .cause = LOST, .source = "Linux: ECONNABORTED"},
    {"connection abort", .cause = LOST, .source = "Linux: ECONNABORTED"},
    {"broken pipe", .cause = LOST, .source = "Linux: EPIPE"},
    {"closed pipe", .cause = LOST, .source = "Go: io"},
    {"use of closed network connection", .cause = LOST, .source = "Go: net"},
    {"use of closed connection", .cause = LOST, .source = "Go: crypto/tls"},
    {"bad record MAC", .cause = LOST, .source = "TLS: alerts"},
    {"no route to host", .cause = LOST, .source = "Linux: EHOSTUNREACH"},
    {"is unreachable", .cause = LOST, .source = "Linux: ENETUNREACH"},
    {"forcibly closed by the remote host", .cause = LOST, .source = "Windows: WSAECONNRESET"},
    {"actively refused it", .cause = LOST, .source = "Windows: WSAECONNREFUSED"},
    {"hung up unexpectedly", .cause = LOST, .source = "git: fetch"},
    {"early EOF", .cause = LOST, .source = "git: index-pack"},
    {"unexpected disconnect", .cause = LOST, .source = "git: fetch"},
    {"RPC failed", .cause = LOST, .source = "git: HTTP"},
    {"Failed to connect to", .cause = LOST, .source = "curl, as git shows it"},
    {"Empty reply from server", .cause = LOST, .source = "curl, as git shows it"},
    {"not closed cleanly", .cause = LOST, .source = "curl, as git shows it"},
    {"SSL_ERROR_SYSCALL", .cause = LOST, .source = "OpenSSL, as git shows it"},
    {"unexpected eof while", .cause = LOST, .source = "OpenSSL, as git shows it"},
    {"non-properly terminated", .cause = LOST, .source = "GnuTLS, as git shows it"},
    {"in the pull function", .cause = LOST, .source = "GnuTLS, as git shows it"},
    {"Connection closed by", .cause = LOST, .source = "OpenSSH, as git shows it"},
    {.is_it = has_end_of_file, .cause = LOST, .source = "Go: io"},

    /* Time. */
    {"i/o timeout", .cause = TIMEOUT, .source = "Go: net"},
    {"TLS handshake timeout", .cause = TIMEOUT, .source = "Go: net/http"},
    {"Client.Timeout", .cause = TIMEOUT, .source = "Go: net/http"},
    {"timeout awaiting", .cause = TIMEOUT, .source = "Go: net/http"},
    {"http2: timeout", .cause = TIMEOUT, .source = "Go: net/http, HTTP/2"},
    {"handshake timeout", .cause = TIMEOUT, .source = "Go: crypto/tls"},
    {"timed out", .cause = TIMEOUT, .source = "Linux: ETIMEDOUT; curl"},
    {"did not properly respond", .cause = TIMEOUT, .source = "Windows: WSAETIMEDOUT"},
    {"deadline exceeded", .cause = TIMEOUT, .source = "Go: context"},
    {"DeadlineExceeded", .cause = TIMEOUT, .source = "gRPC: codes"},
    {"deadline_exceeded", .cause = TIMEOUT, .source = "Connect: error codes"},
    {"request timeout", .cause = TIMEOUT, .source = "HTTP: 408; S3: RequestTimeout"},
    {"RequestTimeout", .cause = TIMEOUT, .source = "S3: error codes"},
    {"gateway timeout", .cause = TIMEOUT, .source = "HTTP: 504"},
    {"gateway time-out", .cause = TIMEOUT, .source = "nginx"},

    /* Names. */
    {"server misbehaving", .cause = NAME, .source = "Go: net, DNS"},
    {"SERVFAIL", .cause = NAME, .source = "DNS: RCODE 2"},
    {"failure in name resolution", .cause = NAME, .source = "glibc: EAI_AGAIN"},
    {"contacting DNS server", .cause = NAME, .source = "c-ares, as curl and git show it"},
    {"contact DNS server", .cause = NAME, .source = "c-ares, as curl and git show it"},
    {"DNS server returned general failure", .cause = NAME, .source = "c-ares: SERVFAIL"},

    /* Registries, caches and APIs. */
    {.is_it = has_transient_status, .cause = BUSY, .source = "HTTP: 408, 429 and 5xx"},
    {"internal server error", .cause = BUSY, .source = "HTTP: 500"},
    {"bad gateway", .cause = BUSY, .source = "HTTP: 502"},
    {"too many requests", .cause = BUSY, .source = "HTTP: 429"},
    {"toomanyrequests", .cause = BUSY, .source = "OCI distribution: error codes"},
    {"request was blocked", .cause = BUSY, .source = "GitHub: cache service"},
    {"SlowDown", .cause = BUSY, .source = "S3: error codes"},
    {"ServerBusy", .cause = BUSY, .source = "Azure: storage error codes"},
    {"server is busy", .cause = BUSY, .source = "Azure: storage error codes"},
    {"OperationTimedOut", .cause = BUSY, .source = "Azure: storage error codes"},
    {"api error InternalError", .cause = BUSY, .source = "S3: error codes"},
};

const size_t SYMPTOM_COUNT = sizeof(SYMPTOMS) / sizeof(SYMPTOMS[0]);

static bool shows(const char *evidence, const struct symptom *symptom)
{
    const bool shown =
        symptom->words != NULL ? has(evidence, symptom->words) : symptom->is_it(evidence);
    return shown && (symptom->unless == NULL || !has(evidence, symptom->unless));
}

const struct symptom *transient_symptom(const char *evidence)
{
    for (size_t i = 0; i < SYMPTOM_COUNT; i++)
        if (shows(evidence, &SYMPTOMS[i]))
            return SYMPTOMS[i].cause != NULL ? &SYMPTOMS[i] : NULL;
    return NULL;
}
