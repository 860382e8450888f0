/*
 * What a reader of progress knows, for its two halves: progress.c reads, answers.c tells. All
 * others use buildkit/progress.h.
 */
#ifndef BUILDKIT_PROGRESS_STATE_H
#define BUILDKIT_PROGRESS_STATE_H

#include "buildkit/lines.h"
#include "buildkit/portion.h"
#include "buildkit/progress.h"
#include "buildkit/words.h"

#include <stdint.h>

enum {
    SLOT_BITS = 10,
    SLOTS = 1 << SLOT_BITS, /* more than twice the steps */
    FAILURES = 16,          /* steps of which the error is kept */
    NOBODY = LINES_OWNERS,
};

struct failure {
    struct build_step *step;
    struct words words;
};

struct slice {
    const char *text;
    size_t length;
};

enum frame { OUTSIDE, OPENED, INSIDE };

struct progress {
    struct portions portions;

    /* Where the reader is. */
    bool has_text;     /* the current line has */
    bool after_blank;  /* the line before it was empty */
    bool taken;        /* the current line belongs to a step, so that its other parts do, too */
    unsigned taken_by; /* the step whose output it is, or NOBODY */
    struct build_step *shown; /* the last that a line was of; NULL: none that there is room for */
    bool added;               /* the newest line of output was not blank */
    enum frame frame;         /* where a failed step is shown again */
    bool in_source;           /* within docker's block of the Dockerfile's lines */
    struct words *goes_on;    /* what the next line may belong to; NULL: nothing */

    /* Of the portion that is being read: what is looked at only when its successors are known. */
    struct slice last;            /* the last line */
    struct slice own;             /* the last of the CLI's own */
    struct slice run[LINES_EACH]; /* the last lines that a step printed one after the other */
    size_t run_count;
    struct build_step *run_step;

    /* What is known. */
    char text[SEGMENT_SIZE]; /* the current line as a terminal shows it */
    char last_text[SEGMENT_SIZE];
    char own_text[SEGMENT_SIZE];
    char verdict[PROGRESS_NAME_SIZE];
    char build_url[PROGRESS_NAME_SIZE];
    bool began;
    int warnings;
    int warnings_counted; /* by the builder itself; -1: not */
    struct build_source source;
    struct build_source place; /* which may turn out to be the source */
    struct words error;
    struct failure failures[FAILURES];
    size_t failure_count;
    size_t step_count;
    size_t beyond; /* how many steps there is no room for, of which the highest number is */
    unsigned last_beyond;
    uint16_t slots[SLOTS]; /* from a step's number to its place and 1; 0: free */
    struct build_step steps[PROGRESS_STEPS];
    struct lines lines;
};

#endif
