"""The action's own script builds in the roots that containers have, and with the system calls of an old kernel. In
each, it gets its token over TLS."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from release.job import TOKEN, ReleasedJob, assert_built, succeed_with_exchange
from release.roots import debian_slim, like_alpine, nothing_but_sh
from world.parts import PartsMissing

# What a container engine gives every container.
OF_ENGINE = [Path("/dev"), Path("/proc")]

# The root, the parts of this machine that are visible in it, and its own bundle of certificates.
ROOTS = {
    "Debian slim": (debian_slim, OF_ENGINE, None),
    "Alpine": (like_alpine, OF_ENGINE, "/etc/ssl/certs/ca-bundle-of-alpine.crt"),
    "nothing but sh": (nothing_but_sh, [], None),
}


@pytest.fixture(params=ROOTS.values(), ids=ROOTS)
def in_root(request, job, tmp_path, chroot, authority):
    make, seen, bundle = request.param
    try:
        job.root = make(tmp_path / "root")
    except PartsMissing as missing:
        pytest.skip(f"THIS ROOT CANNOT BE MADE HERE: {missing}")
    job.seen += seen
    if bundle:
        job.write(bundle, authority.certificate.read_text())
    else:
        # In addition to the bundle in the program, as behind a proxy: the service's authority is ours.
        job.environment["NODE_EXTRA_CA_CERTS"] = job.write("/extra.pem", authority.certificate.read_text())
    return job


def test_a_build_with_a_token(in_root: ReleasedJob):
    result = in_root.succeed({"token": TOKEN, "secrets": "key=value", "tags": "octo/app:1"})

    assert in_root.cli.call.environment["DEPOT_TOKEN"] == TOKEN
    assert "--secret" in in_root.cli.call.arguments
    assert_built(result)


def test_a_build_with_a_token_for_the_job_s_identity(in_root: ReleasedJob, services, identity):
    with services.running(identity):
        in_root.environment |= services.environment()
        succeed_with_exchange(in_root, services)


def test_a_platform_without_a_program_is_one_error(in_root: ReleasedJob):
    in_root.environment["RUNNER_ARCH"] = "S390X"

    assert "There is no depot-build-push for Linux-S390X" in in_root.fail()


# Randomness


def test_a_random_device_that_blocks_holds_up_nothing(bare_job: ReleasedJob, services, authority, identity):
    """/dev/random of kernels before 5.6, on a machine where little happens."""
    trust_by_file(bare_job, authority)
    bare_job.seen.remove(Path("/dev"))
    bare_job.write("/dev/.keep", "")
    os.mkfifo(f"{bare_job.root}/dev/random")
    with services.running(identity):
        bare_job.environment |= services.environment()
        succeed_with_exchange(bare_job, services)


def trust_by_file(job: ReleasedJob, authority) -> None:
    job.environment["SSL_CERT_FILE"] = str(authority.certificate)
    job.seen.append(authority.folder)


# Old kernels

# The newest system call of each kernel, by its number on x64. New ones have only been added at the end.
KERNELS = {
    "Linux 4.4": 325,
    "Linux 3.17": 319,
    "Linux 3.10, without getrandom": 313,
    "Linux 3.2": 311,
}

only_x64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="NOT X64: old kernels are not tested")


@pytest.fixture(params=KERNELS.values(), ids=KERNELS)
def on_old_kernel(request, job: ReleasedJob, refuse_newer):
    job.through = [refuse_newer, request.param]
    return job


@only_x64
def test_a_build_on_an_old_kernel(on_old_kernel: ReleasedJob):
    result = on_old_kernel.succeed({"token": TOKEN, "secrets": "key=value"})

    assert on_old_kernel.cli.call.environment["DEPOT_TOKEN"] == TOKEN
    assert_built(result)


@only_x64
def test_a_build_with_a_token_for_the_job_s_identity_on_an_old_kernel(
    on_old_kernel: ReleasedJob, services, authority, identity
):
    trust_by_file(on_old_kernel, authority)
    with services.running(identity):
        on_old_kernel.environment |= services.environment()
        succeed_with_exchange(on_old_kernel, services)


@only_x64
def test_the_old_kernel_refuses_what_it_does_not_know(refuse_newer):
    ask = "import os\nos.urandom\ntry: os.getrandom(1)\nexcept OSError as error: print(error.errno)"
    for number, expected in ((311, "38\n"), (319, "")):
        command = [refuse_newer, str(number), "/usr/bin/python3", "-c", ask]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == expected


# ARM64

# The names in Debian 12 and in Debian 13.
EMULATORS = ("qemu-aarch64-static", "qemu-aarch64")


@pytest.fixture
def on_arm64(job: ReleasedJob, tmp_path):
    """The program for ARM64, run by an emulator. The shell and the CLI are this machine's."""
    job.action = shutil.copytree(job.action, tmp_path / "action")
    job.environment["RUNNER_ARCH"] = "ARM64"
    if platform.machine() != "aarch64":
        emulate(job.action / "dist/Linux-ARM64/depot-build-push")
    return job


def emulate(program: Path) -> None:
    emulator = next(filter(None, map(shutil.which, EMULATORS)), None)
    if emulator is None:
        pytest.skip("QEMU-USER IS NOT INSTALLED: the program for ARM64 is not tested")
    real = program.rename(program.with_name("for-arm64"))
    program.write_text(f'#!/bin/sh\nexec {emulator} {real} "$@"\n')
    program.chmod(0o755)


def test_a_build_on_arm64(on_arm64: ReleasedJob):
    result = on_arm64.succeed({"token": TOKEN, "secrets": "key=value", "tags": "octo/app:1"})

    assert on_arm64.cli.call.environment["DEPOT_TOKEN"] == TOKEN
    assert_built(result)


def test_a_build_with_a_token_for_the_job_s_identity_on_arm64(on_arm64: ReleasedJob, services, authority, identity):
    trust_by_file(on_arm64, authority)
    with services.running(identity):
        on_arm64.environment |= services.environment()
        succeed_with_exchange(on_arm64, services)


def test_an_unknown_certificate_is_refused_on_arm64(on_arm64: ReleasedJob, services, stranger, identity):
    trust_by_file(on_arm64, stranger)
    with services.running(identity):
        on_arm64.environment |= services.environment()
        result = on_arm64.succeed()
    (warning,) = result.messages("warning")
    assert "the certificate of localhost is not trusted by" in warning


@pytest.mark.parametrize("command, wanted", [("version", "depot-build-push "), ("plan", '"builder":')])
def test_the_other_commands_on_arm64(on_arm64: ReleasedJob, command, wanted):
    script = f'"$GITHUB_ACTION_PATH/dist/$RUNNER_OS-$RUNNER_ARCH/depot-build-push" {command}'
    assert wanted in on_arm64.succeed(script=script).raw
