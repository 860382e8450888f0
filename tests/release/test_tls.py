"""Which servers the program trusts, which it refuses and what it says then, and how it gets through a proxy.

Each step runs in a root with only `sh` and /dev. All trusted certificates come from the test.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from release.job import TOKEN, ReleasedJob, Services, assert_built, succeed_with_exchange, warning_without_token
from release.mozilla import built_in_certificates
from release.proxy import Proxy
from world.action import PLATFORM, ROOT
from world.certificates import FUTURE, PAST, PRINTABLE, UTF8, Authority, for_hosts

BUILT_IN = "Mozilla's built-in bundle"
CURE = "NODE_EXTRA_CA_CERTS"


@pytest.fixture
def job(bare_job):
    return bare_job


def trust(job: ReleasedJob, authority: Authority) -> None:
    job.environment["SSL_CERT_FILE"] = job.write("/trusted.pem", authority.certificate.read_text())


# Where trust comes from


def places_of_bundles() -> list[str]:
    """The places that the program knows."""
    return re.findall(r'^    "(/etc/[^"]+)"', (ROOT / "src/system/trust.c").read_text(), re.M)


def named_file(job: ReleasedJob, authority: Authority) -> str:
    trust(job, authority)
    return "/trusted.pem"


def named_directory(job: ReleasedJob, authority: Authority) -> str:
    """A folder as `openssl rehash` makes it, among other files that are found in such folders."""
    folder = Path(f"{job.root}/certificates")
    folder.mkdir()
    (folder / "authority.pem").write_text(authority.certificate.read_text())
    subprocess.run(["openssl", "rehash", folder], check=True)
    assert list(folder.glob("*.0"))
    (folder / "dangling.pem").symlink_to("gone")
    (folder / "java").mkdir()
    (folder / "README").write_text("No certificate.\n")
    job.environment["SSL_CERT_DIR"] = "/certificates"
    return "/certificates"


def bundle_in(place: str):
    def put(job: ReleasedJob, authority: Authority) -> str:
        return job.write(place, authority.certificate.read_text())

    return put


STORES = {
    "SSL_CERT_FILE": named_file,
    "SSL_CERT_DIR": named_directory,
    **{place: bundle_in(place) for place in places_of_bundles()},
}
every_store = pytest.mark.parametrize("store", STORES.values(), ids=STORES)


def test_the_places_of_bundles_are_those_of_the_large_distributions():
    debian_fedora_suse_alpine = {
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    }
    assert debian_fedora_suse_alpine <= set(places_of_bundles())


@every_store
def test_whom_the_store_names_is_trusted(job, services, authority, identity, store):
    store(job, authority)
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@every_store
def test_whom_the_store_does_not_name_is_refused(job, services, stranger, identity, store):
    name = store(job, stranger)
    with services.running(identity):
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert f"not trusted by {name}" in warning and CURE in warning


WITH_NONE = {**STORES, "no store": lambda job, authority: BUILT_IN}


@pytest.mark.parametrize("store", WITH_NONE.values(), ids=WITH_NONE)
def test_the_extra_certificates_are_trusted_on_top_of_the_store(job, services, authority, stranger, identity, store):
    store(job, stranger)
    job.environment[CURE] = job.write("/extra.pem", authority.certificate.read_text())
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@every_store
def test_the_store_is_trusted_beside_the_extra_certificates(job, services, authority, stranger, identity, store):
    store(job, authority)
    job.environment[CURE] = job.write("/extra.pem", stranger.certificate.read_text())
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_whom_neither_the_store_nor_the_extra_certificates_name_is_refused(job, services, stranger, identity):
    trust(job, stranger)
    job.environment[CURE] = job.write("/extra.pem", stranger.certificate.read_text())
    with services.running(identity):
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert "not trusted by /trusted.pem and /extra.pem" in warning


UNREADABLE = {"missing": "/no/such/file", "a folder": "/bin"}
unreadable = pytest.mark.parametrize("path", UNREADABLE.values(), ids=UNREADABLE)


@unreadable
@every_store
def test_extra_certificates_that_cannot_be_read_change_nothing(job, services, authority, identity, store, path):
    store(job, authority)
    job.environment[CURE] = path
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@unreadable
def test_extra_certificates_that_cannot_be_read_are_told_where_they_are_missed(job, services, identity, path):
    job.environment[CURE] = path
    with services.running(identity):
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert BUILT_IN in warning and path in warning


@unreadable
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_a_store_that_cannot_be_read_is_told(job, services, identity, variable, path):
    job.environment[variable] = path
    with services.running(identity):
        job.environment |= services.environment()
        assert path in warning_without_token(job, services)


def test_a_named_file_is_enough_where_the_named_directory_is_missing(job, services, authority, identity):
    trust(job, authority)
    job.environment["SSL_CERT_DIR"] = "/no/such/folder"
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_a_named_file_and_a_named_directory_are_trusted_together(job, services, authority, stranger, identity):
    named_directory(job, authority)
    trust(job, stranger)
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", CURE])
def test_a_bundle_may_hold_more_than_certificates_that_can_be_read(job, services, authority, identity, variable):
    unknown = ssl.DER_cert_to_PEM_cert(b"\x30\x82\x01\x00" + bytes(256))
    bundle = f"# Ours\n{unknown}\n# Ours, too\n{authority.certificate.read_text()}".replace("\n", "\r\n")
    job.environment[variable] = job.write("/bundle.pem", bundle)
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_several_directories_may_be_named_as_for_openssl(job, services, authority, identity):
    named_directory(job, authority)
    job.environment["SSL_CERT_DIR"] = "/no/such/folder:/certificates"
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@pytest.mark.parametrize("named", [named_file, named_directory])
def test_a_named_store_takes_the_place_of_the_distribution_s(job, services, authority, stranger, identity, named):
    job.write(places_of_bundles()[0], authority.certificate.read_text())
    name = named(job, stranger)
    with services.running(identity):
        job.environment |= services.environment()
        assert f"not trusted by {name}" in warning_without_token(job, services)


# The bundle in the program


def test_without_a_store_the_built_in_bundle_decides(job, services, identity):
    with services.running(identity):
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert f"not trusted by {BUILT_IN}" in warning and CURE in warning


def test_without_a_store_whom_the_built_in_bundle_names_is_trusted(job, services, tmp_path):
    """In a copy of the program, one of Mozilla's authorities is replaced by ours."""
    program = job.action / "dist" / PLATFORM / "depot-build-push"
    content = program.read_bytes()
    authority, at = authority_that_fits(tmp_path, built_in_certificates(content))
    changed = content[:at] + authority.der + content[at + len(authority.der) :]
    job.action = with_program(job.action, tmp_path / "changed", changed)
    with services.running(authority.issue("server", ["localhost"])):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def authority_that_fits(folder: Path, places: dict[int, bytes]) -> tuple[Authority, int]:
    """An authority with a certificate that is exactly as long as the one at this offset."""
    # Long enough that its length is encoded like that of every longer one up to 255.
    comment = 130 * "x"
    shortest = len(Authority(folder / "shortest", "Ours", comment=comment).der)
    missing, at = min((len(der) - shortest, at) for at, der in places.items() if len(der) >= shortest)
    authority = Authority(folder / "fitting", "Ours", comment=comment + missing * "x")
    assert len(authority.der) == len(places[at])
    return authority, at


