/*
 * The event that started the workflow: what the payload says about forks and privacy (GitHub:
 * webhook events and payloads: pull_request, pull_request_review, pull_request_review_comment).
 */
#ifndef GITHUB_EVENT_H
#define GITHUB_EVENT_H

#include "system/arena.h"
#include "system/error.h"

#include <stdbool.h>
#include <stddef.h>

struct event {
    bool fork; /* a pull request whose head is in another repository, or no longer exists */
    bool private_repository; /* the workflow's repository is private */
    const char *repository;  /* the workflow's, owner/name; NULL: unknown */
    const char *head_sha;    /* of a pull request; NULL for other events */
};

/* Reads the payload of `name`, the event's name. A NUL follows its `length` bytes. Strings live in
 * `arena`. 0, or -1 with an error if it is not JSON. */
int event_parse(struct arena *arena, const char *name, const char *payload, size_t length,
                struct event *event, struct error *error);

/* The event of this job, from GITHUB_EVENT_NAME and GITHUB_EVENT_PATH. 0, or -1 with an error and
 * the event that is safe to assume: a push to a private repository. Self-hosted runners on
 * Kubernetes may not have a payload (actions/runner-container-hooks 286). */
int event_read(struct arena *arena, char *const *environment, struct event *event,
               struct error *error);

#endif
