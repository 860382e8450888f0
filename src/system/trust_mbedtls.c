/* For static builds, which have mbedTLS under libcurl. */
#include "system/file.h"
#include "system/roots.h"
#include "system/trust.h"

#include <curl/curl.h>
#include <mbedtls/platform.h>
#include <mbedtls/ssl.h>
#include <mozilla_certificates.h>
#include <string.h>

static void load_file(struct trust *trust, struct roots *roots, const char *path)
{
    char *text = NULL;
    const ssize_t length = file_read(trust->arena, path, TRUST_FILE_LIMIT, &text, NULL);
    if (length >= 0)
        roots_add_file(trust->arena, roots,
                       (struct bytes){(const unsigned char *)text, (size_t)length});
}

static void load_directory(struct trust *trust, struct roots *roots)
{
    struct string_list files = {0};
    directory_list(trust->arena, trust->directory, &files);
    for (size_t i = 0; i < files.count; i++)
        load_file(trust, roots, files.items[i]);
}

static struct roots *load(struct trust *trust)
{
    struct roots *roots = arena_allocate(trust->arena, sizeof(*roots));
    if (trust->built_in)
        roots_add_certificates(trust->arena, roots,
                               (struct bytes){mozilla_certificates, mozilla_certificates_size});
    if (trust->file != NULL)
        load_file(trust, roots, trust->file);
    if (trust->directory != NULL)
        load_directory(trust, roots);
    for (size_t i = 0; i < trust->more.count; i++)
        roots_add_file(trust->arena, roots,
                       (struct bytes){(const unsigned char *)trust->more.items[i],
                                      strlen(trust->more.items[i])});
    return roots;
}

static mbedtls_x509_crt *new_chain(void)
{
    mbedtls_x509_crt *chain = mbedtls_calloc(1, sizeof(*chain));
    if (chain != NULL)
        mbedtls_x509_crt_init(chain);
    return chain;
}

/* Passes those that may have issued `child` to mbedTLS, in a list that mbedTLS frees. mbedTLS does
 * all the checks. It could not use a certificate that it cannot parse. */
static int find_issuers(void *context, const mbedtls_x509_crt *child, mbedtls_x509_crt **found)
{
    struct trust *trust = context;
    const struct bytes issuer = {child->issuer_raw.p, child->issuer_raw.len};
    struct bytes certificate;
    size_t number = 0;
    *found = NULL;
    if (trust->loaded == NULL)
        trust->loaded = load(trust);
    while (roots_find(trust->loaded, issuer, &number, &certificate)) {
        if (*found == NULL && (*found = new_chain()) == NULL)
            return MBEDTLS_ERR_X509_ALLOC_FAILED;
        if (mbedtls_x509_crt_parse_der_nocopy(*found, certificate.at, certificate.length) ==
            MBEDTLS_ERR_X509_ALLOC_FAILED)
            return MBEDTLS_ERR_X509_ALLOC_FAILED;
    }
    return 0;
}

static CURLcode set_up(CURL *easy, void *configuration, void *trust)
{
    (void)easy;
    mbedtls_ssl_conf_ca_cb(configuration, find_issuers, trust);
    return CURLE_OK;
}

void trust_apply(struct trust *trust, void *easy)
{
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_up);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, trust);
}
