#include "system/trust.h"

#include "system/environment.h"
#include "system/file.h"
#include "system/string_list.h"

#include <string.h>

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

/* What is trusted as well: texts in PEM, and their sources, for messages. */
struct additions {
    struct string_list texts;
    struct string_list names;
};

/* A file that cannot be read is left out, as Node.js and OpenSSL do. The name then says so, for the
 * error message. */
static void add_file(struct arena *arena, const char *path, struct additions *additions)
{
    char *text = NULL;
    struct error reason = ERROR_INIT;
    if (file_read(arena, path, TRUST_FILE_LIMIT, &text, &reason) < 0) {
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

/* SSL_CERT_DIR is a list with colons. curl takes one directory; we read the files of the others. */
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
    *trust = (struct trust){
        .file = environment_get_nonempty(environment, "SSL_CERT_FILE"),
        .arena = arena,
    };
    choose_directories(arena, environment_get(environment, "SSL_CERT_DIR"), exists, trust,
                       &additions);
    if (trust->file == NULL && trust->directory == NULL)
        trust->file = find_bundle(exists);
    if (trust->file == NULL && trust->directory == NULL)
        trust->built_in = true;
    if (extra != NULL)
        add_file(arena, extra, &additions);
    trust->name = name_of(arena, trust, &additions);
    trust->more = additions.texts;
}
