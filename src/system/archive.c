#include "system/archive.h"

#include "system/file.h"
#include "system/gunzip.h"
#include "system/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { QUOTED_SIZE = 128 };

struct extraction {
    const struct byte_source *source;
    struct gunzip *gunzip;
    const char *member;
    long long left; /* bytes that may still be unpacked */
    int descriptor;
    bool ended; /* the source */
    bool failed;
    bool found;
    struct error *error;
};

static ssize_t read_packed(void *context, const char **bytes, struct error *error)
{
    struct extraction *extraction = context;
    const ssize_t length = extraction->source->read(extraction->source->context, bytes, error);
    extraction->ended = length <= 0;
    extraction->failed = length < 0;
    return length;
}

static int damaged(const struct extraction *extraction, const char *reason)
{
    char words[QUOTED_SIZE];
    text_quote(words, sizeof(words), reason != NULL ? reason : "unknown reason");
    return error_set(extraction->error, "the archive is damaged: %s", words);
}

/* After one failure every read fails: libarchive may ignore an error and continue. */
static ssize_t read_content(struct extraction *extraction, const char **bytes)
{
    if (extraction->error->message[0] != '\0')
        return -1;
    const ssize_t length = gunzip_read(extraction->gunzip, bytes, extraction->error);
    return length >= 0 || extraction->failed ? length
                                             : damaged(extraction, extraction->error->message);
}

static la_ssize_t read_unpacked(struct archive *archive, void *context, const void **bytes)
{
    const char *block = NULL;
    const ssize_t length = read_content(context, &block);
    *bytes = block;
    if (length >= 0)
        return length;
    archive_set_error(archive, EIO, "the source failed");
    return ARCHIVE_FATAL;
}

/* Keeps an error that is already set: libarchive's own message says less. */
static int explain(struct archive *archive, const struct extraction *extraction)
{
    return extraction->error->message[0] != '\0'
               ? -1
               : damaged(extraction, archive_error_string(archive));
}

static int refuse(const struct extraction *extraction, const char *name, const char *why)
{
    char quoted[QUOTED_SIZE];
    text_quote(quoted, sizeof(quoted), name);
    return error_set(extraction->error, "the archive contains `%s`, %s", quoted, why);
}

/* The name without leading `./`. */
static const char *plain_name(const char *name)
{
    while (name[0] == '.' && name[1] == '/')
        name += 2 + strspn(name + 2, "/");
    return name;
}

static bool leads_elsewhere(const char *name)
{
    if (name[0] == '/')
        return true;
    while (*name != '\0') {
        size_t length = strcspn(name, "/");
        if (length == 2 && name[0] == '.' && name[1] == '.')
            return true;
        name += length;
        name += strspn(name, "/");
    }
    return false;
}

static int check_entry(const struct extraction *extraction, struct archive_entry *entry)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        return error_set(extraction->error, "the archive contains a name that cannot be read");
    if (leads_elsewhere(name))
        return refuse(extraction, name, "a path that points outside the archive");
    if (archive_entry_hardlink(entry) != NULL || archive_entry_symlink(entry) != NULL)
        return refuse(extraction, name, "which is a link");
    if (archive_entry_filetype(entry) != AE_IFREG && archive_entry_filetype(entry) != AE_IFDIR)
        return refuse(extraction, name, "which is neither a file nor a directory");
    if (archive_entry_size(entry) < 0 || archive_entry_size(entry) > extraction->left)
        return refuse(extraction, name, "which makes it too large to unpack");
    return 0;
}

static int write_member(struct archive *archive, la_int64_t size, struct extraction *extraction)
{
    const void *block;
    size_t length;
    la_int64_t offset;
    la_int64_t written = 0;
    int outcome;
    while ((outcome = archive_read_data_block(archive, &block, &length, &offset)) == ARCHIVE_OK) {
        /* A program has no holes, and a sparse file could unpack to more than its size. */
        if (offset != written || written + (la_int64_t)length > size)
            return refuse(extraction, extraction->member, "which is a sparse file");
        if (file_write_all(extraction->descriptor, block, length) != 0)
            return error_set(extraction->error,
                             "cannot write the unpacked file: %s (is the disk full?)",
                             strerror(errno));
        written += (la_int64_t)length;
    }
    if (outcome != ARCHIVE_EOF)
        return explain(archive, extraction);
    return written == size
               ? 0
               : refuse(extraction, extraction->member, "which is shorter than its size says");
}

static int take_entry(struct archive *archive, struct archive_entry *entry,
                      struct extraction *extraction)
{
    if (check_entry(extraction, entry) != 0)
        return -1;
    extraction->left -= archive_entry_size(entry);
    if (strcmp(plain_name(archive_entry_pathname(entry)), extraction->member) != 0 ||
        archive_entry_filetype(entry) != AE_IFREG)
        return 0;
    if (extraction->found)
        return refuse(extraction, extraction->member, "twice");
    extraction->found = true;
    return write_member(archive, archive_entry_size(entry), extraction);
}

static int take_entries(struct archive *archive, struct extraction *extraction)
{
    struct archive_entry *entry;
    for (int count = 0; count < ARCHIVE_ENTRIES; count++) {
        int outcome = archive_read_next_header(archive, &entry);
        if (outcome == ARCHIVE_EOF)
            return 0;
        if (outcome != ARCHIVE_OK)
            return explain(archive, extraction);
        if (take_entry(archive, entry, extraction) != 0)
            return -1;
    }
    return error_set(extraction->error, "the archive contains more than %d files", ARCHIVE_ENTRIES);
}

/* Zeros fill the archive's last block. The compressed file may have padding too, which is part of
 * the digest. */
static int read_rest(struct extraction *extraction)
{
    const char *bytes;
    ssize_t length;
    while ((length = read_content(extraction, &bytes)) > 0)
        if ((extraction->left -= length) < 0)
            return error_set(extraction->error, "the archive has too much data after its end");
    while (length == 0 && !extraction->ended)
        length = read_packed(extraction, &bytes, extraction->error) < 0 ? -1 : 0;
    if (length == 0 && !extraction->found)
        return error_set(extraction->error, "the archive does not contain `%s`",
                         extraction->member);
    return (int)length;
}

int archive_extract(const struct byte_source *source, const char *member, long long limit,
                    int descriptor, struct error *error)
{
    scoped_arena arena = ARENA_INIT;
    struct extraction extraction = {
        .source = source,
        .member = member,
        .left = limit,
        .descriptor = descriptor,
        .error = error,
    };
    const struct byte_source packed = {.read = read_packed, .context = &extraction};
    extraction.gunzip = gunzip_open(&arena, &packed);
    error->message[0] = '\0';
    struct archive *archive = archive_read_new();
    if (archive == NULL)
        return error_set(error, "out of memory");
    int outcome = -1;
    if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
        archive_read_open(archive, &extraction, NULL, read_unpacked, NULL) != ARCHIVE_OK)
        explain(archive, &extraction);
    else
        outcome = take_entries(archive, &extraction);
    archive_read_free(archive);
    return outcome == 0 ? read_rest(&extraction) : -1;
}
