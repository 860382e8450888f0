/*
 * Provenance and SBOM attestations (docker/build-push-action: provenance, sbom, attests).
 */
#ifndef PLAN_ATTESTATIONS_H
#define PLAN_ATTESTATIONS_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

struct attestations {
    const char *provenance;    /* the value of `--provenance`; NULL for none */
    const char *sbom;          /* the value of `--sbom`; NULL for none */
    struct string_list others; /* values of `--attest` */
};

/* 0, or -1 with an error that names the input. Everything lives in `arena`. */
int attestations_decide(struct arena *arena, const struct inputs *inputs, const struct facts *facts,
                        struct attestations *attestations, struct error *error);

/* The value of docker's `--attest` for attributes as `--provenance` or `--sbom` takes them. */
char *attestation_of(struct arena *arena, const char *type, const char *attributes);

/* Whether an output (an item of `outputs`) is of this exporter; one without `type=` is local. */
bool output_is(struct arena *arena, const char *output, const char *exporter);
bool outputs_have(struct arena *arena, const struct string_list *outputs, const char *exporter);

/* Whether one of them goes to a registry. */
bool outputs_push(struct arena *arena, const struct string_list *outputs);

#endif