def with_program(action: Path, folder: Path, content: bytes) -> Path:
    subprocess.run(["cp", "-R", action, folder], check=True)
    (folder / "dist" / PLATFORM / "depot-build-push").write_bytes(content)
    return folder


# What it refuses


@pytest.fixture(scope="module")
def servers(authority, stranger):
    """Identities that no client may accept, even if it trusts the authority."""
    return {
        "another host's": authority.issue("other", ["other.test", "127.0.0.1"]),
        "expired": authority.issue("expired", ["localhost"], valid=PAST),
        "not yet valid": authority.issue("early", ["localhost"], valid=FUTURE),
        "self-signed": authority.self_signed("itself", ["localhost"]),
        "of an unknown authority": stranger.issue("strange", ["localhost"]),
    }


WHY = {
    "another host's": ("for another host", "proxy"),
    "expired": ("not valid now", "clock", "renewed"),
    "not yet valid": ("not valid now", "clock"),
    "self-signed": ("/trusted.pem", CURE),
    "of an unknown authority": ("/trusted.pem", CURE),
}


@pytest.mark.parametrize("kind", WHY)
def test_a_certificate_that_is_not_in_order_is_refused_and_why_is_told(job, services, authority, servers, kind):
    trust(job, authority)
    with services.running(servers[kind]):
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert services.oidc.requests == []
    assert "the certificate of localhost" in warning
    assert all(words in warning for words in WHY[kind])


