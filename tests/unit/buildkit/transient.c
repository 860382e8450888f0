#include "buildkit/transient.h"

#include "unit.h"

/* How the words of a row appear in a builder's error. */
static const char *example_of(const struct symptom *symptom)
{
    if (symptom->words != NULL)
        return arena_format(&arena, "failed to solve: a %s b", symptom->words);
    if (symptom->cause == NULL)
        return "unexpected status from GET request to https://a/v2/: 403 Forbidden";
    return symptom->is_it("EOF") ? "failed to copy: EOF" : "unexpected status: 503 Service";
}

TEST(decides_each_row_by_its_words)
{
    for (size_t i = 0; i < SYMPTOM_COUNT; i++) {
        const char *example = example_of(&SYMPTOMS[i]);
        const struct symptom *found = transient_symptom(example);
        if ((found != NULL) != (SYMPTOMS[i].cause != NULL))
            fail_msg("`%s` is %s", example, found != NULL ? "transient" : "lasting");
        assert_non_null(SYMPTOMS[i].source);
    }
}

TEST(takes_no_row_for_a_symptom_that_its_exception_excuses)
{
    for (size_t i = 0; i < SYMPTOM_COUNT; i++) {
        if (SYMPTOMS[i].unless == NULL)
            continue;
        const char *text =
            arena_format(&arena, "%s: %s: i/o timeout", SYMPTOMS[i].words, SYMPTOMS[i].unless);
        if (transient_symptom(text) == NULL)
            fail_msg("`%s` is lasting", text);
    }
}

/* Whatever is next to it, before or after it. */
TEST(lets_what_lasts_win)
{
    for (size_t i = 0; i < SYMPTOM_COUNT; i++)
        for (size_t j = 0; j < SYMPTOM_COUNT; j++) {
            const struct symptom *lasting = &SYMPTOMS[i];
            const struct symptom *transient = &SYMPTOMS[j];
            if (lasting->cause != NULL || transient->cause == NULL || lasting->unless != NULL)
                continue;
            const char *text = arena_format(&arena, "%s\n%s\n%s", example_of(transient),
                                            example_of(lasting), example_of(transient));
            assert_null(transient_symptom(text));
        }
}

