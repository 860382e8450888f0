/*
 * What a reader of progress knows, for its two halves: progress.c reads and answers.c answers.
 * Everything else uses buildkit/progress.h.
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
    FAILURES = 16,          /* how many steps' errors are kept */
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
    bool has_text;     /* the current line has text */
    bool after_blank;  /* the line before was empty */
    bool taken;        /* the current line belongs to a step, so that its other parts do, too */
    unsigned taken_by; /* the step whose output it is, or NOBODY */
    struct build_step *shown; /* the step of the last line; NULL: none, or no room for it */
    bool added;               /* the newest line of output was not blank */
    enum frame frame;         /* where a failed step is shown again */
    bool in_source;           /* within docker's block of the Dockerfile's lines */
    struct words *goes_on;    /* the error that the next line may continue; NULL: none */

    /* The part of the portion being read that is examined only after the lines that follow it are
     * known. */
    struct slice last;            /* the last line */
    struct slice own;             /* the last of the CLI's own lines */
    struct slice run[LINES_EACH]; /* the last lines that one step printed in a row */
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
    int warnings_counted; /* as counted by the builder itself; -1: it did not */
    struct build_source source;
    struct build_source place; /* this may turn out to be the source */
    struct words error;
    struct failure failures[FAILURES];
    size_t failure_count;
    size_t step_count;
    size_t beyond; /* how many steps there is no room for; their highest number: */
    unsigned last_beyond;
    uint16_t slots[SLOTS]; /* a step's place plus 1, found by its number; 0: free */
    struct build_step steps[PROGRESS_STEPS];
    struct lines lines;
};

#endif
