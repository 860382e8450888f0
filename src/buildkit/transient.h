/*
 * Whether a failed build may succeed if it is tried again: one table of what builders say.
 *
 * A symptom of a lasting cause wins over any other, and what is unknown is not transient: a build
 * that cannot succeed must not run twice.
 */
#ifndef BUILDKIT_TRANSIENT_H
#define BUILDKIT_TRANSIENT_H

#include <stdbool.h>
#include <stddef.h>

struct symptom {
    const char *words;  /* text in the evidence, in upper or lower case; NULL: `is_it` decides */
    const char *unless; /* words that rule the symptom out; NULL: none */
    const char *cause;  /* `the connection was lost`; NULL: the cause is lasting */
    const char *source; /* who uses these words */
    bool (*is_it)(const char *evidence);
};

/*
 * What is transient in `evidence` (progress_evidence()); NULL if nothing is, or if something is
 * lasting. Pass only what the builder says, nothing that a step printed.
 */
const struct symptom *transient_symptom(const char *evidence);

/* All symptoms, for tests and docs: the lasting ones first. */
extern const struct symptom SYMPTOMS[];
extern const size_t SYMPTOM_COUNT;

#endif