def test_the_exchange_checks_the_certificate_as_well(job, authority, identity, servers):
    trust(job, authority)
    sound, unsound = Services(), Services()
    with sound.running(identity), unsound.running(servers["of an unknown authority"]):
        job.environment |= {**sound.oidc.environment(), "DEPOT_AUTH_URL": unsound.auth.url}
        warning = warning_without_token(job, unsound)
    assert len(sound.oidc.issued) == 1
    assert unsound.auth.requests == []
    assert "the certificate of localhost" in warning


# Which certificate it uses as the issuer

NAME = "Trusted by the test"


def roots(authority: Authority, folder: Path) -> dict[str, str]:
    """Files to trust, which contain the name of the authority."""
    namesake = Authority(folder / "namesake", NAME)
    own, other = authority.certificate.read_text(), namesake.certificate.read_text()
    also = {
        "capitals": authority.also_as("capitals", NAME.upper()),
        "printable": authority.also_as("printable", NAME, PRINTABLE),
        "printable capitals": authority.also_as("printable-capitals", NAME.upper(), PRINTABLE),
        "expired": authority.also_as("past", NAME, valid=PAST),
        "future": authority.also_as("future", NAME, valid=FUTURE),
        "no authority": authority.also_as("leaf", NAME, extensions=for_hosts(["localhost"])),
        "longer name": authority.also_as("longer", f"{NAME} "),
    }
    texts = {name: file.read_text() for name, file in also.items()}
    return {
        **texts,
        "namesake": other,
        "namesake first": other + own,
        "namesake last": own + other,
        "expired first": texts["expired"] + own,
        "no authority first": texts["no authority"] + own,
        "capitals after a namesake": other + texts["printable capitals"],
    }


@pytest.fixture(scope="module")
def root_files(authority, tmp_path_factory):
    return roots(authority, tmp_path_factory.mktemp("roots"))


ACCEPTED = (
    *("capitals", "printable", "printable capitals", "capitals after a namesake"),
    *("namesake first", "namesake last", "expired first", "no authority first"),
)
REFUSED = ("namesake", "expired", "future", "no authority", "longer name")
either_variable = pytest.mark.parametrize("variable", ["SSL_CERT_FILE", CURE])


@either_variable
@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_root_is_found_by_its_name_and_key(job, services, identity, root_files, kind, variable):
    job.environment[variable] = job.write("/roots.pem", root_files[kind])
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@either_variable
@pytest.mark.parametrize("kind", REFUSED)
def test_a_root_that_is_not_the_issuer_or_not_in_order_is_refused(
    job, services, identity, root_files, kind, variable
):
    job.environment[variable] = job.write("/roots.pem", root_files[kind])
    with services.running(identity):
        job.environment |= services.environment()
        assert "the certificate of localhost" in warning_without_token(job, services)
    assert services.oidc.requests == []


def test_the_string_types_of_the_roots_are_what_their_names_say(authority, root_files):
    for kind, wanted in (("capitals", UTF8), ("printable", PRINTABLE), ("printable capitals", PRINTABLE)):
        shown = subprocess.run(["openssl", "asn1parse"], input=root_files[kind], capture_output=True, text=True)
        strings = {line.split("prim:")[1].split()[0] for line in shown.stdout.splitlines() if NAME.upper() in line.upper()}
        assert strings == {"UTF8STRING" if wanted == UTF8 else "PRINTABLESTRING"}


