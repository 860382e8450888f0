#include "depot/tool_cache.h"

#include "system/file.h"
#include "unit.h"

#include <sys/stat.h>

static const char PROGRAM[] = "#!/bin/sh\nexit 0\n";
static const struct platform LINUX_X64 = {"linux", "x64", "depot", PROGRAM_X86_64};

static struct tool_cache cache_in(const char *root)
{
    return (struct tool_cache){.root = unit_path(root), .platform = &LINUX_X64};
}

static bool there(const char *path)
{
    return file_exists(unit_path(path));
}

static void install(const struct tool_cache *cache, const char *version, const char *text)
{
    struct staging staging;
    struct error error = ERROR_INIT;
    assert_int_equal(staging_create(&arena, cache, &staging, &error), 0);
    assert_int_equal(file_write_all(staging.descriptor, text, strlen(text)), 0);
    staging.digest[0] = (unsigned char)text[0];
    assert_int_equal(staging_complete(cache, &staging, &error), 0);
    assert_int_equal(staging_publish(cache, version, &staging, &error), 0);
}

/* What the mark of install() contains. */
#define DIGEST "23" ZEROS ZEROS ZEROS "00"
#define ZEROS "00000000000000000000"
static const unsigned char ARCHIVE[DIGEST_SIZE] = {'#'};
static const unsigned char OTHER[DIGEST_SIZE] = {'#', 1};

TEST(names_the_directory_as_all_actions_do)
{
    struct tool_cache cache = {.root = "/tools", .platform = &LINUX_X64};
    assert_text(tool_cache_directory(&arena, &cache, "1.2.3"), "/tools/depot/1.2.3/x64");
}

TEST(has_what_was_published)
{
    struct tool_cache cache = cache_in("tools");
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_MISSING);
    install(&cache, "1.2.3", PROGRAM);

    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_READY);
    assert_int_equal(tool_cache_look(&cache, "1.2.4"), TOOL_MISSING);
    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64/depot")), PROGRAM);
    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64.complete")), "sha256:" DIGEST "\n");
    struct stat status;
    assert_int_equal(stat(unit_path("tools/depot/1.2.3/x64"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0755);
}

TEST(leaves_nothing_of_what_is_discarded)
{
    struct tool_cache cache = cache_in("tools");
    struct staging staging;
    struct error error = ERROR_INIT;
    assert_int_equal(staging_create(&arena, &cache, &staging, &error), 0);
    assert_true(there("tools/depot"));
    assert_true(file_exists(staging.program));
    staging_discard(&cache, &staging);

    assert_false(there("tools/depot"));
}

TEST(keeps_the_entry_of_whoever_was_faster)
{
    struct tool_cache cache = cache_in("tools");
    struct staging slow;
    struct error error = ERROR_INIT;
    assert_int_equal(staging_create(&arena, &cache, &slow, &error), 0);
    assert_int_equal(file_write_all(slow.descriptor, "#!slow", 6), 0);
    install(&cache, "1.2.3", PROGRAM);
    assert_int_equal(staging_complete(&cache, &slow, &error), 0);
    assert_int_equal(staging_publish(&cache, "1.2.3", &slow, &error), 0);

    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64/depot")), PROGRAM);
    assert_false(file_exists(slow.directory != NULL ? slow.directory : "/nowhere"));
}

TEST(removes_what_nobody_makes_any_more_and_only_that)
{
    struct tool_cache cache = cache_in("tools");
    struct staging alive;
    struct error error = ERROR_INIT;
    assert_int_equal(directory_create_all(unit_path("tools/depot/.installing-dead/deep"), &error),
                     0);
    assert_int_equal(directory_create_all(unit_path("tools/depot/.other"), &error), 0);
    assert_int_equal(staging_create(&arena, &cache, &alive, &error), 0);
    install(&cache, "1.2.3", PROGRAM);

    assert_false(there("tools/depot/.installing-dead"));
    assert_true(there("tools/depot/.other"));
    assert_true(file_exists(alive.program));
    staging_discard(&cache, &alive);
}

TEST(follows_no_link_when_it_removes)
{
    struct tool_cache cache = cache_in("tools");
    struct error error = ERROR_INIT;
    assert_int_equal(directory_create_all(unit_path("mine"), &error), 0);
    unit_write(unit_path("mine/file"), "x");
    assert_int_equal(directory_create_all(unit_path("tools/depot/1.2.3"), &error), 0);
    assert_int_equal(symlink(unit_path("mine"), unit_path("tools/depot/.installing-x")), 0);
    assert_int_equal(symlink(unit_path("mine"), unit_path("tools/depot/1.2.3/x64")), 0);
    install(&cache, "1.2.3", PROGRAM);

    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_READY);
    assert_true(there("mine/file"));
    assert_false(there("mine/depot"));
}

TEST(refuses_what_is_not_a_program)
{
    struct tool_cache cache = cache_in("tools");
    struct staging staging;
    struct error error = ERROR_INIT;
    assert_int_equal(staging_create(&arena, &cache, &staging, &error), 0);
    assert_int_equal(file_write_all(staging.descriptor, "text", 4), 0);
    assert_int_equal(staging_complete(&cache, &staging, &error), -1);
    assert_has(error.message, "not a program");
    staging_discard(&cache, &staging);
    assert_false(there("tools/depot"));
}

