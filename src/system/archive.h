/*
 * One program out of a .tar.gz, unpacked while it comes.
 *
 * The archive is hostile until its digest is known, which is after its last byte: the caller gives
 * a file that nobody else uses yet. Refused are names that lead elsewhere (`../x`, `/x`), links,
 * devices and whatever else is neither file nor directory, and more than may be unpacked, counting
 * what is passed over too. Damage is seen only where it shows in the archive's structure: that no
 * byte is another is what the digest is for.
 */
#ifndef SYSTEM_ARCHIVE_H
#define SYSTEM_ARCHIVE_H

#include "system/byte_source.h"

enum { ARCHIVE_ENTRIES = 1000 };

/*
 * Writes the regular file `member` of the archive to `descriptor`. Reads the source to its end,
 * also behind the archive's. 0, or -1 with the source's error, or one that says what is wrong with
 * the archive: not there, there twice, larger than `limit` bytes with all the rest, damaged.
 */
int archive_extract(const struct byte_source *source, const char *member, long long limit,
                    int descriptor, struct error *error);

#endif
