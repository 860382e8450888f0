#include "plan/plan.h"

#include "plan/example.h"
#include "unit.h"

static int make(struct plan *plan, struct facts *facts, const char *const *settings,
                struct error *error)
{
    static struct inputs inputs;
    inputs = example_inputs(settings);
    return plan_make(&arena, &inputs, facts, plan, error);
}

static const struct default_row {
    const char *name;
    bool private_repository;
    bool fork;
    const char *flags;
} DEFAULTS[] = {
    {"depot, public", false, false, "--provenance|mode=max," EXAMPLE_BUILDER_ID},
    {"depot, private", true, false, "--provenance|mode=min,inline-only=true," EXAMPLE_BUILDER_ID},
    {"docker, public", false, true, "--attest|type=provenance,mode=max," EXAMPLE_BUILDER_ID},
    {"docker, private", true, true,
     "--attest|type=provenance,mode=min,inline-only=true," EXAMPLE_BUILDER_ID},
};

TEST(attests_provenance_by_default)
{
    const struct default_row *row = *state;
    struct facts facts = row->fork ? example_fork_facts() : example_facts();
    facts.private_repository = row->private_repository;
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&plan, &facts, (const char *const[]){NULL}, &error), 0);
    assert_text(joined(&plan.command),
                arena_format(&arena,
                             "%s|%s|--metadata-file|/tmp/private/metadata.json|--iidfile|"
                             "/tmp/private/image-id|" EXAMPLE_CONTEXT,
                             row->fork ? "docker|buildx|build" : "depot|build", row->flags));
}

TEST(knows_whether_the_context_was_given)
{
    struct facts facts = example_facts();
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&plan, &facts, (const char *const[]){NULL}, &error), 0);
    assert_true(plan.default_context);
    assert_int_equal(make(&plan, &facts, (const char *const[]){"context=.", NULL}, &error), 0);
    assert_false(plan.default_context);
    assert_int_equal(
        make(&plan, &facts, (const char *const[]){"context={{defaultContext}}", NULL}, &error), 0);
    assert_false(plan.default_context);
}

TEST(says_what_to_do_where_there_is_nothing_to_build)
{
    struct facts facts = example_facts();
    facts.repository = NULL;
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&plan, &facts, (const char *const[]){NULL}, &error), -1);
    assert_has(error.message, "`context`");
    assert_has(error.message, "GITHUB_REPOSITORY");
}

TEST(needs_no_repository_where_a_context_is_given)
{
    struct facts facts = example_facts();
    facts.repository = NULL;
    facts.server_url = NULL;
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(
        make(&plan, &facts, (const char *const[]){"context=.", "github-token=a", NULL}, &error), 0);
    assert_int_equal(plan.secret_count, 0);
    assert_text(plan.command.items[plan.command.count - 1], ".");
}

TEST(fails_where_an_attestation_cannot_be_read)
{
    struct facts facts = example_facts();
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&plan, &facts, (const char *const[]){"provenance=\"a", NULL}, &error),
                     -1);
    assert_has(error.message, "`provenance`");
}

static const struct set_row {
    const char *name;
    enum token_source source;
    const char *token;
    bool fork;
    const char *set;     /* the variables, secret ones with * */
    const char *message; /* a part of the error; NULL: there is none */
} SETS[] = {
    {"the input's token", TOKEN_INPUT, "tok", .set = "DEPOT_NO_UPDATE_NOTIFIER=1|*DEPOT_TOKEN=tok"},
    {"the environment's token", TOKEN_ENVIRONMENT, "tok",
     .set = "DEPOT_NO_UPDATE_NOTIFIER=1|*DEPOT_TOKEN=tok"},
    {"an exchanged token", TOKEN_OIDC, "tok", .set = "DEPOT_NO_UPDATE_NOTIFIER=1|*DEPOT_TOKEN=tok"},
    {"a token still to exchange", TOKEN_OIDC, NULL,
     .set = "DEPOT_NO_UPDATE_NOTIFIER=1|*DEPOT_TOKEN="},
    {"no token", TOKEN_NONE, NULL, .set = "DEPOT_NO_UPDATE_NOTIFIER=1"},
    {"docker", TOKEN_NONE, NULL, .fork = true, .set = ""},
    {"a line break in the input's token", TOKEN_INPUT, "hidden\n", .message = "`token`"},
    {"a space in the environment's token", TOKEN_ENVIRONMENT, "hid den", .message = "DEPOT_TOKEN"},
    {"a control character in an exchanged token", TOKEN_OIDC, "hidden\001", .message = "OIDC"},
    {"an empty exchanged token", TOKEN_OIDC, "", .message = "OIDC"},
};

