"""Reads as much of an ELF file as is needed to know how it was linked. Names: elf(5)."""

from __future__ import annotations

import struct

MACHINES = {40: "EM_ARM", 62: "EM_X86_64", 183: "EM_AARCH64"}
TYPES = {2: "ET_EXEC", 3: "ET_DYN"}
SEGMENTS = {
    1: "PT_LOAD",
    2: "PT_DYNAMIC",
    3: "PT_INTERP",
    0x6474E551: "PT_GNU_STACK",
    0x6474E552: "PT_GNU_RELRO",
}
TAGS = {1: "DT_NEEDED", 22: "DT_TEXTREL", 23: "DT_JMPREL", 30: "DT_FLAGS", 0x6FFFFFFB: "DT_FLAGS_1"}
WIDE = 2


class Elf:
    EXECUTE, WRITE, READ = 1, 2, 4
    DF_BIND_NOW = 8
    DF_1_NOW, DF_1_PIE = 1, 0x08000000

    def __init__(self, content: bytes):
        assert content[:4] == b"\x7fELF"
        self._content = content
        wide = content[4] == WIDE
        self._word = "Q" if wide else "I"
        kind, machine, _, _, segments, sections, *sizes = self._read(f"HHI{3 * self._word}IHHHHHH", 16)
        _, _, size, count, section_size, section_count, names = sizes
        self.type, self.machine = TYPES.get(kind), MACHINES.get(machine)
        headers = [self._segment(segments + number * size, wide) for number in range(count)]
        # The flags of each segment, by type.
        self.segments: dict[str, list[int]] = {}
        for name, flags, _, _ in headers:
            self.segments.setdefault(name, []).append(flags)
        self.dynamic = self._dynamic(headers, wide)
        self.sections = self._section_names(sections, section_size, section_count, names, wide)

    def _read(self, layout: str, at: int) -> tuple[int, ...]:
        return struct.unpack_from("<" + layout, self._content, at)

    def _segment(self, at: int, wide: bool) -> tuple[str, int, int, int]:
        """Type, flags, offset in the file, and size there."""
        if wide:
            kind, flags, offset, _, _, size = self._read("IIQQQQ", at)
        else:
            kind, offset, _, _, size, _, flags = self._read("IIIIIII", at)
        return SEGMENTS.get(kind, hex(kind)), flags, offset, size

    def _dynamic(self, headers, wide: bool) -> dict[str, int]:
        ((offset, size),) = [(offset, size) for name, _, offset, size in headers if name == "PT_DYNAMIC"]
        step = 16 if wide else 8
        entries = (self._read(2 * self._word, at) for at in range(offset, offset + size, step))
        return {TAGS.get(tag, hex(tag)): value for tag, value in entries}

    def _section_names(self, start: int, size: int, count: int, names: int, wide: bool) -> set[str]:
        # The fields of a section's header between its name and its offset in the file.
        at_offset = 24 if wide else 16
        (table,) = self._read(self._word, start + names * size + at_offset)
        places = [table + self._read("I", start + number * size)[0] for number in range(count)]
        return {self._content[place : self._content.index(b"\0", place)].decode() for place in places}
