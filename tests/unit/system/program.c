#include "system/program.h"

#include "unit.h"

#include <elf.h>
#include <sys/stat.h>

enum { SIZE = 200 };

/* The smallest file of its kind: a header, and one part that is the whole file. */
static void write_elf(const char *path, unsigned char order, uint16_t machine, uint64_t offset,
                      uint64_t size, size_t length)
{
    unsigned char file[SIZE] = {0};
    Elf64_Ehdr header = {.e_machine = machine,
                         .e_phoff = sizeof(header),
                         .e_phnum = 1,
                         .e_phentsize = sizeof(Elf64_Phdr)};
    Elf64_Phdr part = {.p_type = PT_LOAD, .p_offset = offset, .p_filesz = size};
    memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = order;
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), &part, sizeof(part));
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(file, 1, length, stream), length);
    fclose(stream);
    assert_int_equal(chmod(path, 0755), 0);
}

static const struct elf_row {
    const char *name;
    unsigned char order;
    uint16_t machine;
    uint64_t offset;
    uint64_t size;
    size_t length;
    bool whole;
} ELFS[] = {
    {"whole", ELFDATA2LSB, EM_X86_64, 0, SIZE, SIZE, true},
    {"a part in it", ELFDATA2LSB, EM_X86_64, 100, 100, SIZE, true},
    {"cut off", ELFDATA2LSB, EM_X86_64, 0, SIZE, SIZE - 1, false},
    {"cut off in its table", ELFDATA2LSB, EM_X86_64, 0, 10, 100, false},
    {"cut off in its header", ELFDATA2LSB, EM_X86_64, 0, 10, 30, false},
    {"a part after its end", ELFDATA2LSB, EM_X86_64, SIZE, 1, SIZE, false},
    {"a part beyond all numbers", ELFDATA2LSB, EM_X86_64, UINT64_MAX, 2, SIZE, false},
    {"a part of all numbers", ELFDATA2LSB, EM_X86_64, 2, UINT64_MAX, SIZE, false},
    {"of another machine", ELFDATA2LSB, EM_AARCH64, 0, SIZE, SIZE, false},
    {"of another byte order", ELFDATA2MSB, EM_X86_64, 0, SIZE, SIZE, false},
};

TEST(tells_a_whole_program)
{
    const struct elf_row *row = *state;
    write_elf(unit_path("program"), row->order, row->machine, row->offset, row->size, row->length);
    assert_int_equal(program_is_whole(unit_path("program"), PROGRAM_X86_64), row->whole);
}

static const struct text_row {
    const char *name;
    const char *text;
    mode_t mode;
    bool whole;
    bool anything; /* if another system's format is not known */
} TEXTS[] = {
    {"a script", "#!/bin/sh\n", 0755, true, true},
    {"a script that is not executable", "#!/bin/sh\n", 0644, false, false},
    {"text", "hello", 0755, false, true},
    {"one byte", "#", 0755, false, true},
    {"empty", "", 0755, false, false},
};

TEST(tells_a_script)
{
    const struct text_row *row = *state;
    unit_write(unit_path("program"), row->text);
    assert_int_equal(chmod(unit_path("program"), row->mode), 0);
    assert_int_equal(program_is_whole(unit_path("program"), PROGRAM_X86_64), row->whole);
    assert_int_equal(program_is_whole(unit_path("program"), PROGRAM_ANY), row->anything);
}

TEST(tells_what_is_no_file)
{
    assert_false(program_is_whole(unit_path("nowhere"), PROGRAM_ANY));
    assert_int_equal(mkdir(unit_path("directory"), 0755), 0);
    assert_false(program_is_whole(unit_path("directory"), PROGRAM_ANY));
    assert_int_equal(mkfifo(unit_path("pipe"), 0755), 0);
    assert_false(program_is_whole(unit_path("pipe"), PROGRAM_ANY));
}

TEST(knows_its_own_kind)
{
#ifdef __x86_64__
    assert_true(program_is_whole("/proc/self/exe", PROGRAM_X86_64));
#endif
    assert_false(program_is_whole("/proc/self/exe", PROGRAM_ARM));
}

static void make_program(const char *path, mode_t mode)
{
    unit_write(path, "");
    assert_int_equal(chmod(path, mode), 0);
}

/* Directories that each have a `tool`: in `one` and `two` it is executable, in `plain` it is not,
 * in `folder` it is a directory, and in `none` it does not exist. */
static void make_programs(void)
{
    static const char *const directories[] = {"one", "two", "plain", "folder", "none"};
    for (size_t i = 0; i < COUNT(directories); i++)
        assert_int_equal(mkdir(unit_path(directories[i]), 0755), 0);
    make_program(unit_path("one/tool"), 0755);
    make_program(unit_path("two/tool"), 0755);
    make_program(unit_path("plain/tool"), 0644);
    assert_int_equal(mkdir(unit_path("folder/tool"), 0755), 0);
}

static const struct find_row {
    const char *name;
    const char *directories[4]; /* those that begin with `!` are not absolute */
    const char *found;          /* NULL: nothing */
} FINDS[] = {
    {"the only one", {"one"}, "one/tool"},
    {"the first", {"one", "two"}, "one/tool"},
    {"the first in their order", {"two", "one"}, "two/tool"},
    {"one after a directory without", {"none", "two"}, "two/tool"},
    {"one after a missing directory", {"missing", "two"}, "two/tool"},
    {"one after a file that is not executable", {"plain", "two"}, "two/tool"},
    {"one after a directory of that name", {"folder", "two"}, "two/tool"},
    {"one after a relative directory", {"!one", "two"}, "two/tool"},
    {"one after the current directory", {"!.", "two"}, "two/tool"},
    {"one after an empty directory", {"!", "two"}, "two/tool"},
    {"one before an empty directory", {"two", "!"}, "two/tool"},
    {"nothing in a relative directory", {"!one"}, NULL},
    {"nothing where there is none", {"none", "plain", "folder"}, NULL},
    {"nothing in no directory", {NULL}, NULL},
};

TEST(finds)
{
    const struct find_row *row = *state;
    make_programs();
    assert_int_equal(chdir(unit_path("")), 0);
    struct string_list directories = {0};
    for (size_t i = 0; row->directories[i] != NULL; i++)
        string_list_add(&arena, &directories,
                        row->directories[i][0] == '!' ? row->directories[i] + 1
                                                      : unit_path(row->directories[i]));
    const char *path = string_list_join(&arena, &directories, ":");
    assert_text(program_find(&arena, path, "tool"),
                row->found != NULL ? unit_path(row->found) : NULL);
    assert_int_equal(chdir("/"), 0);
}

TEST(finds_nothing_without_a_path)
{
    assert_null(program_find(&arena, NULL, "sh"));
}

int main(void)
{
    UNIT_ROWS(tells_a_whole_program, ELFS);
    UNIT_ROWS(tells_a_script, TEXTS);
    UNIT_TEST(tells_what_is_no_file);
    UNIT_TEST(knows_its_own_kind);
    UNIT_ROWS(finds, FINDS);
    UNIT_TEST(finds_nothing_without_a_path);
    return unit_run("system/program");
}
