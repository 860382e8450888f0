/*
 * What is known before a build, besides the inputs: everything that the plan depends on.
 */
#ifndef PLAN_FACTS_H
#define PLAN_FACTS_H

#include "plan/capabilities.h"

#include <stdbool.h>

/* Where the Depot token comes from, in the order in which the sources are asked. */
enum token_source {
    TOKEN_INPUT,       /* the input `token` */
    TOKEN_ENVIRONMENT, /* DEPOT_TOKEN */
    TOKEN_OIDC,        /* the job's OIDC token, exchanged */
    TOKEN_CHALLENGE,   /* the open-source challenge, for a fork of a public repository */
    TOKEN_NONE,
};

/* The software that runs the workflow. They differ in how a job gets an identity. */
enum forge { FORGE_GITHUB, FORGE_FORGEJO, FORGE_GITEA };

/* Strings are NULL if the runner gives none. */
struct facts {
    /* The run (GitHub: default environment variables). */
    enum forge forge;
    const char *server_url; /* without a slash at its end */
    const char *event;      /* its name */
    const char *actor;      /* who started the run */
    const char *repository; /* owner/name */
    const char *ref;
    const char *sha;
    const char *run_id;
    const char *run_attempt;

    /* The event's payload. */
    bool fork;               /* of a pull request from another repository */
    bool private_repository; /* of the repository that the job runs for */
    const char *head_sha;    /* of the pull request */

    /* Settings by environment variable. */
    const char *project_variable; /* DEPOT_PROJECT_ID */
    bool pull_request_head;       /* DOCKER_DEFAULT_GIT_CONTEXT_PR_HEAD_REF */
    bool no_default_attestations; /* BUILDX_NO_DEFAULT_ATTESTATIONS */
    bool metadata_provenance;     /* BUILDX_METADATA_PROVENANCE is set */
    bool check_annotations;       /* unless DOCKER_BUILD_CHECKS_ANNOTATIONS says no */
    bool summary;                 /* unless DOCKER_BUILD_SUMMARY says no */
    bool actions_cache;           /* the runner's cache service can be used: type=gha works */

    enum token_source token_source;
    bool challenge_failed; /* the open-source challenge was tried and gave no token */
    bool identity_refused; /* the job's OIDC identity yielded no token */
    const char *token; /* in the vault; NULL for TOKEN_NONE, and for TOKEN_OIDC until exchanged */

    /* What the local docker can build with, if it may have to build. */
    struct capabilities docker;

    /* Why no Depot builder was available; NULL unless Depot has failed. */
    const char *depot_failure;

    /* The folder for the files of the run; absolute, and need not exist yet. */
    const char *private_directory;

    /* Whether a path exists. A function, because the inputs decide which paths are asked about. */
    bool (*file_exists)(const char *path);
};

#endif
