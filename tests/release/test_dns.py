"""Names are looked up as on any Linux. The step runs in a network that has only a loopback interface and our name
server."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager

import pytest

from release.job import ReleasedJob, succeed_with_exchange, warning_without_token
from release.network import NameServer, Network, SilentHost

HOST = "identity.test"
LOOPBACK = "127.0.0.1"
NOBODY_V6, UNREACHABLE_V6 = "::1", "2001:db8::1"
# More addresses than fit in a datagram of 512 bytes.
MANY = [f"127.0.0.{number}" for number in range(1, 101)]


@pytest.fixture
def network(chroot):
    try:
        with Network() as network:
            yield network
    except OSError as error:
        pytest.skip(f"NO SEPARATE NETWORK IS POSSIBLE HERE: {error}")


@pytest.fixture
def job(bare_job: ReleasedJob, network, authority):
    bare_job.through = network.enter
    bare_job.environment["SSL_CERT_FILE"] = bare_job.write("/trusted.pem", authority.certificate.read_text())
    return bare_job


@pytest.fixture
def world(job, services, identity, network):
    """Starts name servers and services, and points the job to them."""

    @contextmanager
    def start(*servers: NameServer, host: str = HOST, options: str = ""):
        lines = [*(f"nameserver {server.address}" for server in servers), options]
        job.write("/etc/resolv.conf", "\n".join(lines) + "\n")
        with ExitStack() as running:
            for server in servers:
                network.run(server.start)
                running.callback(server.stop)
            running.enter_context(services.running(identity, host=host, start=network.run))
            job.environment |= services.environment()
            yield

    return start


def transports(server: NameServer) -> set[str]:
    return {transport for transport, _ in server.queries}


def test_a_name_is_found(job, services, world):
    server = NameServer({HOST: [LOOPBACK]})
    with world(server):
        succeed_with_exchange(job, services)
    assert transports(server) == {"udp"}


SEARCHED = {
    "the domain": ("host", "host.corp.test", "search corp.test"),
    "the second of two domains": ("host", "host.corp.test", "search none.test corp.test"),
    "as Kubernetes sets it": ("host.team", "host.team.svc.test", "search svc.test\noptions ndots:5"),
    "the name itself at last": (HOST, HOST, "search corp.test\noptions ndots:5"),
}


@pytest.mark.parametrize("host, known, options", SEARCHED.values(), ids=SEARCHED)
def test_the_search_list_is_gone_through(job, services, world, host, known, options):
    with world(NameServer({known: [LOOPBACK]}), host=host, options=options):
        succeed_with_exchange(job, services)


def test_an_answer_too_long_for_a_datagram_is_had_over_tcp(job, services, world):
    server = NameServer({HOST: MANY})
    with world(server):
        succeed_with_exchange(job, services)
    assert transports(server) == {"udp", "tcp"}


@pytest.mark.parametrize("address", [NOBODY_V6, UNREACHABLE_V6], ids=["refused", "unreachable"])
def test_ipv4_is_tried_where_ipv6_leads_nowhere(job, services, world, address):
    with world(NameServer({HOST: [address, LOOPBACK]})):
        succeed_with_exchange(job, services)


def test_ipv4_is_tried_where_ipv6_is_silent(job, services, world, network):
    def silence(port: int) -> None:
        silent.callback(SilentHost(NOBODY_V6, port).stop)

    with world(NameServer({HOST: [NOBODY_V6, LOOPBACK]})), ExitStack() as silent:
        for service in services.both:
            network.run(lambda: silence(service.port))
        succeed_with_exchange(job, services)


def test_one_address_that_refuses_is_no_obstacle(job, services, world):
    with world(NameServer({HOST: ["127.0.0.77", LOOPBACK]})):
        succeed_with_exchange(job, services)


def test_a_second_name_server_answers_where_the_first_is_silent(job, services, world):
    first = NameServer({}, silent=(HOST,), address="127.0.0.53")
    with world(first, NameServer({HOST: [LOOPBACK]})):
        succeed_with_exchange(job, services)
    assert first.queries


def test_a_name_in_the_file_of_hosts_needs_no_name_server(job, services, world):
    job.write("/etc/hosts", f"{LOOPBACK} {HOST}\n")
    with world():
        succeed_with_exchange(job, services)


def test_a_name_that_does_not_exist_is_told(job, services, world):
    with world(NameServer({})):
        warning = warning_without_token(job, services)
    assert HOST in warning and re.search("resolv|name", warning, re.I)


def test_a_name_server_that_never_answers_is_told_in_the_end(job, services, world):
    # job.run() has a time limit, far beyond the deadline of a request, and would fail then.
    with world(NameServer({}, silent=(HOST,))):
        warning = warning_without_token(job, services)
    assert HOST in warning and re.search("resolv|time", warning, re.I)
