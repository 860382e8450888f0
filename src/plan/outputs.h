/*
 * Where the result of a build goes: what the records of `outputs` say (BuildKit: exporters).
 */
#ifndef PLAN_OUTPUTS_H
#define PLAN_OUTPUTS_H

#include "plan/record.h"

/* Whether an output, or one of them, uses this exporter; one without `type=` is local. */
bool output_is(const struct record *output, const char *exporter);
bool outputs_have(const struct records *outputs, const char *exporter);

/* Whether one of them goes to a registry. */
bool outputs_push(const struct records *outputs);

#endif
