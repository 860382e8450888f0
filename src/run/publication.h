/*
 * What a build left behind, shown in the log as the peers show it, and given to later steps.
 */
#ifndef RUN_PUBLICATION_H
#define RUN_PUBLICATION_H

#include "plan/plan.h"
#include "run/step.h"
#include "system/error.h"

/* 0, or -1 with an error where the outputs cannot be written. */
int publish(struct step *step, const struct plan *plan, struct error *error);

#endif
