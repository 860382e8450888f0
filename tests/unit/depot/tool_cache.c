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
    assert_int_equal(staging_publish(cache, version, &staging, &error), 0);
}

TEST(names_the_directory_as_all_actions_do)
{
    struct tool_cache cache = {.root = "/tools", .platform = &LINUX_X64};
    assert_text(tool_cache_directory(&arena, &cache, "1.2.3"), "/tools/depot/1.2.3/x64");
}

TEST(has_what_was_published)
{
    struct tool_cache cache = cache_in("tools");
    assert_false(tool_cache_has(&cache, "1.2.3"));
    install(&cache, "1.2.3", PROGRAM);

    assert_true(tool_cache_has(&cache, "1.2.3"));
    assert_false(tool_cache_has(&cache, "1.2.4"));
    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64/depot")), PROGRAM);
    assert_text(unit_read(unit_path("tools/depot/1.2.3/x64.complete")), "");
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

    assert_true(tool_cache_has(&cache, "1.2.3"));
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
    assert_int_equal(staging_publish(&cache, "1.2.3", &staging, &error), -1);
    assert_has(error.message, "not a program");
    assert_false(there("tools/depot"));
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
    return unit_run("depot/tool_cache");
}
