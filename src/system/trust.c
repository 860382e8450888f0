#include "system/trust.h"

#include "system/environment.h"
#include "system/file.h"

#include <sodium.h>
#include <string.h>

#ifdef MOZILLA_CERTIFICATES
#include <mozilla_certificates.h>
#else
/* A development build runs where the system has certificates. */
static const unsigned char mozilla_certificates[1];
static const size_t mozilla_certificates_size = 0;
#endif

enum { BUNDLE_LIMIT = 16 * 1024 * 1024 };

static const char *const BUNDLES[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Gentoo */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL 6 */
    "/etc/ssl/ca-bundle.pem",                            /* SUSE */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* RHEL 7 and later */
    "/etc/ssl/cert.pem",                                 /* Alpine */
    "/etc/pki/tls/cacert.pem",                           /* OpenELEC */
};

static const char *find_bundle(bool (*exists)(const char *path))
{
    for (size_t i = 0; i < sizeof(BUNDLES) / sizeof(BUNDLES[0]); i++)
        if (exists(BUNDLES[i]))
            return BUNDLES[i];
    return NULL;
}

/* A DER certificate is a sequence with a length of two bytes: 30 82 HIGH LOW (X.690, 8.1.3.5). */
static size_t certificate_length(const unsigned char *der)
{
    return 4 + ((size_t)der[2] << 8 | der[3]);
}

static const char *built_in(struct arena *arena)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    static const char end[] = "\n-----END CERTIFICATE-----\n";
    struct string_list lines = {0};
    size_t length;
    for (size_t at = 0; at < mozilla_certificates_size; at += length) {
        const unsigned char *certificate = mozilla_certificates + at;
        length = certificate_length(certificate);
        size_t size = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
        char *text = arena_allocate(arena, size);
        sodium_bin2base64(text, size, certificate, length, sodium_base64_VARIANT_ORIGINAL);
        string_list_add(arena, &lines, begin);
        string_list_add(arena, &lines, text);
        string_list_add(arena, &lines, end);
    }
    return string_list_join(arena, &lines, "");
}

/* What cannot be read is left out, as Node.js does; the name then says so, for the day it matters.
 */
static void add_extra(struct arena *arena, const char *path, struct trust *trust)
{
    char *extra = NULL;
    char *bundle = NULL;
    struct error reason = ERROR_INIT;
    if (file_read(arena, path, BUNDLE_LIMIT, &extra, &reason) < 0 ||
        (trust->file != NULL &&
         file_read(arena, trust->file, BUNDLE_LIMIT, &bundle, &reason) < 0)) {
        trust->name = arena_format(arena, "%s (without NODE_EXTRA_CA_CERTS: %s)", trust->name,
                                   reason.message);
        return;
    }
    const char *base = bundle != NULL ? bundle : trust->pem;
    trust->pem = arena_format(arena, "%s\n%s", base != NULL ? base : "", extra);
    trust->file = NULL;
    trust->name = arena_format(arena, "%s and %s", trust->name, path);
}

void trust_choose(struct arena *arena, char *const *environment, bool (*exists)(const char *path),
                  struct trust *trust)
{
    const char *extra = environment_get_nonempty(environment, "NODE_EXTRA_CA_CERTS");
    *trust = (struct trust){
        .file = environment_get_nonempty(environment, "SSL_CERT_FILE"),
        .directory = environment_get_nonempty(environment, "SSL_CERT_DIR"),
    };
    if (trust->file == NULL && trust->directory == NULL)
        trust->file = find_bundle(exists);
    if (trust->file == NULL && trust->directory == NULL)
        trust->pem = built_in(arena);
    trust->name = trust->file;
    if (trust->name == NULL)
        trust->name = trust->directory != NULL ? trust->directory : "Mozilla's built-in bundle";
    if (extra != NULL)
        add_extra(arena, extra, trust);
}
