#include "system/environment.h"

#include "unit.h"

static bool is_secret(const char *variable)
{
    return environment_is(variable, "SECRET") || environment_is(variable, "OTHER_SECRET");
}

TEST(takes_the_same_variables)
{
    char plain[] = "PATH=/bin";
    char secret[] = "SECRET=hidden";
    char empty[] = "EMPTY=";
    char other[] = "OTHER_SECRET=hidden too";
    char *variables[] = {plain, secret, empty, other, NULL};
    char **taken = environment_take(&arena, &vault, variables, is_secret);
    assert_text(taken[0], "PATH=/bin");
    assert_text(taken[1], "SECRET=hidden");
    assert_text(taken[2], "EMPTY=");
    assert_text(taken[3], "OTHER_SECRET=hidden too");
    assert_null(taken[4]);
}

TEST(moves_secrets_to_the_vault)
{
    char plain[] = "PATH=/bin";
    char secret[] = "SECRET=hidden";
    char *variables[] = {plain, secret, NULL};
    char **taken = environment_take(&arena, &vault, variables, is_secret);
    assert_true(unit_is_secret_memory(taken[1]));
    assert_ptr_equal(taken[0], plain);
}

TEST(wipes_the_originals_of_secrets)
{
    static const char nothing[sizeof("SECRET=hidden")];
    char plain[] = "PATH=/bin";
    char secret[] = "SECRET=hidden";
    char *variables[] = {plain, secret, NULL};
    environment_take(&arena, &vault, variables, is_secret);
    assert_memory_equal(secret, nothing, sizeof(secret));
    assert_text(plain, "PATH=/bin");
}

TEST(takes_nothing_of_nothing)
{
    char **taken = environment_take(&arena, &vault, STRINGS(NULL), is_secret);
    assert_non_null(taken);
    assert_null(taken[0]);
}

static const struct get_row {
    const char *name; /* the variable */
    const char *value;
    const char *nonempty;
} GETS[] = {
    {"A", "1", "1"},           {"EMPTY", "", NULL},     {"EQUALS", "b=c", "b=c"},
    {"BLANK", " ", " "},       {"TWICE", "1st", "1st"}, {"LONGER", NULL, NULL},
    {"LONG", "x", "x"},        {"MISSING", NULL, NULL}, {"", NULL, NULL},
    {"MALFORMED", NULL, NULL}, {"a", NULL, NULL},
};

static char **some_variables(void)
{
    return STRINGS("A=1", "EMPTY=", "EQUALS=b=c", "BLANK= ", "TWICE=1st", "TWICE=2nd", "LONGEST=y",
                   "LONG=x", "MALFORMED");
}

TEST(gets_the_value_of)
{
    const struct get_row *row = *state;
    assert_text(environment_get(some_variables(), row->name), row->value);
}

TEST(gets_what_is_not_empty_of)
{
    const struct get_row *row = *state;
    assert_text(environment_get_nonempty(some_variables(), row->name), row->nonempty);
}

static const struct is_row {
    const char *name; /* the variable */
    const char *is;
    bool result;
} NAMES[] = {
    {"A=1", "A", true},   {"A=", "A", true},     {"A", "A", false},   {"AB=1", "A", false},
    {"A=1", "AB", false}, {"B=A=1", "A", false}, {"a=1", "A", false}, {"", "A", false},
};

TEST(knows_the_name_of)
{
    const struct is_row *row = *state;
    assert_int_equal(environment_is(row->name, row->is), row->result);
}

static const struct seconds_row {
    const char *name; /* the value */
    long seconds;
} SECONDS[] = {
    {"1", 1},
    {"300", 300},
    {"86400", 86400},
    {"86401", 42},
    {"0", 42},
    {"-5", 42},
    {"5m", 42},
    {"1.5", 42},
    {"1h", 42},
    {"", 42},
    {"no", 42},
    {"5 ", 42},
    {"99999999999999999999", 42},
};

TEST(reads_as_seconds)
{
    const struct seconds_row *row = *state;
    char **variables = STRINGS(arena_format(&arena, "A=%s", row->name));
    assert_int_equal(environment_seconds(variables, "A", 42), row->seconds);
}

TEST(has_seconds_without_a_variable)
{
    assert_int_equal(environment_seconds(STRINGS("B=1"), "A", 42), 42);
}

int main(void)
{
    UNIT_TEST(takes_the_same_variables);
    UNIT_TEST(moves_secrets_to_the_vault);
    UNIT_TEST(wipes_the_originals_of_secrets);
    UNIT_TEST(takes_nothing_of_nothing);
    UNIT_ROWS(gets_the_value_of, GETS);
    UNIT_ROWS(gets_what_is_not_empty_of, GETS);
    UNIT_ROWS(knows_the_name_of, NAMES);
    UNIT_ROWS(reads_as_seconds, SECONDS);
    UNIT_TEST(has_seconds_without_a_variable);
    return unit_run("system/environment");
}
