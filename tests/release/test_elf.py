"""The programs that users get: how they are linked, hardened and packed, and that a crash reveals no secret."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import ssl
import subprocess
import tempfile
from pathlib import Path

import pytest

from integration.cli import FakeClis, Step
from integration.job import Job
from release.elf import Elf
from release.job import TOKEN
from release.mozilla import built_in_certificates
from world.action import PROGRAMS, ROOT
from world.runner import SYSTEM_PATH

LARGEST = 1_050_000
NOBODY = 65534
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
PLATFORMS = re.search(r"^PLATFORMS := (.*)$", (ROOT / "Makefile").read_text(), re.M).group(1).split()
MACHINES = {"Linux-X64": "EM_X86_64", "Linux-ARM64": "EM_AARCH64", "Linux-ARM": "EM_ARM"}


def program_of(platform: str) -> Path:
    return PROGRAMS / platform / "depot-build-push"


@pytest.fixture(params=PLATFORMS)
def platform(request):
    return request.param


@pytest.fixture
def elf(platform):
    return Elf(program_of(platform).read_bytes())


# What is there


def test_every_platform_of_the_makefile_is_there_and_no_other():
    assert {"Linux-X64", "Linux-ARM64"} <= set(PLATFORMS)
    assert sorted(path.parent.name for path in PROGRAMS.glob("*/depot-build-push")) == sorted(PLATFORMS)


def test_the_program_is_that_of_its_platform(platform, elf):
    assert elf.machine == MACHINES[platform]


def test_the_program_may_be_run_by_everybody(platform):
    assert program_of(platform).stat().st_mode & 0o111 == 0o111


def test_the_program_is_small(platform):
    assert program_of(platform).stat().st_size <= LARGEST


def test_the_sums_are_those_of_the_programs():
    lines = (PROGRAMS / "SHA256SUMS").read_text().splitlines()
    assert sorted(line.split()[1] for line in lines) == sorted(f"{name}/depot-build-push" for name in PLATFORMS)
    check = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=PROGRAMS, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout


def libraries() -> set[str]:
    """Everything that is linked in, and the compiler, because its runtime is. Not the assembler, which adds nothing of
    its own."""
    rows = (line.split()[0] for line in (ROOT / "deps/sources").read_text().splitlines() if line and line[0] != "#")
    return {name.removesuffix("-patches") for name in rows} - {"nasm"} | {"musl"}


def test_the_licence_of_every_library_is_there():
    text = (PROGRAMS / "THIRD_PARTY_LICENSES").read_text()
    notices = dict(re.findall(r"^===== (\S+) =====\n\n(.*?)(?=^=====|\Z)", text, re.M | re.S))
    assert set(notices) == libraries()
    for name, notice in notices.items():
        assert re.search(r"copyright|license|public domain", notice, re.I), name


def test_mozilla_s_authorities_are_built_in(platform):
    certificates = built_in_certificates(program_of(platform).read_bytes()).values()
    subjects = subjects_of("".join(map(ssl.DER_cert_to_PEM_cert, certificates)))
    assert len(subjects) == len(certificates) > 100
    assert any("ISRG Root X1" in subject for subject in subjects)


def subjects_of(bundle: str) -> list[str]:
    """The subjects of the certificates, according to openssl."""
    together = subprocess.run(
        ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin"],
        input=bundle.encode(),
        capture_output=True,
        check=True,
    )
    names = subprocess.run(
        ["openssl", "pkcs7", "-print_certs", "-noout"], input=together.stdout, capture_output=True, check=True
    )
    return re.findall("^subject=(.*)", names.stdout.decode(), re.M)


# How it is linked


def test_the_program_needs_nothing_beside_it(elf):
    assert "PT_INTERP" not in elf.segments
    assert "DT_NEEDED" not in elf.dynamic


def test_the_program_is_position_independent(elf):
    assert elf.type == "ET_DYN"
    assert elf.dynamic["DT_FLAGS_1"] & Elf.DF_1_PIE


def test_what_is_relocated_is_read_only_afterwards(elf):
    assert "PT_GNU_RELRO" in elf.segments
    assert elf.dynamic["DT_FLAGS_1"] & Elf.DF_1_NOW
    # Nothing is bound lazily, so nothing stays writable for that.
    assert "DT_JMPREL" not in elf.dynamic or elf.dynamic["DT_FLAGS"] & Elf.DF_BIND_NOW
    assert "DT_TEXTREL" not in elf.dynamic


def test_no_memory_is_both_writable_and_executable(elf):
    assert elf.segments["PT_GNU_STACK"] == [Elf.READ | Elf.WRITE]
    assert all(flags & (Elf.WRITE | Elf.EXECUTE) != Elf.WRITE | Elf.EXECUTE for flags in elf.segments["PT_LOAD"])


def test_the_program_is_stripped(elf):
    assert not {name for name in elf.sections if name == ".symtab" or name.startswith(".debug")}


def test_the_program_names_no_folder_of_the_machine_that_built_it(platform):
    content = program_of(platform).read_bytes()
    assert not re.findall(rb"/(?:home|root|work|tmp|build|Users)/[\w./-]{3,}", content)


# mov %fs:0x28, REGISTER, or a comparison with it: every function with a guarded frame reads the guard there.
GUARD_OF_X64 = re.compile(rb"\x64[\x48\x4c][\x8b\x3b\x2b\x33][\x04\x0c\x14\x1c\x24\x2c\x34\x3c]\x25\x28\0\0\0")


def test_functions_of_the_program_check_their_stack():
    assert len(GUARD_OF_X64.findall(program_of("Linux-X64").read_bytes())) > 100


GUARDED_LIBRARIES = ("libcurl.a", "libmbedtls.a", "libmbedx509.a", "libsodium.a")


@pytest.mark.parametrize("library", GUARDED_LIBRARIES)
def test_functions_of_the_libraries_check_their_stack(platform, library):
    archive = ROOT / "build/deps" / platform / "lib" / library
    if not archive.exists():
        pytest.skip(f"{library.upper()} OF {platform} IS NOT BUILT: run `deps/build {platform}`")
    assert b"__stack_chk_fail" in archive.read_bytes()


def test_functions_of_our_own_check_their_stack(platform, tmp_path):
    def ask(what: str) -> list[str]:
        command = [ROOT / "deps/build", "--print", what, platform]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    (compiler,) = ask("cc")
    if not (ROOT / "build/deps" / platform / "inputs").exists():
        pytest.skip(f"THE LIBRARIES OF {platform} ARE NOT BUILT: run `deps/build {platform}`")
    source = ROOT / "src/system/http_transfer.c"
    flags = ["-Isrc", "-D_GNU_SOURCE", *ask("cflags")]
    subprocess.run([ROOT / compiler, *flags, "-c", source, "-o", tmp_path / "http.o"], cwd=ROOT, check=True)
    assert b"__stack_chk_fail" in (tmp_path / "http.o").read_bytes()


# No core dump holds a secret


@pytest.fixture
def folder():
    """A folder where an unprivileged user may work."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def waiting(folder, action):
    """A job with a marked token, and the process of its program, which waits for its CLI. If the tests run as root, the
    process belongs to an unprivileged user."""
    cli = FakeClis(folder / "bin")
    cli.does(Step("wait_for", str(folder / "never")))
    shutil.copytree(action, folder / "action")
    job = Job(folder, folder / "action", cli)
    runner = job.runner()
    given = {"INPUT_CONTEXT": ".", "DEPOT_TOKEN": TOKEN, "PATH": f"{cli.folder}:{SYSTEM_PATH}"}
    for path in folder.rglob("*"):
        os.chown(path, NOBODY, NOBODY)
    allow = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    process = subprocess.Popen(
        [job.program, "build"],
        **allow,
        env={**given, **runner.context()},
        cwd=runner.workspace,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, UNLIMITED),
    )
    build = None
    try:
        cli.wait_for_call()
        (build,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        yield job, process
    finally:
        # A program that crashed or was killed leaves this file behind.
        if build is not None:
            os.killpg(build, signal.SIGKILL)
        if process.returncode is None:
            process.kill()
            process.wait()


def ended_with_core(pid: int, number: int) -> bool:
    os.kill(pid, number)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == number
    return os.WCOREDUMP(status)


CRASHES = [signal.SIGSEGV, signal.SIGABRT]
crashes = pytest.mark.parametrize("number", CRASHES, ids=lambda number: number.name)


@pytest.fixture
def dumping(folder):
    """Skips the test if no program on this machine leaves a core dump, because it would then prove nothing."""
    try:
        process = subprocess.Popen(
            ["sleep", "60"], cwd=folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, UNLIMITED)
        )
    except subprocess.SubprocessError:
        pytest.skip("THE LIMIT OF CORE DUMPS CANNOT BE RAISED HERE: whether a crash leaves one is not tested")
    dumped = ended_with_core(process.pid, signal.SIGSEGV)
    process.returncode = -signal.SIGSEGV
    if not dumped:
        pytest.skip("NO PROGRAM LEAVES A CORE DUMP HERE: whether ours does is not tested")
    for core in folder.glob("core*"):
        core.unlink()


@crashes
def test_a_crash_leaves_no_core_dump(dumping, waiting, number):
    job, process = waiting

    dumped = ended_with_core(process.pid, number)
    process.returncode = -number

    assert not dumped
    assert list(job.folder.rglob("core*")) == []


SECRETS_OF_A_PROCESS = ("environ", "mem", "maps", "auxv")


@pytest.mark.parametrize("file", SECRETS_OF_A_PROCESS)
def test_no_process_of_the_same_user_can_look_into_it(waiting, file):
    job, process = waiting
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            Path(f"/proc/{process.pid}/{file}").read_bytes()
        return
    read = subprocess.run(
        ["cat", f"/proc/{process.pid}/{file}"], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True
    )
    assert read.returncode != 0
    assert b"Permission denied" in read.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT ROOT: what root sees of the program is not tested")
def test_even_root_finds_no_secret_in_its_environment(waiting):
    _, process = waiting
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"GITHUB_REPOSITORY=" in environment
    assert TOKEN.encode() not in environment


def test_the_fake_cli_has_the_token_that_nobody_else_has(waiting):
    """Otherwise the tests above would find no secret only because there was none."""
    job, _ = waiting
    assert job.cli.call.environment["DEPOT_TOKEN"] == TOKEN
