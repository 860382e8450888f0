#include "plan/source.h"

#include "plan/example.h"
#include "unit.h"

static const struct context_row {
    const char *name;
    const char *server;
    const char *repository;
    const char *sha;
    const char *ref;
    const char *head_sha;
    bool pull_request_head;
    const char *context;
} CONTEXTS[] = {
    {"the commit", "https://github.com", "octo/app", "abc", "refs/heads/main", NULL, false,
     "https://github.com/octo/app.git#abc"},
    {"the commit of a tag", "https://github.com", "octo/app", "abc", "refs/tags/v1", NULL, false,
     "https://github.com/octo/app.git#abc"},
    {"the commit of a pull request", "https://github.com", "octo/app", "abc", "refs/pull/7/merge",
     "def", false, "https://github.com/octo/app.git#abc"},
    {"of another server", "https://git.example:8443", "octo/app", "abc", "refs/heads/main", NULL,
     false, "https://git.example:8443/octo/app.git#abc"},
    {"the ref without a commit", "https://github.com", "octo/app", NULL, "refs/tags/v1", NULL,
     false, "https://github.com/octo/app.git#refs/tags/v1"},
    {"a bare branch without a commit", "https://github.com", "octo/app", NULL, "main", NULL, false,
     "https://github.com/octo/app.git#refs/heads/main"},
    {"a bare branch with slashes", "https://github.com", "octo/app", NULL, "feature/refs", NULL,
     false, "https://github.com/octo/app.git#refs/heads/feature/refs"},
    {"neither commit nor ref", "https://github.com", "octo/app", NULL, NULL, NULL, false,
     "https://github.com/octo/app.git"},
    {"a pull request's head with its commit", "https://github.com", "octo/app", "abc",
     "refs/pull/7/merge", "def", true, "https://github.com/octo/app.git#def"},
    {"a pull request's head without its commit", "https://github.com", "octo/app", "abc",
     "refs/pull/7/merge", NULL, true, "https://github.com/octo/app.git#refs/pull/7/head"},
    {"a pull request's ref that is its head", "https://github.com", "octo/app", "abc",
     "refs/pull/7/head", NULL, true, "https://github.com/octo/app.git#refs/pull/7/head"},
    {"the head asked for on a push", "https://github.com", "octo/app", "abc", "refs/heads/main",
     NULL, true, "https://github.com/octo/app.git#abc"},
    {"the head asked for without a ref", "https://github.com", "octo/app", "abc", NULL, NULL, true,
     "https://github.com/octo/app.git#abc"},
    {"no repository", "https://github.com", NULL, "abc", "refs/heads/main", NULL, false, NULL},
    {"no server", NULL, "octo/app", "abc", "refs/heads/main", NULL, false, NULL},
};

TEST(the_git_context_is)
{
    const struct context_row *row = *state;
    struct facts facts = example_facts();
    facts.server_url = row->server;
    facts.repository = row->repository;
    facts.sha = row->sha;
    facts.ref = row->ref;
    facts.head_sha = row->head_sha;
    facts.pull_request_head = row->pull_request_head;
    assert_text(source_git_context(&arena, &facts), row->context);
}

static const struct expand_row {
    const char *name;
    const char *text;
    const char *git_context;
    const char *expanded;
} EXPANSIONS[] = {
    {"alone", "{{defaultContext}}", "URL", "URL"},
    {"with a subdirectory", "{{defaultContext}}:sub/dir", "URL", "URL:sub/dir"},
    {"after a name", "base={{defaultContext}}:base", "URL", "base=URL:base"},
    {"with spaces", "{{ defaultContext }}:sub", "URL", "URL:sub"},
    {"with more blanks", "{{ \t defaultContext\t}}", "URL", "URL"},
    {"several", "{{defaultContext}}:a {{ defaultContext }}:b{{defaultContext}}", "URL",
     "URL:a URL:bURL"},
    {"none", "./app", "URL", "./app"},
    {"nothing", "", "URL", ""},
    {"another name", "{{other}}", "URL", "{{other}}"},
    {"a longer name", "{{defaultContexts}}", "URL", "{{defaultContexts}}"},
    {"another case", "{{defaultcontext}}", "URL", "{{defaultcontext}}"},
    {"open at its end", "{{defaultContext}", "URL", "{{defaultContext}"},
    {"only braces", "{{", "URL", "{{"},
    {"braces before it", "{{ {{defaultContext}}", "URL", "{{ URL"},
    {"an address that looks like one", "{{defaultContext}}", "{{defaultContext}}",
     "{{defaultContext}}"},
    {"without a Git context", "{{defaultContext}}:sub", NULL, "{{defaultContext}}:sub"},
};

TEST(replaces_the_default_context)
{
    const struct expand_row *row = *state;
    assert_text(source_expand(&arena, row->text, row->git_context), row->expanded);
}

static const struct host_row {
    const char *name;
    const char *host;
} HOSTS[] = {
    {"https://github.com", "github.com"},
    {"https://github.com/", "github.com"},
    {"https://github.com/octo/app.git#abc", "github.com"},
    {"https://git.example:8443/octo", "git.example:8443"},
    {"https://user:password@git.example/octo", "git.example"},
    {"https://git.example?at=@other.example", "git.example"},
    {"https://git.example/@other.example", "git.example"},
    {"http://[::1]:3000/octo", "[::1]:3000"},
    {"github.com", ""},
    {"", ""},
};

TEST(gives_the_host_of_a_url)
{
    const struct host_row *row = *state;
    assert_text(source_host(&arena, row->name), row->host);
}

static const struct kind_row {
    const char *name;
    const char *context;
    bool is_default;
    bool is_remote;
} KINDS[] = {
    {"none", NULL, true, false},
    {"the default one", "{{defaultContext}}", true, false},
    {"the default one, with blanks", "{{ defaultContext }}", true, false},
    {"a folder of the default one", "{{defaultContext}}:app", true, false},
    {"another branch of the default one", "{{defaultContext}}#main", false, false},
    {"what only begins so", "{{defaultContexts}}", false, false},
    {"a folder", "app", false, false},
    {"here", ".", false, false},
    {"a URL", "https://example.com/a.git#main", false, true},
    {"a repository by SSH", "git@example.com:a/b.git", false, true},
    {"a repository by SSH, as a URL", "ssh://git@example.com/a/b.git", false, true},
    {"a repository of GitHub", "github.com/a/b", false, true},
    {"a folder that is named like it", "github.community/a", false, false},
};

TEST(knows_the_kind_of)
{
    const struct kind_row *row = *state;
    assert_int_equal(source_is_default(row->context), row->is_default);
    if (row->context != NULL)
        assert_int_equal(source_is_remote(row->context), row->is_remote);
}

int main(void)
{
    UNIT_ROWS(the_git_context_is, CONTEXTS);
    UNIT_ROWS(replaces_the_default_context, EXPANSIONS);
    UNIT_ROWS(gives_the_host_of_a_url, HOSTS);
    UNIT_ROWS(knows_the_kind_of, KINDS);
    return unit_run("plan/source");
}