static const struct said_row {
    const char *name;
    const char *said;
    bool transient;
} SAID[] = {
    {"nothing", "", false},
    {"what is not known", "failed to solve: something went wrong", false},
    {"upper case", "failed to copy: READ: CONNECTION RESET BY PEER", true},
    {"a machine that is gone",
     "failed to receive status: rpc error: code = Unavailable desc = error reading from server: "
     "EOF",
     true},
    {"a machine that is gone, cancelled",
     "failed to solve: Unavailable: closing transport due to: connection error: context canceled",
     true},
    {"a machine that does not answer",
     "rpc error: code = Unavailable desc = keepalive ping failed to receive ACK within timeout",
     true},
    {"a stream that ends", "stream error: stream ID 17; INTERNAL_ERROR; received from peer", true},
    {"a stream that the server resets", "stream error: stream ID 1; CANCEL; received from peer",
     true},
    {"a stream in error", "stream error: stream ID 3; PROTOCOL_ERROR", true},
    {"a cache service that is busy", "Error: Cache service responded with 429", true},
    {"a cache service that refuses", "Error: Cache service responded with 403", false},
    {"an API that is restarting", "unavailable: upstream connect error", true},
    {"an API's deadline", "deadline_exceeded: the operation timed out", true},
    {"an API that refuses", "permission_denied: Not authorized", false},
    {"a registry's 500", "unexpected status from PUT request to https://a/v2/b: 500 Internal",
     true},
    {"a registry's 502", "unexpected status: 502 Bad Gateway", true},
    {"a registry's 504", "unexpected status code https://a/v2/b/manifests/c: 504 Gateway Time-out",
     true},
    {"a registry's 429", "received unexpected HTTP status: 429 Too Many Requests", true},
    {"a registry's 408", "unexpected status: 408", true},
    {"a registry's 521", "error parsing HTTP 521 response body", true},
    {"a registry's 400", "unexpected status: 400 Bad Request", false},
    {"a registry's 404", "unexpected status from HEAD request to https://a: 404 Not Found", false},
    {"a registry's 405", "unexpected status: 405", false},
    {"a registry's 413", "unexpected status: 413 Request Entity Too Large", false},
    {"Docker Hub's pull limit",
     "429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate "
     "limit",
     false},
    {"a number in a digest", "failed to copy sha256:503: 1503 bytes", false},
    {"a number in a port", "dial tcp 192.0.2.1:502: i/o timeout", true},
    {"a number that is longer", "error: 5030 bytes", false},
    {"a size", "error 500.5MB", false},
    {"a version", "error 404.html was generated", false},
    {"a reset", "read tcp 192.0.2.1:4->192.0.2.2:443: read: connection reset by peer", true},
    {"a push without an answer", "failed commit on ref \"layer-sha256:1\": no response", true},
    {"an end", "Head \"https://a/v2/\": EOF", true},
    {"an end too early", "failed to read body: unexpected EOF", true},
    {"a word with an end in it", "unknown keyword EOFX, or _EOF", false},
    {"a name that does not exist", "dial tcp: lookup a.example: no such host", false},
    {"a name server that fails", "lookup a.example on 192.0.2.1:53: server misbehaving", true},
    {"a name server that is slow", "lookup a.example: i/o timeout", true},
    {"a context by Git",
     "failed to fetch remote https://a.git: git stderr:\nfatal: unable to access 'https://a.git/': "
     "The requested URL returned error: 503: exit status 128",
     true},
    {"a context by Git whose connection ends",
     "fatal: unable to access 'https://a.git/': OpenSSL SSL_connect: SSL_ERROR_SYSCALL in "
     "connection to a:443",
     true},
    {"a context by Git whose connection ends, OpenSSL 3",
     "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0", true},
    {"a context by Git whose connection ends, GnuTLS",
     "gnutls_handshake() failed: The TLS connection was non-properly terminated.", true},
    {"a context by Git whose stream ends, GnuTLS",
     "GnuTLS recv error (-54): Error in the pull function.", true},
    {"a context by Git whose stream ends",
     "HTTP/2 stream 1 was not closed cleanly before end of the underlying stream", true},
    {"a context by Git over SSH",
     "kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from "
     "remote repository.",
     true},
    {"a context by Git over SSH with a key that is refused",
     "git@a: Permission denied (publickey).\nfatal: Could not read from remote repository.", false},
    {"a context by Git from no host", "Could not resolve host: a", false},
    {"a context by Git from no host, c-ares", "Could not resolve host: a (Domain name not found)",
     false},
    {"a context by Git, a slow name server",
     "Could not resolve host: a (Timeout while contacting DNS servers)", true},
    {"a context by Git, no name server",
     "Could not resolve host: a (Could not contact DNS servers)", true},
    {"a context by Git, SERVFAIL",
     "Could not resolve host: a (DNS server returned general failure)", true},
    {"a context by Git, no address",
     "Could not resolve host: a (DNS server returned answer with no data)", false},
    {"a context by Git over SSH, a slow name server",
     "ssh: Could not resolve hostname a: Temporary failure in name resolution", true},
    {"a context by Git over SSH, no host",
     "ssh: Could not resolve hostname a: Name or service not known", false},
    {"a context by Git that is private",
     "git stderr:\nfatal: could not read Username for 'https://a': terminal prompts disabled",
     false},
    {"a download's status", "failed to load cache key: invalid response status 503", true},
    {"a download that is not there", "failed to load cache key: invalid response status 404",
     false},
    {"a process that could not connect",
     "process \"/bin/sh -c curl a\" did not complete successfully: exit code: 7", false},
    {"a process that says so",
     "process \"/bin/sh -c echo connection reset by peer\" did not complete successfully: exit "
     "code: 1",
     false},
    {"a process cut off", "process \"/bin/sh -c echo connection reset by peer; echo ...", false},
    {"a solver that gave up",
     "executor failed running [/bin/sh -c a]: flightcontrol: exceeded retry timeout", true},
    {"a race in the snapshots",
     "failed to prepare: parent snapshot sha256:1 does not exist: not "
     "found",
     true},
    {"a file that is missing", "failed to calculate checksum of ref a::b: \"/c\": not found",
     false},
    {"a daemon that is not there", "Cannot connect to the Docker daemon at unix:///a.sock", false},
    {"a builder that is not there yet",
     "dial unix /run/buildkit/buildkitd.sock: connect: no such file or directory: Unavailable",
     true},
    {"a cache service's answer", "failed to parse error response 429: {}: invalid character", true},
    {"a parse error", "dockerfile parse error on line 3: unknown instruction", false},
    {"a user's cancel", "failed to solve: Canceled: context canceled", false},
    {"a client's timeout",
     "net/http: request canceled (Client.Timeout exceeded while awaiting headers)", true},
    {"a full disk", "write /a: no space left on device: Unavailable", false},
    {"a message that is too large",
     "rpc error: code = ResourceExhausted desc = grpc: received message larger than max", false},
    {"a certificate", "tls: failed to verify certificate: x509: certificate signed by unknown",
     false},
};

TEST(knows)
{
    const struct said_row *row = *state;
    assert_int_equal(transient_symptom(row->said) != NULL, row->transient);
}

int main(void)
{
    UNIT_TEST(decides_each_row_by_its_words);
    UNIT_TEST(takes_no_row_for_a_symptom_that_its_exception_excuses);
    UNIT_TEST(lets_what_lasts_win);
    UNIT_ROWS(knows, SAID);
    return unit_run("buildkit/transient");
}
