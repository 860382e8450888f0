#include "fuzz.h"

#include "system/archive.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The first byte says how to read the rest: if it is even, as a whole archive; otherwise as the tar
 * inside one, so that mutations get past gzip. The headers' checksums are then corrected, so that
 * mutations get past those too.
 */

enum {
    BLOCK = 512, /* of a tar (POSIX: pax, ustar Interchange Format) */
    SIZE_AT = 124,
    SIZE_LENGTH = 12,
    SUM_AT = 148,
    SUM_LENGTH = 8,
    STORED = 0xffff, /* bytes of a stored block, at most (RFC 1951, 3.2.4) */
};

static const long long LIMIT = 16 * 1024;

struct bytes {
    const char *at;
    size_t left;
    size_t block;
};

static ssize_t take(void *context, const char **bytes, struct error *error)
{
    struct bytes *source = context;
    (void)error;
    const size_t length = source->left < source->block ? source->left : source->block;
    *bytes = source->at;
    source->at += length;
    source->left -= length;
    return (ssize_t)length;
}

static void put_sums_right(char *tar, size_t length)
{
    for (size_t at = 0; length - at >= BLOCK;) {
        unsigned sum = 0;
        char size[SIZE_LENGTH + 1] = {0};
        memset(tar + at + SUM_AT, ' ', SUM_LENGTH);
        for (size_t i = 0; i < BLOCK; i++)
            sum += (unsigned char)tar[at + i];
        /* An empty block ends the archive. */
        if (sum == SUM_LENGTH * ' ')
            memset(tar + at + SUM_AT, 0, SUM_LENGTH);
        else
            snprintf(tar + at + SUM_AT, SUM_LENGTH, "%06o", sum);
        memcpy(size, tar + at + SIZE_AT, SIZE_LENGTH);
        const size_t content = strtoul(size, NULL, 8) % (1024 * 1024);
        const size_t next = BLOCK + (content + BLOCK - 1) / BLOCK * BLOCK;
        at = next < length - at ? at + next : length;
    }
}

/* A gzip (RFC 1952) of stored blocks. */
static struct bytes pack(struct arena *arena, const char *content, size_t length)
{
    static const char header[10] = {0x1f, (char)0x8b, 8};
    char *packed = arena_allocate(arena, length + length / STORED * 5 + 64);
    char *end = packed;
    memcpy(end, header, sizeof(header));
    end += sizeof(header);
    for (bool last = false; !last;) {
        const size_t part = length < STORED ? length : STORED;
        last = part == length;
        const unsigned char mark[5] = {last, part & 0xff, (unsigned char)(part >> 8), ~part & 0xff,
                                       (unsigned char)(~part >> 8)};
        memcpy(end, mark, sizeof(mark));
        memcpy(end + sizeof(mark), content, part);
        end += sizeof(mark) + part;
        content += part;
        length -= part;
    }
    return (struct bytes){.at = packed, .left = (size_t)(end - packed) + 8};
}

struct outcome {
    int result;
    long long size;
    char *program;
};

static struct outcome extract(struct arena *arena, struct bytes bytes, size_t block)
{
    static int file = -1;
    if (file < 0)
        file = memfd_create("program", MFD_CLOEXEC);
    fuzz_assert(file >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
    bytes.block = block;
    const struct byte_source source = {.read = take, .context = &bytes};
    struct error error = ERROR_INIT;
    struct outcome outcome = {.result = archive_extract(&source, "bin/depot", LIMIT, file, &error)};
    struct stat status;
    fuzz_assert(fstat(file, &status) == 0 && status.st_size <= LIMIT);
    fuzz_assert(outcome.result == 0 ? error.message[0] == '\0' : fuzz_tells(&error));
    fuzz_assert(outcome.result != 0 || bytes.left == 0);
    outcome.size = status.st_size;
    outcome.program = arena_allocate(arena, (size_t)outcome.size + 1);
    fuzz_assert(pread(file, outcome.program, (size_t)outcome.size, 0) == outcome.size);
    return outcome;
}

/* The result does not depend on how the archive is split into pieces. */
void fuzz_text(struct arena *arena, const char *text, size_t length)
{
    if (length == 0)
        return;
    struct bytes bytes = {.at = text + 1, .left = length - 1};
    if (text[0] % 2 != 0) {
        char *tar = arena_copy_bytes(arena, text + 1, length - 1);
        put_sums_right(tar, length - 1);
        bytes = pack(arena, tar, length - 1);
    }
    const struct outcome whole = extract(arena, bytes, bytes.left + 1);
    const struct outcome pieces = extract(arena, bytes, 1 + (unsigned char)text[0]);
    fuzz_assert(whole.result == pieces.result);
    fuzz_assert(whole.result != 0 ||
                (whole.size == pieces.size &&
                 memcmp(whole.program, pieces.program, (size_t)whole.size) == 0));
}
