/*
 * What a build left behind, shown in the log as the peers show it, and given to later steps.
 */
#ifndef RUN_PUBLICATION_H
#define RUN_PUBLICATION_H

#include "run/report.h"
#include "run/results.h"
#include "run/step.h"
#include "system/error.h"

/* 0, or -1 with an error if the outputs cannot be written. */
int publish(struct step *step, const struct results *results, const struct report *report,
            struct error *error);

/* The report alone, of a step that ended before a builder was started. */
void publish_nothing(struct step *step, const struct report *report);

/* Shows the build in the job summary, unless DOCKER_BUILD_SUMMARY says no, something else than
 * `build` was called, or no builder was started. */
void publish_summary(struct step *step, const struct report *report);

#endif