TEST(sets_the_variables_of_the_builder)
{
    const struct set_row *row = *state;
    struct facts facts = example_facts();
    facts.token_source = row->source;
    facts.token = row->token;
    facts.fork = row->fork;
    struct plan plan;
    struct error error = ERROR_INIT;
    int outcome = make(&plan, &facts, (const char *const[]){NULL}, &error);
    assert_int_equal(outcome, row->message == NULL ? 0 : -1);
    if (row->message != NULL) {
        assert_has(error.message, row->message);
        assert_has_not(error.message, "hid");
        return;
    }
    struct string_list set = {0};
    for (size_t i = 0; i < plan.environment_count; i++)
        string_list_add(&arena, &set,
                        arena_format(&arena, "%s%s=%s", plan.environment[i].secret ? "*" : "",
                                     plan.environment[i].name, plan.environment[i].value));
    assert_text(joined(&set), row->set);
}

TEST(a_malformed_token_matters_to_depot_only)
{
    struct facts facts = example_facts();
    facts.token = "hid den";
    struct plan plan;
    struct error error = ERROR_INIT;
    assert_int_equal(make(&plan, &facts, (const char *const[]){"call=check", NULL}, &error), 0);
    assert_int_equal(plan.builder, BUILDER_DOCKER);
}

/* What the child inherits. Each row says what it gets of that. */
static const char *const INHERITED[] = {
    "PATH=/bin",
    "INPUT_TAGS=a",
    "INPUT_TOKEN=hidden",
    "INPUT_BUILD-ARGS=b",
    "ACTIONS_ID_TOKEN_REQUEST_URL=https://token.example",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN=hidden",
    "DEPOT_TOKEN=old",
    "DEPOT_TOKENS=c",
    "DEPOT_PROJECT_ID=d",
    "ACTIONS_RUNTIME_TOKEN=e",
    "MY_INPUT_TAGS=f",
    "INPUT=g",
    "EMPTY=",
    NULL,
};
#define KEPT                                                                                       \
    "DEPOT_TOKENS=c|DEPOT_PROJECT_ID=d|ACTIONS_RUNTIME_TOKEN=e|MY_INPUT_TAGS=f|INPUT=g|EMPTY="

static const struct environment_row {
    const char *name;
    enum token_source source;
    const char *token;
    bool fork;
    const char *setting;
    const char *environment;
} ENVIRONMENTS[] = {
    {"depot gets the plan's token", TOKEN_INPUT, "new",
     .environment = "PATH=/bin|" KEPT "|DEPOT_NO_UPDATE_NOTIFIER=1|DEPOT_TOKEN=new"},
    {"depot without a token keeps what is inherited", TOKEN_NONE, NULL,
     .environment = "PATH=/bin|DEPOT_TOKEN=old|" KEPT "|DEPOT_NO_UPDATE_NOTIFIER=1"},
    {"docker gets no token", TOKEN_NONE, NULL, .fork = true, .environment = "PATH=/bin|" KEPT},
    {"docker gets no token that the job has", TOKEN_ENVIRONMENT, "old", .fork = true,
     .setting = "call=check", .environment = "PATH=/bin|" KEPT},
    {"a secret's variable is kept", TOKEN_NONE, NULL, .fork = true,
     .setting = "secret-envs=a=ACTIONS_ID_TOKEN_REQUEST_TOKEN",
     .environment = "PATH=/bin|ACTIONS_ID_TOKEN_REQUEST_TOKEN=hidden|" KEPT},
    {"a secret's variable that is an input is kept", TOKEN_NONE, NULL, .fork = true,
     .setting = "secret-envs=a=INPUT_TOKEN", .environment = "PATH=/bin|INPUT_TOKEN=hidden|" KEPT},
    {"docker gets the token that a secret names", TOKEN_NONE, NULL, .fork = true,
     .setting = "secret-envs=a=DEPOT_TOKEN", .environment = "PATH=/bin|DEPOT_TOKEN=old|" KEPT},
    {"depot's token is replaced though a secret names it", TOKEN_INPUT, "new",
     .setting = "secret-envs=a=DEPOT_TOKEN",
     .environment = "PATH=/bin|" KEPT "|DEPOT_NO_UPDATE_NOTIFIER=1|DEPOT_TOKEN=new"},
    {"a secret's file keeps no variable", TOKEN_NONE, NULL, .fork = true,
     .setting = "secrets=INPUT_TOKEN=a", .environment = "PATH=/bin|" KEPT},
};

