/*
 * Shows the results of a build in the log, as similar actions do, and gives them to later steps.
 */
#ifndef RUN_PUBLICATION_H
#define RUN_PUBLICATION_H

#include "run/report.h"
#include "run/results.h"
#include "run/step.h"
#include "system/error.h"

/* Publishes the results, and adds to the report the checks that did not fit as annotations. Returns
 * 0, or -1 with an error if the outputs cannot be written. */
int publish(struct step *step, const struct results *results, struct report *report,
            struct error *error);

/* Publishes only the report, for a step that ended before a builder was started. */
void publish_nothing(struct step *step, const struct report *report);

/* Shows the build in the job summary, unless DOCKER_BUILD_SUMMARY is false, `call` is not `build`,
 * or no builder was started. */
void publish_summary(struct step *step, const struct report *report);

#endif
