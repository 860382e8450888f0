"""Checksums and archives: only what was meant to be installed is installed."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile

import pytest

from integration.job import SetupJob
from integration.setup.release import MEGABYTE, PADDING, PROGRAM, VERSION, assert_installed, fails
from stand_ins.depot_downloads import cli_archive, file_info, tar


# Checksums


def test_a_mismatch_is_told_with_both_sums(job: SetupJob, released, archive):
    name = f"depot_{VERSION}_linux_amd64.tar.gz"
    released.tell_checksums(VERSION, f"{'0' * 64}  {name}")

    error = fails(job)

    assert hashlib.sha256(archive).hexdigest() in error and "0" * 64 in error
    assert "checksums" in error


@pytest.mark.parametrize("at", [5, 1000, MEGABYTE, -10, -5, -1])
def test_a_byte_that_changed_on_its_way_is_seen(job: SetupJob, released, archive, at):
    released.storage.files[f"depot_{VERSION}_linux_amd64.tar.gz"] = flipped(archive, at % len(archive))

    assert VERSION in fails(job)


UNUSABLE_CHECKSUMS = {
    "not there": None,
    "empty": b"",
    "of other files": b"0" * 64 + b"  depot_2.102.12_linux_arm64.tar.gz\n",
    "a page": b"<html>" * 1000,
    "too short": b"0" * 63 + b"  depot_2.102.12_linux_amd64.tar.gz\n",
    "two that differ": b"".join(digit * 64 + b"  depot_2.102.12_linux_amd64.tar.gz\n" for digit in (b"0", b"1")),
    "NUL bytes": b"\0" * 1000,
    "larger than any": b"x" * MEGABYTE,
}


@pytest.mark.parametrize("content", UNUSABLE_CHECKSUMS.values(), ids=UNUSABLE_CHECKSUMS)
def test_without_a_checksum_nothing_is_downloaded(job: SetupJob, released, content):
    name = f"depot_{VERSION}_checksums.txt"
    if content is None:
        del released.storage.files[name]
    else:
        released.storage.files[name] = content

    assert "checksums" in fails(job)
    assert released.archive_requests == []


def test_a_pinned_sum_takes_the_place_of_the_list(job: SetupJob, released, archive):
    released.tell_checksums(VERSION)

    job.succeed({"sha256": hashlib.sha256(archive).hexdigest().upper()})

    assert_installed(job)
    assert not any("checksums" in request.path for request in released.requests)


def test_a_pinned_sum_that_differs_is_a_mismatch(job: SetupJob, released):
    assert "`sha256`" in fails(job, {"sha256": "f" * 64})


@pytest.mark.parametrize("digest", ["abc", "g" * 64, "0" * 63, "0" * 65, "0x" + "0" * 62])
def test_a_pinned_sum_that_is_none_is_named(job: SetupJob, downloads, digest):
    assert "`sha256`" in fails(job, {"sha256": digest})
    assert downloads.requests == []


# Archives


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, 0o755
    return info


def bomb(size: int) -> bytes:
    """Zeros, which compress to a thousandth of their size."""
    unpacked = file_info("bin/depot", b"")
    unpacked.size = size
    head = unpacked.tobuf(tarfile.USTAR_FORMAT)
    block = gzip.compress(bytes(16 * MEGABYTE), 1, mtime=0)
    return gzip.compress(head, mtime=0) + block * (size // (16 * MEGABYTE))


def lying(size: int) -> bytes:
    """A header that claims more data than there is."""
    info = file_info("bin/depot", b"")
    info.size = size
    return gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + PROGRAM[:1000], mtime=0)


GOOD = ("bin/depot", PROGRAM)
HOSTILE = {
    "up and out": (lambda: tar(("../depot", b"x"), GOOD), "`../depot`"),
    "out in the middle": (lambda: tar(("bin/../../depot", b"x"), GOOD), "`bin/../../depot`"),
    "out at the end": (lambda: tar(GOOD, ("bin/..", b"x")), "`bin/..`"),
    "an absolute path": (lambda: tar(("/etc/depot", b"x"), GOOD), "`/etc/depot`"),
    "a symbolic link": (lambda: tar(special("bin/depot", tarfile.SYMTYPE, "/bin/sh")), "link"),
    "a link next to it": (lambda: tar(special("bin/x", tarfile.SYMTYPE, "/etc"), GOOD), "link"),
    "a hard link": (lambda: tar(special("bin/depot", tarfile.LNKTYPE, "/etc/passwd")), "link"),
    "a device": (lambda: tar(special("bin/depot", tarfile.CHRTYPE)), "neither"),
    "a block device": (lambda: tar(GOOD, special("disk", tarfile.BLKTYPE)), "neither"),
    "a pipe": (lambda: tar(special("bin/depot", tarfile.FIFOTYPE)), "neither"),
    "a directory for the program": (lambda: tar(special("bin/depot", tarfile.DIRTYPE)), "does not contain `bin/depot`"),
    "two of them": (lambda: tar(GOOD, GOOD), "twice"),
    "two by other names": (lambda: tar(GOOD, ("./bin/depot", b"x")), "twice"),
    "none": (lambda: tar(("bin/other", PROGRAM)), "does not contain `bin/depot`"),
    "nothing": (lambda: tar(), "does not contain `bin/depot`"),
    "a bomb": (lambda: bomb(4096 * MEGABYTE), "too large to unpack"),
    "a bomb next to it": (lambda: tar(GOOD, ("x", bytes(600 * MEGABYTE))), "too large to unpack"),
    "very many files": (lambda: tar(*[(f"f{number}", b"") for number in range(5000)], GOOD), "more than"),
    "a name to obey": (lambda: tar(("../\n::error::obeyed", b"x"), GOOD), "`../?::error::obeyed`"),
    "cut off": (lambda: cli_archive(PROGRAM)[:MEGABYTE], "damaged"),
    "cut off at its end": (lambda: cli_archive(PROGRAM)[:-9], "damaged"),
    "cut off in its header": (lambda: tar(GOOD)[:100], "damaged"),
    "a size that lies": (lambda: lying(MEGABYTE), "damaged"),
    "empty": (lambda: b"", "damaged"),
    "a page": (lambda: b"<html>Not found</html>" * 100, "damaged"),
    "noise": (lambda: os.urandom(MEGABYTE), "damaged"),
    "packed noise": (lambda: gzip.compress(os.urandom(MEGABYTE)), "damaged"),
    "an empty program": (lambda: tar(("bin/depot", b"")), "not a program"),
    "a program of another kind": (lambda: tar(("bin/depot", b"MZ" + PADDING)), "not a program"),
}


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


@pytest.mark.parametrize("make, word", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_leaves_nothing_behind(job: SetupJob, downloads, make, word):
    downloads.publish(VERSION, make())

    error = fails(job)

    assert word in error
    assert VERSION in error


def test_an_archive_in_an_archive_s_other_forms_is_unpacked(job: SetupJob, downloads):
    directory = special("./bin", tarfile.DIRTYPE)
    downloads.publish(VERSION, tar(directory, ("./bin/depot", PROGRAM), ("docs/" + "long/" * 40 + "name", b"x")))

    job.succeed()

    assert_installed(job)


def test_what_stands_behind_the_archive_counts_for_its_sum(job: SetupJob, downloads, archive):
    downloads.publish(VERSION, archive + bytes(MEGABYTE))

    job.succeed()

    assert_installed(job)
