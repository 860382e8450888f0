/*
 * Unpacks one program from a .tar.gz while the archive is being read.
 *
 * The archive is treated as hostile until its digest is known, which is after its last byte. So the
 * caller passes a file that nobody else uses yet. These are refused: paths that point outside the
 * archive (`../x`, `/x`), links, devices and anything else that is neither a file nor a directory,
 * and more data than the limit, including data that is skipped. Damage is detected only if it
 * breaks the archive's structure. The digest detects a changed byte.
 */
#ifndef SYSTEM_ARCHIVE_H
#define SYSTEM_ARCHIVE_H

#include "system/byte_source.h"

enum { ARCHIVE_ENTRIES = 1000 };

/*
 * Writes the regular file `member` of the archive to `descriptor`. Reads the source to its end,
 * past the end of the archive. Returns 0, or -1 with the source's error or one that says what is
 * wrong with the archive: the member is missing or there twice, all files together are larger than
 * `limit` bytes, or the archive is damaged.
 */
int archive_extract(const struct byte_source *source, const char *member, long long limit,
                    int descriptor, struct error *error);

#endif
