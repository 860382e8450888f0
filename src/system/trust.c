#include "system/trust.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/string_list.h"

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

/* What is trusted besides the base: texts in PEM, and for messages where they are from. */
struct additions {
    struct string_list texts;
    struct string_list names;
};

/* What cannot be read is left out, as Node.js and OpenSSL do; the name then says so, for the day it
 * matters. */
static void add_file(struct arena *arena, const char *path, struct additions *additions)
{
    char *text = NULL;
    struct error reason = ERROR_INIT;
    if (file_read(arena, path, BUNDLE_LIMIT, &text, &reason) < 0) {
        string_list_add(arena, &additions->names,
                        arena_format(arena, "(not read: %s)", reason.message));
        return;
    }
    string_list_add(arena, &additions->texts, text);
    string_list_add(arena, &additions->names, path);
}

static void add_directory(struct arena *arena, const char *path, struct additions *additions)
{
    struct string_list files = {0};
    struct additions read = {0};
    directory_list(arena, path, &files);
    for (size_t i = 0; i < files.count; i++)
        add_file(arena, files.items[i], &read);
    for (size_t i = 0; i < read.texts.count; i++)
        string_list_add(arena, &additions->texts, read.texts.items[i]);
    string_list_add(arena, &additions->names, path);
}

/* SSL_CERT_DIR is a list with colons. curl takes one directory; the files of others are read. */
static void choose_directories(struct arena *arena, const char *list,
                               bool (*exists)(const char *path), struct trust *trust,
                               struct additions *additions)
{
    while (list != NULL && *list != '\0') {
        size_t length = strcspn(list, ":");
        const char *path = arena_copy_bytes(arena, list, length);
        if (length > 0 && !exists(path))
            string_list_add(arena, &additions->names,
                            arena_format(arena, "(not read: there is no %s)", path));
        else if (length > 0 && trust->directory == NULL)
            trust->directory = path;
        else if (length > 0)
            add_directory(arena, path, additions);
        list += length;
        list += *list == ':';
    }
}

/* curl takes a file or a text: with additions, the file becomes a part of the text. */
static void join_additions(struct arena *arena, const struct additions *additions,
                           struct trust *trust)
{
    struct additions all = {0};
    if (trust->pem != NULL)
        string_list_add(arena, &all.texts, trust->pem);
    if (trust->file != NULL)
        add_file(arena, trust->file, &all);
    for (size_t i = 0; i < additions->texts.count; i++)
        string_list_add(arena, &all.texts, additions->texts.items[i]);
    trust->pem = string_list_join(arena, &all.texts, "\n");
    trust->file = NULL;
}

static const char *name_of(struct arena *arena, const struct trust *trust,
                           const struct additions *additions)
{
    struct string_list names = {0};
    if (trust->file != NULL)
        string_list_add(arena, &names, trust->file);
    if (trust->directory != NULL)
        string_list_add(arena, &names, trust->directory);
    if (names.count == 0)
        string_list_add(arena, &names, "Mozilla's built-in bundle");
    for (size_t i = 0; i < additions->names.count; i++)
        string_list_add(arena, &names, additions->names.items[i]);
    return string_list_join(arena, &names, " and ");
}

void trust_choose(struct arena *arena, char *const *environment, bool (*exists)(const char *path),
                  struct trust *trust)
{
    struct additions additions = {0};
    const char *extra = environment_get_nonempty(environment, "NODE_EXTRA_CA_CERTS");
    *trust = (struct trust){.file = environment_get_nonempty(environment, "SSL_CERT_FILE")};
    choose_directories(arena, environment_get(environment, "SSL_CERT_DIR"), exists, trust,
                       &additions);
    if (trust->file == NULL && trust->directory == NULL)
        trust->file = find_bundle(exists);
    if (trust->file == NULL && trust->directory == NULL)
        trust->pem = built_in(arena);
    if (extra != NULL)
        add_file(arena, extra, &additions);
    trust->name = name_of(arena, trust, &additions);
    if (additions.texts.count > 0)
        join_additions(arena, &additions, trust);
}
