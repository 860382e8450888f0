/*
 * The depot CLI's releases: how its platforms and files are named, and where they are.
 *
 * A release is looked up at https://dl.depot.dev, or at `DEPOT_DOWNLOAD_URL`, which says at which
 * address an archive of it lies. Beside the archive lies a list of checksums.
 */
#ifndef DEPOT_RELEASE_H
#define DEPOT_RELEASE_H

#include "system/arena.h"
#include "system/digest.h"
#include "system/error.h"
#include "system/http.h"
#include "system/program.h"

#include <stdbool.h>
#include <stddef.h>

/* Names as Node.js has them (process.platform, process.arch): the lookup's and the tool cache's. */
struct platform {
    const char *system;
    const char *architecture;
    const char *program; /* file name of the CLI */
    enum program_machine machine;
};

/* The platform of a runner (GitHub: default environment variables, RUNNER_OS and RUNNER_ARCH; other
 * runners name the architecture as the system does). An empty name or NULL means the one that this
 * program was built for. 0 or -1. */
int platform_find(const char *runner_os, const char *runner_arch, struct platform *platform,
                  struct error *error);

struct release {
    const char *version; /* such as 2.102.12 */
    const char *url;     /* of the archive */
    const char *file;    /* its name, as the list of checksums has it */
    const char *checksums_url;
};

/* `v2.102.12` and `=2.102.12` → `2.102.12`; NULL where `wanted` is `latest`, a range or nonsense.
 * Lives in `arena`. */
char *release_exact_version(struct arena *arena, const char *wanted);

/* What there is to know of a release by the address of its archive. 0, or -1 where that is not of
 * the form …/depot_VERSION_SYSTEM_ARCHITECTURE.tar.gz. Lives in `arena`. */
int release_of_url(struct arena *arena, const char *url, struct release *release,
                   struct error *error);

/* The release that `wanted` means: `latest`, a version, or a range of them as npm writes it. One
 * request. 0 or -1. */
int release_look_up(struct http *http, struct arena *arena, char *const *environment,
                    const struct platform *platform, const char *wanted, struct release *release,
                    struct error *error);

struct release_answer {
    const char *wanted; /* the version asked for */
    const char *asked;  /* the URL that was asked */
    long status;
    const char *body; /* with a NUL behind its `length` bytes */
    size_t length;
};

/* The same out of the lookup's answer. A release's address is one that `asked` may lead to, and its
 * version names no other place in a path. */
int release_read(struct arena *arena, const struct release_answer *answer, struct release *release,
                 struct error *error);

/* The SHA-256 of the release's archive, from its list of checksums. One request. 0 or -1. */
int release_checksum(struct http *http, const struct release *release,
                     unsigned char digest[DIGEST_SIZE], struct error *error);

/* The same out of the list's text, lines of `SHA-256  FILE` (coreutils: sha256sum). 0, or -1 where
 * no line, or more than one digest, is of `file`. */
int release_find_checksum(const char *text, const char *file, unsigned char digest[DIGEST_SIZE]);

/* 64 hexadecimal digits, in any case. 0 or -1. */
int release_parse_digest(const char *text, size_t length, unsigned char digest[DIGEST_SIZE]);

#endif