@either_variable
def test_a_self_signed_certificate_that_is_named_itself_is_trusted(job, services, authority, servers, variable):
    others = authority.certificate.read_text()
    job.environment[variable] = job.write("/server.pem", others + servers["self-signed"].chain.read_text())
    with services.running(servers["self-signed"]):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@either_variable
def test_another_self_signed_certificate_of_the_same_name_is_refused(job, services, authority, servers, variable):
    other = authority.self_signed("again", ["localhost"], name="itself")
    job.environment[variable] = job.write("/server.pem", other.chain.read_text())
    with services.running(servers["self-signed"]):
        job.environment |= services.environment()
        assert "the certificate of localhost" in warning_without_token(job, services)


@either_variable
def test_a_self_signed_certificate_that_is_named_and_expired_is_refused(job, services, authority, variable):
    expired = authority.self_signed("itself-expired", ["localhost"], valid=PAST)
    job.environment[variable] = job.write("/server.pem", expired.chain.read_text())
    with services.running(expired):
        job.environment |= services.environment()
        assert "not valid now" in warning_without_token(job, services)


def test_an_authority_between_may_be_the_one_that_is_trusted(job, services, authority, identity_through_another):
    chain = identity_through_another.chain.read_text()
    job.environment["SSL_CERT_FILE"] = job.write("/between.pem", chain[chain.rindex("-----BEGIN") :])
    with services.running(identity_through_another):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


@pytest.fixture(scope="module")
def identity_through_another(authority):
    return authority.issue_through_another("through", ["localhost"])


def test_a_file_in_der_is_read(job, services, authority, identity):
    Path(f"{job.root}/trusted.der").write_bytes(authority.der)
    job.environment["SSL_CERT_FILE"] = "/trusted.der"
    with services.running(identity):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


# Versions, keys and chains

V1_1, V1_2, V1_3 = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("key", ["rsa", "rsa 4096", "p-256", "p-384"])
@pytest.mark.parametrize("version", [V1_2, V1_3], ids=lambda version: version.name)
def test_every_usual_key_is_taken_in_either_version(job, services, authority, version, key):
    trust(job, authority)
    name = f"{version.name} {key}".replace(" ", "-")
    identity = authority.issue(name, ["localhost"], key)
    with services.running(identity, minimum=version, maximum=version):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_a_chain_is_followed(job, services, authority):
    trust(job, authority)
    with services.running(authority.issue_through_another("chained", ["localhost"])):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_an_authority_with_an_elliptic_key_is_trusted(job, services, tmp_path):
    authority = Authority(tmp_path / "elliptic", "Elliptic", key="p-384")
    trust(job, authority)
    with services.running(authority.issue("server", ["localhost"], "p-256")):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def test_an_address_in_the_certificate_is_a_host_s_name(job, services, authority, identity):
    trust(job, authority)
    with services.running(identity, host="127.0.0.1"):
        job.environment |= services.environment()
        succeed_with_exchange(job, services)


def speaks_tls_1_1(port: int) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = V1_1
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return context.wrap_socket(connection).version() == "TLSv1.1"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_1_1_is_refused(job, services, authority, identity):
    trust(job, authority)
    with services.running(identity, minimum=V1_1, maximum=V1_1):
        assert speaks_tls_1_1(services.oidc.port)
        job.environment |= services.environment()
        warning = warning_without_token(job, services)
    assert "localhost" in warning and re.search("TLS|SSL", warning)


# Proxies

USER, PASSWORD = "builder", "marked-password"


@pytest.fixture(params=["HTTPS_PROXY", "https_proxy"])
def proxy_variable(request):
    return request.param


