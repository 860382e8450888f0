"""The setup step: the CLI found in the tool cache, or downloaded, verified and installed, whatever the network does."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tarfile
import threading
import time
from pathlib import Path

import pytest

from integration.cli import until
from integration.gate import Gate
from integration.job import ChallengedJob, SetupJob
from stand_ins.depot_auth import DepotAuth
from stand_ins.depot_downloads import DepotDownloads, Fault, cli_archive, file_info, real_archive, tar
from stand_ins.depot_public_oidc import DepotPublicOidc
from stand_ins.github_oidc import GithubOidc
from stand_ins.service import Answer
from world import parts
from world.events import pull_request, push

VERSION = "2.102.12"
PLACE = f"depot/{VERSION}/x64"
INSTALLED = sorted(["depot", f"depot/{VERSION}", PLACE, f"{PLACE}.complete", f"{PLACE}/depot"])
MEGABYTE = 1_000_000

# A program of a few megabytes that does not compress: a download of it takes many blocks.
PADDING = os.urandom(3 * MEGABYTE)
PROGRAM = b'#!/bin/sh\necho "depot $*"\nexit 0\n' + PADDING

pytestmark = pytest.mark.skipif(os.uname().machine != "x86_64", reason="NOT X64: THE CLI'S ARCHIVE IS FOR X64")


@pytest.fixture(scope="session")
def depot() -> Path:
    """The real CLI."""
    try:
        return parts.get_depot()
    except parts.PartsMissing as missing:
        pytest.skip(f"THE REAL CLI IS NOT HERE: {missing}")


@pytest.fixture(scope="session")
def real(depot) -> bytes:
    return real_archive(depot)


@pytest.fixture(scope="session")
def archive() -> bytes:
    return cli_archive(PROGRAM)


@pytest.fixture
def job(setup_job) -> SetupJob:
    return setup_job


@pytest.fixture
def released(downloads: DepotDownloads, archive):
    """A release whose archive is small."""
    downloads.publish(VERSION, archive)
    return downloads


def program_of(job: SetupJob, version: str = VERSION) -> Path:
    return job.tool_cache / f"depot/{version}/x64/depot"


def assert_installed(job: SetupJob, content: bytes = PROGRAM) -> None:
    assert job.cached() == INSTALLED
    assert program_of(job).read_bytes() == content
    assert stat.S_IMODE(program_of(job).stat().st_mode) == 0o755


def fails(job: SetupJob, inputs=None) -> str:
    """The one error of a step that installs nothing and leaves nothing behind."""
    before = job.cached()
    error = job.fail(inputs)
    assert job.cached() == before
    return error


# The real CLI


def test_the_real_cli_is_installed_and_on_path(job: SetupJob, downloads, real, depot):
    downloads.publish(VERSION, real)

    result = job.succeed()

    assert_installed(job, depot.read_bytes())
    assert result.paths == [str(job.tool_cache / PLACE)]
    assert (result.outputs, result.environment, result.masks) == ({}, {}, [])
    assert result.annotations == []
    run = subprocess.run([program_of(job), "--version"], capture_output=True, text=True)
    assert VERSION in run.stdout + run.stderr


def test_eight_installs_at_once_into_one_cache(job: SetupJob, downloads, real, depot, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)

    steps = [job.start() for _ in range(8)]
    results = [step.wait(120) for step in steps]

    assert [result.exit_code for result in results] == [0] * 8, [result.raw for result in results]
    assert {path for result in results for path in result.paths} == {str(job.tool_cache / PLACE)}
    assert_installed(job, depot.read_bytes())


def test_whoever_finds_the_mark_finds_the_cli_whole(job: SetupJob, released, ordinary_action):
    job.action = ordinary_action
    over, broken = threading.Event(), []

    def watch():
        while not over.is_set():
            if (job.tool_cache / f"{PLACE}.complete").exists() and program_of(job).read_bytes() != PROGRAM:
                broken.append("a mark before its CLI")

    watcher = threading.Thread(target=watch)
    watcher.start()
    steps = [job.start() for _ in range(4)]
    results = [step.wait(120) for step in steps]
    over.set()
    watcher.join()

    assert [result.exit_code for result in results] == [0] * 4
    assert broken == []


def test_after_a_kill_in_the_middle_the_next_installs_well(job: SetupJob, downloads, real, depot):
    downloads.publish(VERSION, real)
    downloads.storage.faults.append(Fault(stall_after=9 * MEGABYTE))
    step = job.start()
    until(lambda: any(size > MEGABYTE for size in half_made(job)), "nothing is being unpacked")
    step.kill()
    step.wait()
    assert len(half_made(job)) == 1
    assert not program_of(job).exists()

    job.succeed()

    assert_installed(job, depot.read_bytes())


def half_made(job: SetupJob) -> list[int]:
    return [file.stat().st_size for file in job.tool_cache.glob("depot/.installing-*/depot")]


def test_an_installation_under_way_is_not_swept_away(job: SetupJob, released):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))
    first = job.start()
    until(lambda: half_made(job), "nothing is being unpacked")

    job.succeed()
    assert len(half_made(job)) == 1

    first.signal(signal.SIGTERM)
    assert job.checked(first.wait()).exit_code == 128 + signal.SIGTERM
    assert_installed(job)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_ends_a_download_and_leaves_nothing(job: SetupJob, released, number):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))
    step = job.start()
    until(lambda: half_made(job), "nothing is being unpacked")

    step.signal(number)
    result = job.checked(step.wait(60))

    assert result.exit_code == 128 + number
    assert [note.title for note in result.annotations] == ["Setup cancelled"]
    assert job.cached() == []


# One pass

# A quarter of what the real CLI has packed, and a twelfth of what it has unpacked.
ADDRESS_SPACE_KIB = 4 * 1024


def test_the_real_cli_passes_through_less_memory_than_it_has(job: SetupJob, downloads, real, depot, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)
    assert min(len(real), depot.stat().st_size) > 4 * ADDRESS_SPACE_KIB * 1024

    job.succeed(script=f'ulimit -v {ADDRESS_SPACE_KIB}\nexec "{job.program}" setup')

    assert_installed(job, depot.read_bytes())


def test_what_is_unpacked_is_written_once_and_nothing_else_is(job: SetupJob, downloads, real, ordinary_action):
    job.action = ordinary_action
    downloads.publish(VERSION, real)
    downloads.storage.faults.append(Fault(stall_after=9 * MEGABYTE))
    before = sum(file.stat().st_size for file in job.folder.rglob("*") if file.is_file())
    step = job.start()
    until(lambda: sum(half_made(job)) > 9 * MEGABYTE, "nothing is being unpacked")
    until(lambda: written_by(step) == written_by(step, after=0.2), "it does not come to rest")

    written, (unpacked,) = written_by(step), half_made(job)
    kept = sum(file.stat().st_size for file in job.folder.rglob("*") if file.is_file())
    step.kill()
    step.wait()

    # Beside it there are the log and what is sent.
    assert unpacked <= written < unpacked + MEGABYTE
    assert kept - before < unpacked + MEGABYTE


def written_by(step, after: float = 0) -> int:
    """What its process has given to write(2) in all, in bytes (Linux: /proc/PID/io, wchar)."""
    time.sleep(after)
    return int(re.search(r"^wchar: (\d+)$", Path(f"/proc/{step.pid}/io").read_text(), re.M).group(1))


# Versions and the cache


def requests(downloads: DepotDownloads) -> list[str]:
    return [request.path.rpartition("/")[2] for request in downloads.requests]


@pytest.mark.parametrize("version", [VERSION, f"v{VERSION}", f"={VERSION}", f" {VERSION}\n"])
def test_an_exact_version_that_is_cached_costs_no_request(job: SetupJob, released, version):
    job.succeed({"version": version})
    assert requests(released)[0] == VERSION
    released.requests.clear()

    result = job.succeed({"version": version})

    assert requests(released) == []
    assert result.paths == [str(job.tool_cache / PLACE)]


@pytest.mark.parametrize("version", ["latest", "", "2.x", "2.102.x", "^2.1", "~2.102"])
def test_another_version_that_is_cached_costs_one_request(job: SetupJob, released, version):
    job.succeed({"version": version})
    released.requests.clear()
    released.storage.requests.clear()

    job.succeed({"version": version})

    assert len(released.requests) == 1
    assert released.storage.requests == []
    assert_installed(job)


def test_a_range_means_the_release_that_the_lookup_says(job: SetupJob, released, archive):
    released.publish("3.0.0", archive)

    job.succeed({"version": "2.x"})

    assert program_of(job).exists() and not program_of(job, "3.0.0").exists()


def test_a_range_with_spaces_arrives_as_it_is(job: SetupJob, released):
    error = fails(job, {"version": ">=2.0 <3 || ../x"})

    assert requests(released) == ["%3E%3D2.0%20%3C3%20%7C%7C%20..%2Fx"]
    assert "`>=2.0 <3 || ../x`" in error


def test_a_prerelease_is_a_version_of_its_own(job: SetupJob, downloads, archive):
    downloads.publish("3.0.0-beta.1", archive)

    job.succeed({"version": "3.0.0-beta.1"})

    assert program_of(job, "3.0.0-beta.1").exists()


def test_versions_live_side_by_side(job: SetupJob, released, archive):
    released.publish("2.0.0", archive)

    job.succeed({"version": "2.0.0"})
    job.succeed({"version": VERSION})

    assert program_of(job).exists() and program_of(job, "2.0.0").exists()


def test_an_entry_that_another_action_made_is_used(job: SetupJob, downloads):
    place = job.tool_cache / PLACE
    place.mkdir(parents=True)
    (place / "depot").write_bytes(PROGRAM)
    (place / "depot").chmod(0o755)
    place.with_name("x64.complete").write_bytes(b"")

    result = job.succeed({"version": VERSION})

    assert result.paths == [str(place)]
    assert downloads.requests == []


def another_machine(program: Path) -> None:
    with open(program, "r+b") as file:
        file.seek(18)
        file.write((183).to_bytes(2, "little"))


def cut_off(program: Path) -> None:
    os.truncate(program, program.stat().st_size // 2)


def in_its_place(kind: str):
    def change(program: Path) -> None:
        program.unlink()
        if kind == "directory":
            (program / "deep/er").mkdir(parents=True)
            (program / "deep/er/file").touch()
        elif kind == "link":
            program.symlink_to("/nowhere")

    return change


def entry_is_a_file(program: Path) -> None:
    shutil.rmtree(program.parent)
    program.parent.write_text("x")


BROKEN = {
    "no mark": lambda program: program.parent.with_name("x64.complete").unlink(),
    "no directory": lambda program: shutil.rmtree(program.parent),
    "no program": Path.unlink,
    "empty": lambda program: os.truncate(program, 0),
    "text": lambda program: program.write_text("<html>Not found</html>"),
    "of another machine": another_machine,
    "cut off": cut_off,
    "not executable": lambda program: program.chmod(0o644),
    "a directory": in_its_place("directory"),
    "a link to nowhere": in_its_place("link"),
    "a file for a directory": entry_is_a_file,
}


@pytest.mark.parametrize("breaks", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_replaced(job: SetupJob, downloads, real, depot, breaks):
    downloads.publish(VERSION, real)
    place = job.tool_cache / PLACE
    place.mkdir(parents=True)
    shutil.copy(depot, place)
    place.with_name("x64.complete").touch()
    breaks(place / "depot")

    job.succeed({"version": VERSION})

    assert_installed(job, depot.read_bytes())


PLATFORMS = [
    ("Linux", "X64", "linux/x64"),
    ("Linux", "ARM64", "linux/arm64"),
    ("Linux", "ARM", "linux/arm"),
    ("Linux", "X86", "linux/ia32"),
    ("macOS", "X64", "darwin/x64"),
    ("macOS", "ARM64", "darwin/arm64"),
    ("Windows", "X64", "win32/x64"),
    ("Windows", "ARM64", "win32/arm64"),
]


@pytest.mark.parametrize("system, machine, expected", PLATFORMS)
def test_a_platform_is_looked_up_by_its_name_in_node(job: SetupJob, downloads, system, machine, expected):
    # The script looks for a program of that platform.
    script = f'RUNNER_OS={system} RUNNER_ARCH={machine} exec "{job.program}" setup'
    assert job.run(script=script).exit_code == 1

    assert [request.path for request in downloads.requests] == [f"/cli/release/{expected}/latest"]


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
    """Zeros that take a thousandth packed."""
    unpacked = file_info("bin/depot", b"")
    unpacked.size = size
    head = unpacked.tobuf(tarfile.USTAR_FORMAT)
    block = gzip.compress(bytes(16 * MEGABYTE), 1, mtime=0)
    return gzip.compress(head, mtime=0) + block * (size // (16 * MEGABYTE))


def lying(size: int) -> bytes:
    """A header that tells more than there is."""
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
    "a link beside": (lambda: tar(special("bin/x", tarfile.SYMTYPE, "/etc"), GOOD), "link"),
    "a hard link": (lambda: tar(special("bin/depot", tarfile.LNKTYPE, "/etc/passwd")), "link"),
    "a device": (lambda: tar(special("bin/depot", tarfile.CHRTYPE)), "neither"),
    "a block device": (lambda: tar(GOOD, special("disk", tarfile.BLKTYPE)), "neither"),
    "a pipe": (lambda: tar(special("bin/depot", tarfile.FIFOTYPE)), "neither"),
    "a directory for the program": (lambda: tar(special("bin/depot", tarfile.DIRTYPE)), "no `bin/depot`"),
    "two of them": (lambda: tar(GOOD, GOOD), "twice"),
    "two by other names": (lambda: tar(GOOD, ("./bin/depot", b"x")), "twice"),
    "none": (lambda: tar(("bin/other", PROGRAM)), "no `bin/depot`"),
    "nothing": (lambda: tar(), "no `bin/depot`"),
    "a bomb": (lambda: bomb(4096 * MEGABYTE), "more than may be unpacked"),
    "a bomb beside": (lambda: tar(GOOD, ("x", bytes(600 * MEGABYTE))), "more than may be unpacked"),
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


# The network


LOST = {
    "reset": [Fault(reset_after=MEGABYTE)],
    "reset twice": [Fault(reset_after=MEGABYTE), Fault(reset_after=MEGABYTE)],
    "ended": [Fault(end_after=MEGABYTE)],
    "ended at once": [Fault(end_after=0)],
    "reset before a byte": [Fault(reset_after=0), Fault(reset_after=0)],
    "busy": [Fault(status=503), Fault(status=429, headers=(("Retry-After", "0"),))],
    "reset, then busy": [Fault(reset_after=MEGABYTE), Fault(status=502)],
}


@pytest.mark.parametrize("faults", LOST.values(), ids=LOST)
def test_a_lost_connection_is_made_anew(job: SetupJob, released, archive, faults):
    released.storage.faults.extend(faults)

    result = job.succeed()

    assert_installed(job)
    assert result.annotations == []
    assert len(released.archive_requests) == len(faults) + 1


def test_it_goes_on_where_it_was(job: SetupJob, released, archive):
    released.storage.faults.append(Fault(end_after=MEGABYTE))

    job.succeed()

    first, second = released.archive_requests
    assert "range" not in first.headers
    assert second.headers["range"].startswith("bytes=") and second.headers["range"] != "bytes=0-"
    checksums = len(released.storage.files[f"depot_{VERSION}_checksums.txt"])
    assert released.storage.sent <= len(archive) + checksums + MEGABYTE


@pytest.mark.parametrize("fault", [Fault(ignores_ranges=True), Fault(wrong_range=True)], ids=["no", "wrong"])
def test_it_begins_anew_where_a_server_has_no_ranges(job: SetupJob, released, fault):
    released.storage.faults.extend([Fault(reset_after=MEGABYTE), fault, Fault(ignores_ranges=True)])

    job.succeed()

    assert_installed(job)


def test_a_file_that_changes_meanwhile_is_a_mismatch(job: SetupJob, released):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))
    step = job.start()
    until(lambda: half_made(job), "nothing is being unpacked")
    name = f"depot_{VERSION}_linux_amd64.tar.gz"
    released.storage.files[name] = cli_archive(PROGRAM[:-MEGABYTE] + os.urandom(MEGABYTE))
    released.storage.released.set()

    result = job.checked(step.wait())

    assert result.exit_code == 1
    assert len(result.errors) == 1
    assert job.cached() == []


def test_a_stalled_connection_is_made_anew(job: SetupJob, released):
    released.storage.faults.append(Fault(stall_after=MEGABYTE))

    job.succeed()

    assert_installed(job)
    assert len(released.archive_requests) == 2


def test_a_connection_that_drips_is_made_anew(job: SetupJob, released):
    released.storage.faults.append(Fault(bytes_a_second=100))

    job.succeed()

    assert_installed(job)
    assert len(released.archive_requests) == 2


def test_a_download_without_a_length_is_taken(job: SetupJob, released):
    released.storage.faults.append(Fault(without_length=True))

    job.succeed()

    assert_installed(job)


def test_a_server_that_always_fails_is_given_up(job: SetupJob, released):
    released.storage.always = Fault(reset_after=0)
    released.tell_checksums(VERSION)

    error = fails(job, {"sha256": "0" * 64})

    assert "127.0.0.1" in error and "attempts" in error


def test_the_time_for_a_download_is_bounded(job: SetupJob, released, archive):
    job.environment = {"DEPOT_DOWNLOAD_TIMEOUT": "2"}
    released.storage.faults.append(Fault(bytes_a_second=300_000))

    error = fails(job, {"sha256": hashlib.sha256(archive).hexdigest()})

    assert "2 s" in error and "127.0.0.1" in error


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_told_once(job: SetupJob, released, status):
    released.storage.faults.append(Fault(status=status))

    assert str(status) in fails(job)
    assert len(released.archive_requests) == 1


# Redirects


def test_no_credential_is_sent_anywhere(job: SetupJob, released):
    job.environment = {"DEPOT_TOKEN": "depot_secret", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request_secret"}
    home = job.runner().home
    (home / ".netrc").write_text("machine 127.0.0.1 login me password netrc_secret\n")

    job.succeed()

    for request in [*released.requests, *released.storage.requests]:
        assert "authorization" not in request.headers and "cookie" not in request.headers
        assert "secret" not in str(request)


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "ALL_PROXY"])
def test_no_proxy_sees_a_download_from_the_loopback(job: SetupJob, released, variable):
    with DepotDownloads() as proxy:
        job.environment[variable] = proxy.url

        job.succeed()

        assert proxy.requests == []
    assert job.cached() == INSTALLED


def test_a_circle_of_redirects_ends(job: SetupJob, released):
    released.redirect = f"{released.url}/depot/cli/releases/download/v1/x"

    error = fails(job, {"sha256": "0" * 64})

    assert "redirects" in error
    assert len(released.requests) <= 10


UNSAFE = ["http://storage.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://127.0.0.1@storage.example/"]


@pytest.mark.parametrize("address", UNSAFE)
def test_a_redirect_to_what_is_not_safe_is_refused(job: SetupJob, released, address):
    released.redirect = address

    error = fails(job)

    assert "https://" in error
    assert released.storage.requests == []


@pytest.mark.parametrize("address", [f"{address}/depot_1.0.0_linux_amd64.tar.gz" for address in UNSAFE])
def test_a_release_at_an_unsafe_address_is_refused(job: SetupJob, released, address):
    released.archive_url = address

    assert "https://" in fails(job)


# The lookup

ANSWERS = {
    "nothing": b"",
    "null": "null",
    "an array": [],
    "no address": {"ok": True},
    "a number": {"ok": True, "url": 5},
    "not ok": {"ok": False, "url": "https://example.com/depot_1.0.0_linux_amd64.tar.gz"},
    "no archive": {"ok": True, "url": "https://example.com/"},
    "a path for a version": {"ok": True, "url": "https://example.com/depot_../../x_linux_amd64.tar.gz"},
    "a version that leads out": {"ok": True, "url": "https://example.com/depot_1.0.0-.._linux.tar.gz"},
}


@pytest.mark.parametrize("body", ANSWERS.values(), ids=ANSWERS)
def test_garbage_is_no_release(job: SetupJob, released, body):
    released.scripted.extend([Answer(200, body)] * 5)

    fails(job)
    assert released.storage.requests == []


def test_another_version_than_was_asked_for_is_refused(job: SetupJob, released):
    released.archive_url = f"{released.url}/depot/cli/releases/download/v1.0.0/depot_1.0.0_linux_amd64.tar.gz"

    error = fails(job, {"version": VERSION})

    assert VERSION in error and "1.0.0" in error


def test_an_unknown_version_is_named_with_the_service_s_words(job: SetupJob, released):
    error = fails(job, {"version": "9.9.9"})

    assert "`9.9.9`" in error and "No release found" in error


# Progress


def test_a_long_download_shows_how_far_it_is(job: SetupJob, released):
    released.storage.always = Fault(bytes_a_second=MEGABYTE)

    lines = [line for line in job.succeed().lines if line.startswith("Downloading")]

    assert len(lines) >= 2
    assert VERSION in lines[0] and "%" in lines[0] and "MB/s" in lines[0]
    assert "100%" in lines[-1]


def test_a_short_one_shows_nothing(job: SetupJob, released, ordinary_action):
    job.action = ordinary_action

    assert not any("Downloading" in line for line in job.succeed().lines)


# Where it is installed


def test_without_a_tool_cache_there_is_an_error(job: SetupJob, downloads):
    job.environment = {"RUNNER_TOOL_CACHE": ""}

    assert "RUNNER_TOOL_CACHE" in job.fail()
    assert downloads.requests == []


def test_a_tool_cache_that_is_missing_is_made(job: SetupJob, released, tmp_path):
    job.environment = {"RUNNER_TOOL_CACHE": str(tmp_path / "not/yet/there")}

    job.succeed()

    assert (tmp_path / "not/yet/there" / PLACE / "depot").exists()


def test_a_tool_cache_that_is_a_file_is_named(job: SetupJob, released, tmp_path):
    (tmp_path / "file").touch()
    job.environment = {"RUNNER_TOOL_CACHE": str(tmp_path / "file")}

    error = job.fail()

    assert "RUNNER_TOOL_CACHE" in error and str(tmp_path / "file") in error


@pytest.mark.parametrize("size", ["4k", "2m"])
def test_a_full_disk_is_told(job: SetupJob, released, size):
    job.runner()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(job.tool_cache)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("NOTHING CAN BE MOUNTED HERE: a full disk is not tested")
    try:
        error = fails(job)
    finally:
        subprocess.run(["umount", str(job.tool_cache)], check=True)

    assert "No space left" in error


def test_a_path_file_that_cannot_be_written_is_named(job: SetupJob, released):
    job.environment = {"GITHUB_PATH": "/dev/full"}

    assert "GITHUB_PATH" in job.fail()


# Inputs


@pytest.mark.parametrize("name", ["oidc", "configure-docker"])
def test_a_boolean_that_is_none_is_named(job: SetupJob, downloads, name):
    error = fails(job, {name: "yes"})

    assert f"`{name}`" in error and "`yes`" in error
    assert downloads.requests == []


# OIDC


@pytest.fixture
def identity(job: SetupJob):
    with GithubOidc() as oidc, DepotAuth() as auth:
        job.environment |= {**oidc.environment(), "DEPOT_AUTH_URL": auth.url}
        yield auth


def test_oidc_hands_a_masked_token_to_later_steps(job: SetupJob, released, identity):
    result = job.succeed({"oidc": "true"})

    (token,) = identity.issued
    assert result.environment == {"DEPOT_TOKEN": token}
    assert [line for line in result.lines if token in line] == [f"::add-mask::{token}"]
    assert token not in result.log


def test_without_oidc_no_identity_is_asked_for(job: SetupJob, released, identity):
    assert job.succeed({"oidc": "false"}).environment == {}
    assert identity.requests == []


def test_a_token_that_is_there_stays(job: SetupJob, released, identity):
    job.environment["DEPOT_TOKEN"] = "depot_given"

    assert job.succeed({"oidc": "true"}).environment == {}
    assert identity.requests == []


def test_a_refused_identity_is_a_warning(job: SetupJob, released, identity):
    identity.refuse("No trust relationship")

    result = job.succeed({"oidc": "true"})

    assert result.environment == {}
    (warning,) = result.messages("warning")
    assert "No trust relationship" in warning


def test_no_identity_is_a_warning_with_a_cure(job: SetupJob, released):
    result = job.succeed({"oidc": "true"})

    (warning,) = result.messages("warning")
    assert "`id-token: write`" in warning and "fork" in warning
    assert all(line in result.lines for line in ("permissions:", "  contents: read", "  id-token: write"))


@pytest.mark.parametrize("token", ["depot\nLD_PRELOAD=/x", "depot token", ""])
def test_a_token_that_would_forge_a_line_is_not_exported(job: SetupJob, released, identity, token):
    identity.scripted.append(Answer(200, {"ok": True, "token": token}))

    result = job.succeed({"oidc": "true"})

    assert result.environment == {}
    assert len(result.messages("warning")) == 1


# Forks of open source, to which GitHub gives no identity


class ChallengedSetupJob(ChallengedJob, SetupJob):
    pass


@pytest.fixture
def challenged(tmp_path, action, cli, downloads, released):
    with DepotPublicOidc() as service:
        yield ChallengedSetupJob(tmp_path, action, cli, downloads=downloads.url, service=service)


def test_a_fork_of_open_source_has_a_masked_token_by_the_challenge(challenged):
    result = challenged.run({"oidc": "true"})

    (token,) = challenged.service.issued
    assert result.exit_code == 0, result.raw
    assert result.environment == {"DEPOT_TOKEN": token}
    assert [line for line in result.lines if token in line] == [f"::add-mask::{token}"]
    assert f"Waiting for OIDC auth challenge {challenged.service.codes[0]}" in result.lines
    assert result.annotations == []


def test_a_fork_whose_identity_is_refused_has_its_token_by_the_challenge(challenged, identity):
    identity.refuse("No trust relationship")

    result = challenged.run({"oidc": "true"})

    assert result.environment == {"DEPOT_TOKEN": challenged.service.issued[0]}


NOT_CHALLENGED = {
    "a push": (push(private=False), {"oidc": "true"}, {}),
    "a pull request of the repository itself": (pull_request(fork=False), {"oidc": "true"}, {}),
    "a fork of a private repository": (pull_request(fork=True, private=True), {"oidc": "true"}, {}),
    "a fork with a token": (pull_request(fork=True), {"oidc": "true"}, {"DEPOT_TOKEN": "depot_given"}),
    "a fork that asks for none": (pull_request(fork=True), {"oidc": "false"}, {}),
}


@pytest.mark.parametrize("event, inputs, environment", NOT_CHALLENGED.values(), ids=NOT_CHALLENGED)
def test_no_other_run_is_challenged(challenged, event, inputs, environment):
    challenged.event, challenged.environment = event, environment

    result = challenged.run(inputs)

    assert (result.exit_code, result.environment) == (0, {})
    assert challenged.service.requests == []


REFUSED = {
    "a refusal": [Answer(403, {"error": "Not an open-source project"})],
    "no challenge": [Answer(200, {})],
}


@pytest.mark.parametrize("answers", REFUSED.values(), ids=REFUSED)
def test_a_fork_that_is_given_no_token_is_warned(challenged, answers):
    challenged.service.scripted.extend(answers)

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    (warning,) = result.messages("warning")
    assert "open source" in warning


def test_what_is_no_token_of_a_fork_is_not_exported(challenged):
    exchange = {"challengeCode": "code", "exchangeURL": f"{challenged.service.url}/exchange"}
    challenged.service.scripted.extend([Answer(200, exchange), Answer(200, "a\x1bb")])

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    assert len(result.messages("warning")) == 1


def test_an_event_that_cannot_be_read_is_told(challenged):
    challenged.environment = {"GITHUB_EVENT_PATH": "/not/there"}

    result = challenged.run({"oidc": "true"})

    assert (result.exit_code, result.environment) == (0, {})
    assert any("/not/there" in line for line in result.lines)
    assert challenged.service.requests == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_signal_ends_the_wait_for_a_fork_s_token(challenged, number):
    gate = Gate(challenged.service)
    running = challenged.start({"oidc": "true"})
    gate.wait_for(running)
    running.signal(number)

    result = challenged.checked(running.wait(60))
    gate.opened.set()

    assert result.exit_code == 128 + number
    assert [note.title for note in result.annotations] == ["Setup cancelled"]
    assert result.environment == {}


# docker


def script_release(downloads: DepotDownloads, script: str) -> None:
    downloads.publish(VERSION, cli_archive(f"#!/bin/sh\n{script}\n".encode()))


def test_docker_is_configured_by_the_cli(job: SetupJob, downloads, identity, tmp_path):
    record = tmp_path / "record"
    script_release(downloads, f'env > {record}; echo "$*" >> {record}; command -v depot >> {record}; echo ::error::no')

    result = job.succeed({"configure-docker": "true", "oidc": "true"})

    lines = record.read_text().splitlines()
    assert lines[-2:] == ["configure-docker", str(program_of(job))]
    assert f"DEPOT_TOKEN={identity.issued[0]}" in lines
    assert not any(line.startswith(("INPUT_", "ACTIONS_ID_TOKEN")) for line in lines)
    assert "::error::no" in result.lines


def test_a_docker_that_cannot_be_configured_fails_the_step(job: SetupJob, downloads):
    script_release(downloads, "echo 'Error: no docker here' >&2; exit 3")

    result = job.run({"configure-docker": "true"})

    assert result.exit_code == 3
    (error,) = result.errors
    assert "no docker here" in error and "configure-docker" in error


def test_docker_is_left_alone_otherwise(job: SetupJob, downloads, tmp_path):
    script_release(downloads, f"touch {tmp_path / 'called'}")

    job.succeed()

    assert not (tmp_path / "called").exists()
