/*
 * Whether a build that failed may succeed if it is tried again: one table of what builders say.
 *
 * A symptom of a lasting cause wins over any other, and what is not known is not transient: a build
 * that cannot succeed is not to be made twice.
 */
#ifndef BUILDKIT_TRANSIENT_H
#define BUILDKIT_TRANSIENT_H

#include <stdbool.h>
#include <stddef.h>

struct symptom {
    const char *words;  /* in the evidence, in upper or lower case; NULL: `is_it` tells */
    const char *unless; /* words that make it no symptom; NULL: none do */
    const char *cause;  /* `the connection was lost`; NULL: the cause is lasting */
    const char *source; /* whose words they are */
    bool (*is_it)(const char *evidence);
};

/*
 * What is transient in `evidence` (progress_evidence()); NULL if nothing is, or something lasting.
 * Give it what the builder says, and nothing that a step printed.
 */
const struct symptom *transient_symptom(const char *evidence);

/* All symptoms, for tests and docs: the lasting ones first. */
extern const struct symptom SYMPTOMS[];
extern const size_t SYMPTOM_COUNT;

#endif
