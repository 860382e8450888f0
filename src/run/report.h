/*
 * What the step reports about a build that has ended: to people in the job summary (run/summary.h),
 * and to programs in the output `report`. docs/report.md and docs/report.schema.json describe that
 * output.
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
    const char *instruction; /* `RUN npm ci`; NULL if it cannot be shown unchanged */
    const char *stage;
    const char *platform; /* NULL unless the build has several */
    long long ms;
};

struct report_failure {
    const char *message;     /* the builder's own words */
    const char *advice;      /* a sentence of the step's own; any other text is between backticks */
    const char *file;        /* the Dockerfile, as the user knows it */
    int line;                /* from 1; 0: not known */
    struct report_step step; /* the step that failed, without a time */
    int exit_code;           /* the exit code of its process; 0: not known */
    struct string_list lines; /* the last lines that it printed */
};

struct report_image {
    struct string_list names;
    const char *digest;
    const char *id;
    struct string_list platforms;
    struct string_list attestations; /* `provenance`, `sbom` */
    long long size;                  /* bytes in the layers of all platforms; 0: not known */
};

enum { REPORT_SLOWEST = 5 };

/* Plain data. A string that is not known is NULL, and a time is 0. Texts that are not the step's
 * own are already redacted. */
struct report {
    enum report_result result;
    const char *builder;  /* NULL if none was chosen */
    const char *reason;   /* why this builder; written in the same way as `advice` */
    const char *fallback; /* why Depot did not build; NULL if docker did not take its place */
    long long started;    /* s since 1970 */
    long long ms;         /* of the whole step */
    long long build_ms;   /* of the builder's last try */
    long long machine_ms; /* the part of `build_ms` that was spent waiting for a machine */
    int tries;            /* with the last builder; 0: it was never started */

    /* In the last try. Only instructions count, once for each platform. */
    size_t steps;
    size_t cached;
    struct report_step slowest[REPORT_SLOWEST]; /* the slowest first */
    size_t slowest_count;

    struct report_failure failure; /* set unless the result is REPORT_SUCCESS */
    struct report_image image;     /* set if the result is REPORT_SUCCESS */

    const char *build_id;
    const char *project_id;
    const char *url; /* of the build at Depot */

    /* For the summary only. */
    struct string_list inputs; /* `name: value`, one a line */
    struct string_list checks; /* those that did not fit as annotations, one a line */
};

enum { REPORT_LIMIT = 16 * 1024 }; /* bytes */

/* The JSON on one line, at most REPORT_LIMIT bytes. If it is larger, the slowest steps are left
 * out, then texts, one kind after another, and `truncated` is true. Lives in `arena`. */
const char *report_json(struct arena *arena, const struct report *report);

/* The word for it in the report, such as `success`. */
const char *report_result_name(enum report_result result);

#endif
