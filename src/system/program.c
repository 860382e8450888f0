#include "system/program.h"
#include "system/file.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Offsets in a 32-bit and in a 64-bit file (System V ABI: ELF header, program header). */
static const struct layout {
    unsigned char elf_class;
    size_t address_size;
    size_t table;       /* e_phoff */
    size_t entry_size;  /* e_phentsize */
    size_t entry_count; /* e_phnum */
    size_t part_offset; /* p_offset */
    size_t part_size;   /* p_filesz */
} LAYOUTS[] = {
    {1, 4, 28, 42, 44, 4, 16},
    {2, 8, 32, 54, 56, 8, 32},
};

enum { HEADER_SIZE = 64, ENTRY_SIZE = 56, CLASS_AT = 4, ORDER_AT = 5, MACHINE_AT = 18 };

static uint64_t little_endian(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = size; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

static bool is_inside(uint64_t offset, uint64_t length, uint64_t size)
{
    return length <= size && offset <= size - length;
}

static bool has_all_parts(int descriptor, uint64_t size, const unsigned char *header,
                          const struct layout *layout)
{
    const uint64_t table = little_endian(header + layout->table, layout->address_size);
    const uint64_t step = little_endian(header + layout->entry_size, 2);
    const uint64_t count = little_endian(header + layout->entry_count, 2);
    if (count == 0 || step < layout->part_size + layout->address_size ||
        !is_inside(table, count * step, size))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        unsigned char entry[ENTRY_SIZE] = {0};
        size_t length = step < ENTRY_SIZE ? (size_t)step : ENTRY_SIZE;
        if (pread(descriptor, entry, length, (off_t)(table + i * step)) != (ssize_t)length ||
            !is_inside(little_endian(entry + layout->part_offset, layout->address_size),
                       little_endian(entry + layout->part_size, layout->address_size), size))
            return false;
    }
    return true;
}

static bool is_whole_elf(int descriptor, uint64_t size, const unsigned char *header,
                         enum program_machine machine)
{
    if (memcmp(header, "\177ELF", 4) != 0 || header[ORDER_AT] != 1 ||
        little_endian(header + MACHINE_AT, 2) != (uint64_t)machine)
        return false;
    for (size_t i = 0; i < sizeof(LAYOUTS) / sizeof(LAYOUTS[0]); i++)
        if (LAYOUTS[i].elf_class == header[CLASS_AT])
            return has_all_parts(descriptor, size, header, &LAYOUTS[i]);
    return false;
}

bool program_is_whole(const char *path, enum program_machine machine)
{
    struct stat status;
    unsigned char header[HEADER_SIZE] = {0};
    scoped_fd descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size == 0 || (status.st_mode & S_IXUSR) == 0 ||
        pread(descriptor, header, sizeof(header), 0) <= 0)
        return false;
    return machine == PROGRAM_ANY || memcmp(header, "#!", 2) == 0 ||
           is_whole_elf(descriptor, (uint64_t)status.st_size, header, machine);
}

static bool is_executable(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *program_find(struct arena *arena, const char *path, const char *name)
{
    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");
        /* A relative entry would let the checked-out repository choose the program. */
        if (path[0] == '/') {
            char *candidate = arena_format(arena, "%.*s/%s", (int)length, path, name);
            if (is_executable(candidate))
                return candidate;
        }
        path += length;
        path += *path == ':';
    }
    return NULL;
}
