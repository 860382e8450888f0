/*
 * The error annotation of a failed build: on the Dockerfile's line, with the instruction as its
 * title, and what the step printed last.
 */
#ifndef RUN_ANNOTATION_H
#define RUN_ANNOTATION_H

#include "run/attempt.h"
#include "run/failure.h"
#include "run/place.h"
#include "run/step.h"

enum { ANNOTATION_SIZE = 4096 }; /* bytes of a message at most; more is hard to read */

/* Call once for a build whose last attempt failed, or was cancelled. */
void annotate_failure(struct step *step, const struct attempt *attempt,
                      const struct explanation *why, const struct place *place);

#endif
