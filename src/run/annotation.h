/*
 * The error annotation of a failed build: on the line of the Dockerfile, with the instruction as
 * its title, and with the last lines that the instruction printed.
 */
#ifndef RUN_ANNOTATION_H
#define RUN_ANNOTATION_H

#include "run/attempt.h"
#include "run/failure.h"
#include "run/place.h"
#include "run/step.h"

enum { ANNOTATION_SIZE = 4096 }; /* bytes in a message; more is hard to read */

/* Call it once for a build whose last attempt failed or was cancelled. */
void annotate_failure(struct step *step, const struct attempt *attempt,
                      const struct explanation *why, const struct place *place);

#endif