def ask_through(job: ReleasedJob, services: Services, identity, proxy: Proxy, variable: str, login: str = ""):
    """With a host that only the proxy knows."""
    with services.running(identity, host="identity.test"):
        job.environment |= services.environment()
        job.environment[variable] = f"http://{login}{proxy.address}"
        wanted = [f"CONNECT {service.host}:{service.port}" for service in services.both]
        return succeed_with_exchange(job, services), wanted


def test_a_proxy_is_gone_through(job, services, authority, identity, proxy_variable):
    trust(job, authority)
    with Proxy() as proxy:
        _, wanted = ask_through(job, services, identity, proxy, proxy_variable)
    assert sorted(proxy.asked) == sorted(wanted)


def test_a_proxy_gets_its_credentials_and_the_log_does_not(job, services, authority, identity, proxy_variable):
    trust(job, authority)
    with Proxy(USER, PASSWORD) as proxy:
        result, wanted = ask_through(job, services, identity, proxy, proxy_variable, f"{USER}:{PASSWORD}@")
    assert sorted(proxy.asked) == sorted(wanted)
    assert PASSWORD not in result.raw


@pytest.mark.parametrize("login", ["", f"{USER}:wrong-marked@"], ids=["none", "wrong ones"])
def test_a_proxy_that_does_not_take_the_credentials_is_told_without_them(job, services, authority, identity, login):
    trust(job, authority)
    with Proxy(USER, PASSWORD) as proxy, services.running(identity, host="identity.test"):
        job.environment |= {**services.environment(), "HTTPS_PROXY": f"http://{login}{proxy.address}"}
        result = job.succeed()
    (warning,) = result.messages("warning")
    # Once for each host: a request that was refused is not sent again.
    assert proxy.refused and len(set(proxy.refused)) == len(proxy.refused)
    assert all(words in warning for words in ("the proxy in HTTPS_PROXY", "identity.test", "407", "credentials"))
    assert "wrong-marked" not in result.raw


@pytest.mark.parametrize("proxy", ["nobody.invalid:3128", "127.0.0.1:9"])
def test_a_proxy_that_is_not_there_is_told(job, services, authority, identity, proxy):
    trust(job, authority)
    with services.running(identity, host="identity.test"):
        job.environment |= {**services.environment(), "HTTPS_PROXY": f"http://{proxy}"}
        warning = warning_without_token(job, services)
    assert all(words in warning for words in ("no answer from identity.test", "HTTPS_PROXY", "NO_PROXY"))


def test_a_proxy_s_own_certificates_are_trusted_by_the_extra_ones_only(job, services, authority, stranger, identity):
    """As with a proxy that replaces certificates: its authority is not in the distribution's bundle."""
    job.write(places_of_bundles()[0], stranger.certificate.read_text())
    job.environment[CURE] = job.write("/extra.pem", authority.certificate.read_text())
    with Proxy() as proxy:
        ask_through(job, services, identity, proxy, "HTTPS_PROXY")
    assert len(proxy.asked) == 2


NO_PROXY = ("localhost", "other.test,localhost", "*")


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("exceptions", NO_PROXY)
def test_a_host_that_needs_no_proxy_is_asked_directly(job, services, authority, identity, variable, exceptions):
    trust(job, authority)
    with Proxy() as proxy, services.running(identity):
        job.environment |= {**services.environment(), "HTTPS_PROXY": proxy.url, variable: exceptions}
        succeed_with_exchange(job, services)
    assert proxy.asked == []


# What it costs


STORE_VARIABLES = ("SSL_CERT_FILE", CURE)


@pytest.mark.parametrize("store", ["named", "the distribution's"])
def test_a_run_that_has_its_token_does_not_touch_the_store(job, store):
    """Reading this store would never end."""
    job.write("/etc/ssl/.keep", "")
    place = "/etc/ssl/cert.pem"
    os.mkfifo(f"{job.root}{place}")
    if store == "named":
        job.environment |= {name: place for name in STORE_VARIABLES}

    result = job.succeed({"token": TOKEN})

    assert job.cli.call.environment["DEPOT_TOKEN"] == TOKEN
    assert_built(result)