static const struct trust_row {
    const char *name;
    const char *path;
    mode_t mode;
    enum tool_state state;
} MODES[] = {
    {"as it was made", "1.2.3/x64", 0755, TOOL_READY},
    {"a private directory", "1.2.3/x64", 0700, TOOL_READY},
    {"a directory of a group", "1.2.3/x64", 0775, TOOL_READY},
    {"a directory of everybody", "1.2.3/x64", 0777, TOOL_UNUSABLE},
    {"a directory of all others", "1.2.3/x64", 0757, TOOL_UNUSABLE},
    {"a sticky directory of everybody", "1.2.3/x64", 01777, TOOL_UNUSABLE},
    {"a program of a group", "1.2.3/x64/depot", 0775, TOOL_READY},
    {"a program of everybody", "1.2.3/x64/depot", 0777, TOOL_UNUSABLE},
    {"a program that nobody may start", "1.2.3/x64/depot", 0644, TOOL_UNUSABLE},
    {"a mark of a group", "1.2.3/x64.complete", 0664, TOOL_READY},
    {"a mark of everybody", "1.2.3/x64.complete", 0666, TOOL_UNUSABLE},
    {"a directory of everybody above", "1.2.3", 0777, TOOL_READY},
};

TEST(trusts_what_nobody_else_may_have_written)
{
    const struct trust_row *row = *state;
    struct tool_cache cache = cache_in("tools");
    install(&cache, "1.2.3", PROGRAM);
    assert_int_equal(chmod(arena_format(&arena, "%s/depot/%s", cache.root, row->path), row->mode),
                     0);
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), row->state);
}

static const struct owner_row {
    const char *name;
    uid_t owner;
    bool trusted;
} OWNERS[] = {{"root", 0, true}, {"nobody", 65534, false}};

TEST(trusts_what_belongs_to_this_user_or_to_root)
{
    const struct owner_row *row = *state;
    static const char *const parts[] = {"x64", "x64/depot", "x64.complete"};
    struct tool_cache cache = cache_in("tools");
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < COUNT(parts); i++) {
        install(&cache, "1.2.3", PROGRAM);
        const char *part = arena_format(&arena, "%s/depot/1.2.3/%s", cache.root, parts[i]);
        assert_int_equal(lchown(part, row->owner, (gid_t)-1), 0);
        assert_int_equal(tool_cache_look(&cache, "1.2.3") == TOOL_READY, row->trusted);
    }
}

TEST(trusts_no_link)
{
    static const char *const parts[] = {"x64", "x64/depot", "x64.complete"};
    struct tool_cache cache = cache_in("tools");
    for (size_t i = 0; i < COUNT(parts); i++) {
        install(&cache, "1.2.3", PROGRAM);
        const char *part = arena_format(&arena, "%s/depot/1.2.3/%s", cache.root, parts[i]);
        assert_int_equal(rename(part, unit_path("moved")), 0);
        assert_int_equal(symlink(unit_path("moved"), part), 0);
        assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_UNUSABLE);
        assert_int_equal(file_remove_tree(unit_path("moved"), NULL), 0);
    }
}

static const struct digest_row {
    const char *name;
    const char *mark;
    bool ready; /* for that digest */
} MARKS[] = {
    {"ours", "sha256:" DIGEST "\n", true},
    {"without a line feed", "sha256:" DIGEST, true},
    {"another", "sha256:24" ZEROS ZEROS ZEROS "00\n", false},
    {"of another action", "", false},
    {"cut off", "sha256:" ZEROS, false},
    {"with more on the line", "sha256:" DIGEST "0\n", false},
    {"without a name", DIGEST "\n", false},
    {"of another kind", "sha512:" DIGEST "\n", false},
    {"only a name", "sha256:", false},
};

TEST(counts_only_the_archive_of_the_digest_that_is_asked_for)
{
    const struct digest_row *row = *state;
    struct tool_cache cache = cache_in("tools");
    install(&cache, "1.2.3", PROGRAM);
    unit_write(unit_path("tools/depot/1.2.3/x64.complete"), row->mark);
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_READY);
    cache.digest = ARCHIVE;
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), row->ready ? TOOL_READY : TOOL_UNUSABLE);
    cache.digest = OTHER;
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_UNUSABLE);
}

TEST(replaces_an_entry_that_is_not_ready)
{
    struct tool_cache cache = cache_in("tools");
    install(&cache, "1.2.3", PROGRAM);
    assert_int_equal(chmod(unit_path("tools/depot/1.2.3/x64/depot"), 0777), 0);
    install(&cache, "1.2.3", "#!other");
    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64/depot")), "#!other");
    assert_int_equal(tool_cache_look(&cache, "1.2.3"), TOOL_READY);
}

TEST(names_a_root_that_cannot_be_used)
{
    struct tool_cache cache = cache_in("file");
    struct staging staging;
    struct error error = ERROR_INIT;
    unit_write(cache.root, "x");
    assert_int_equal(staging_create(&arena, &cache, &staging, &error), -1);
    assert_has(error.message, "RUNNER_TOOL_CACHE");
    assert_has(error.message, cache.root);
}

int main(void)
{
    UNIT_TEST(names_the_directory_as_all_actions_do);
    UNIT_TEST(has_what_was_published);
    UNIT_TEST(leaves_nothing_of_what_is_discarded);
    UNIT_TEST(keeps_the_entry_of_whoever_was_faster);
    UNIT_TEST(removes_what_nobody_makes_any_more_and_only_that);
    UNIT_TEST(follows_no_link_when_it_removes);
    UNIT_TEST(refuses_what_is_not_a_program);
    UNIT_TEST(names_a_root_that_cannot_be_used);
    UNIT_ROWS(trusts_what_nobody_else_may_have_written, MODES);
    UNIT_ROWS(trusts_what_belongs_to_this_user_or_to_root, OWNERS);
    UNIT_TEST(trusts_no_link);
    UNIT_ROWS(counts_only_the_archive_of_the_digest_that_is_asked_for, MARKS);
    UNIT_TEST(replaces_an_entry_that_is_not_ready);
    return unit_run("depot/tool_cache");
}