static struct plan plan_of(const struct environment_row *row)
{
    static struct facts facts;
    facts = example_facts();
    facts.token_source = row->source;
    facts.token = row->token;
    facts.fork = row->fork;
    struct plan plan;
    struct error error = ERROR_INIT;
    if (make(&plan, &facts, (const char *const[]){row->setting, NULL}, &error) != 0)
        fail_msg("%s", error.message);
    return plan;
}

TEST(the_child_inherits)
{
    const struct environment_row *row = *state;
    struct plan plan = plan_of(row);
    struct string_list environment = {0};
    for (char **variable = plan_environment(&arena, &vault, &plan, unit_strings(INHERITED));
         *variable != NULL; variable++)
        string_list_add(&arena, &environment, *variable);
    assert_text(joined(&environment), row->environment);
}

TEST(replaces_a_variable_that_is_inherited_twice)
{
    struct plan plan = plan_of(&ENVIRONMENTS[0]);
    char **environment =
        plan_environment(&arena, &vault, &plan,
                         STRINGS("DEPOT_NO_UPDATE_NOTIFIER=0", "DEPOT_TOKEN=a", "DEPOT_TOKEN=b"));
    assert_text(environment[0], "DEPOT_NO_UPDATE_NOTIFIER=1");
    assert_text(environment[1], "DEPOT_TOKEN=new");
    assert_null(environment[2]);
}

TEST(an_empty_environment_is_an_array_too)
{
    struct plan plan = plan_of(&ENVIRONMENTS[2]);
    char **environment = plan_environment(&arena, &vault, &plan, STRINGS(NULL));
    assert_non_null(environment);
    assert_null(environment[0]);
}

TEST(the_childs_token_is_in_the_vault)
{
    struct plan plan = plan_of(&ENVIRONMENTS[0]);
    char **environment = plan_environment(&arena, &vault, &plan, STRINGS(NULL));
    assert_text(environment[1], "DEPOT_TOKEN=new");
    assert_true(unit_is_secret_memory(environment[1]));
    assert_false(unit_is_secret_memory(environment[0]));
}

static const struct token_row {
    const char *name;
    const char *token;
    bool valid;
} TOKENS[] = {
    {"a project's token", "depot_project_0123", true},
    {"a JWT", "eyJ.a-b_c.d=", true},
    {"every sign that a token may have", "-._~+/=", true},
    {"another sign", "!", false},
    {"an answer in JSON", "{\"ok\":false}", false},
    {"a page", "<html>", false},
    {"nothing", "", false},
    {"a space", " ", false},
    {"a space inside", "a b", false},
    {"a line break after it", "a\n", false},
    {"a line break before", "\na", false},
    {"a carriage return", "a\r", false},
    {"a tab", "a\tb", false},
    {"a control character", "a\001", false},
    {"a delete character", "a\177", false},
    {"a letter that is not ASCII", "\303\244", false},
    {"a byte that is no character", "a\240", false},
};

TEST(a_token_is_of_the_form_of_all_tokens)
{
    const struct token_row *row = *state;
    assert_int_equal(token_is_valid(row->token), row->valid);
}

int main(void)
{
    UNIT_ROWS(attests_provenance_by_default, DEFAULTS);
    UNIT_TEST(knows_whether_the_context_was_given);
    UNIT_TEST(says_what_to_do_where_there_is_nothing_to_build);
    UNIT_TEST(needs_no_repository_where_a_context_is_given);
    UNIT_TEST(fails_where_an_attestation_cannot_be_read);
    UNIT_ROWS(sets_the_variables_of_the_builder, SETS);
    UNIT_TEST(a_malformed_token_matters_to_depot_only);
    UNIT_ROWS(the_child_inherits, ENVIRONMENTS);
    UNIT_TEST(replaces_a_variable_that_is_inherited_twice);
    UNIT_TEST(an_empty_environment_is_an_array_too);
    UNIT_TEST(the_childs_token_is_in_the_vault);
    UNIT_ROWS(a_token_is_of_the_form_of_all_tokens, TOKENS);
    return unit_run("plan/plan");
}
