/*
 * The job summary: a build at a glance, in Markdown (GitHub: adding a job summary).
 */
#ifndef RUN_SUMMARY_H
#define RUN_SUMMARY_H

#include "run/report.h"
#include "system/arena.h"

enum { SUMMARY_LIMIT = 64 * 1024 }; /* bytes; each part has its share */

/* For a build whose builder was started. At most SUMMARY_LIMIT bytes; lives in `arena`. */
const char *summary_format(struct arena *arena, const struct report *report);

#endif
