"""The download, whatever the network does."""

from __future__ import annotations

import hashlib
import os

import pytest

from integration.cli import until
from integration.job import SetupJob
from integration.setup.release import INSTALLED, MEGABYTE, PROGRAM, VERSION, assert_installed, fails, half_made
from stand_ins.depot_downloads import DepotDownloads, Fault, cli_archive


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
