/*
 * What is told of a build that has ended: to people in the job summary (run/summary.h), to machines
 * in the output `report`. docs/report.md describes the latter, docs/report.schema.json exactly.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "system/arena.h"
#include "system/string_list.h"

#include <stddef.h>

enum report_result {
    REPORT_SUCCESS,
    REPORT_FAILURE,
    REPORT_CANCELLED,
    REPORT_ERROR, /* no builder was ever started */
};

struct report_step {
    const char *instruction; /* `RUN npm ci`; NULL if it cannot be shown as it came */
    const char *stage;
    const char *platform; /* NULL unless the build has several */
    long long ms;
};

struct report_failure {
    const char *message;      /* the builder's own words */
    const char *advice;       /* a sentence of ours, with other text between backticks */
    const char *file;         /* the Dockerfile, as the user knows it */
    int line;                 /* from 1; 0: not known */
    struct report_step step;  /* that failed, without a time */
    int exit_code;            /* that its process ended with; 0: not known */
    struct string_list lines; /* the last that it printed */
};

struct report_image {
    struct string_list names;
    const char *digest;
    const char *id;
    struct string_list platforms;
    struct string_list attestations; /* `provenance`, `sbom` */
    long long size;                  /* bytes of the layers, of all platforms; 0: not known */
};

enum { REPORT_SLOWEST = 5 };

/* Plain data. Strings are NULL, and times 0, if they are not known. Texts that are not ours are
 * redacted already. */
struct report {
    enum report_result result;
    const char *builder;  /* NULL if it was not decided */
    const char *reason;   /* why this builder; written as an advice is */
    const char *fallback; /* why Depot did not build; NULL if docker did not take its place */
    long long started;    /* s since 1970 */
    long long ms;         /* of the whole step */
    long long build_ms;   /* of the builder's last try */
    long long machine_ms; /* of it, the wait for a machine */
    int tries;            /* of the last builder; 0: it was never started */

    /* Of the last try; instructions only, each platform's counted. */
    size_t steps;
    size_t cached;
    struct report_step slowest[REPORT_SLOWEST]; /* the slowest first */
    size_t slowest_count;

    struct report_failure failure; /* unless it is a REPORT_SUCCESS */
    struct report_image image;     /* of a REPORT_SUCCESS */

    const char *build_id;
    const char *project_id;
    const char *url; /* of the build at Depot */

    /* For the summary only. */
    struct string_list inputs; /* `name: value` a line */
    struct string_list checks; /* that did not fit as annotations, a line each */
};

enum { REPORT_LIMIT = 16 * 1024 }; /* bytes */

/* The JSON on one line, at most REPORT_LIMIT bytes: if it would be more, the slowest steps are left
 * out, then texts, one kind after the other, and `truncated` is true. Lives in `arena`. */
const char *report_json(struct arena *arena, const struct report *report);

/* The word for it in the report: `success`. */
const char *report_result_name(enum report_result result);

#endif
