/*
 * Provenance and SBOM attestations (docker/build-push-action: provenance, sbom, attests).
 */
#ifndef PLAN_ATTESTATIONS_H
#define PLAN_ATTESTATIONS_H

#include "plan/facts.h"
#include "plan/inputs.h"
#include "plan/record.h"
#include "system/arena.h"
#include "system/error.h"
#include "system/string_list.h"

/* In the records, a bare bool is written as the `disabled=` that it stands for. */
struct attestations {
    struct record provenance;   /* no fields: there is none */
    bool provenance_by_default; /* added by default: nobody asked for it */
    struct record sbom;
    struct records others; /* of `attests`, each with its `type=` */
};

/* 0, or -1 with an error that names the input. Everything lives in `arena`. */
int attestations_decide(struct arena *arena, const struct inputs *inputs,
                        const struct records *outputs, const struct facts *facts,
                        struct attestations *attestations, struct error *error);

/* Leaves out what nobody asked for. */
void attestations_drop_default(struct attestations *attestations);

/* Whether it asks for one. */
bool attestation_is_wanted(const struct record *record);

/* Adds the names of the inputs that ask for one. */
void attestations_name(struct arena *arena, const struct attestations *attestations,
                       struct string_list *names);

/* The value of depot's `--provenance` or `--sbom`. */
char *attestation_value(struct arena *arena, const struct record *record);

/* The value of docker's `--attest` for one of this type. */
char *attestation_of(struct arena *arena, const char *type, const struct record *record);

#endif
