/*
 * The releases of the depot CLI: the names of platforms and files, and where the files are.
 *
 * A release is looked up at https://dl.depot.dev, or at `DEPOT_DOWNLOAD_URL`. The answer is the
 * address of the archive. A list of checksums is in the same place as the archive.
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

/* Names as in Node.js (process.platform, process.arch), for the lookup and the tool cache. */
struct platform {
    const char *system;
    const char *architecture;
    const char *program; /* file name of the CLI */
    enum program_machine machine;
};

/* The platform of a runner (GitHub: default environment variables, RUNNER_OS and RUNNER_ARCH; other
 * runners use the system's name of the architecture). An empty name or NULL means the platform that
 * this program was built for. 0 or -1. */
int platform_find(const char *runner_os, const char *runner_arch, struct platform *platform,
                  struct error *error);

struct release {
    const char *version; /* such as 2.102.12 */
    const char *url;     /* of the archive */
    const char *file;    /* its name in the list of checksums */
    const char *checksums_url;
};

/* `v2.102.12` and `=2.102.12` → `2.102.12`; NULL if `wanted` is `latest`, a range or invalid.
 * Lives in `arena`. */
char *release_exact_version(struct arena *arena, const char *wanted);

/* Derives a release from the address of its archive. 0, or -1 if the address does not have the form
 * …/depot_VERSION_SYSTEM_ARCHITECTURE.tar.gz. Lives in `arena`. */
int release_of_url(struct arena *arena, const char *url, struct release *release,
                   struct error *error);

/* Looks up the release for `wanted`: `latest`, a version, or a range as npm writes it. One request.
 * 0 or -1. */
int release_look_up(struct http *http, struct arena *arena, char *const *environment,
                    const struct platform *platform, const char *wanted, struct release *release,
                    struct error *error);

struct release_answer {
    const char *wanted; /* the requested version */
    const char *asked;  /* the URL of the request */
    long status;
    const char *body; /* with a NUL after its `length` bytes */
    size_t length;
};

/* The same from the lookup's answer. The release's address is one that `asked` may lead to, and its
 * version cannot change the meaning of a path. */
int release_read(struct arena *arena, const struct release_answer *answer, struct release *release,
                 struct error *error);

/* The SHA-256 of the release's archive, from its list of checksums. One request. 0 or -1. */
int release_checksum(struct http *http, const struct release *release,
                     unsigned char digest[DIGEST_SIZE], struct error *error);

/* The same from the list's text, lines of `SHA-256  FILE` (coreutils: sha256sum). 0, or -1 if it
 * has no digest, or more than one, for `file`. */
int release_find_checksum(const char *text, const char *file, unsigned char digest[DIGEST_SIZE]);

/* 64 hexadecimal digits, in any case. 0 or -1. */
int release_parse_digest(const char *text, size_t length, unsigned char digest[DIGEST_SIZE]);

#endif
