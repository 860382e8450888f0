"""Our own certificate authorities and the certificates that they issue, made by openssl."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

KEYS = {
    "rsa": ("RSA", "rsa_keygen_bits:2048"),
    "rsa 4096": ("RSA", "rsa_keygen_bits:4096"),
    "p-256": ("EC", "ec_paramgen_curve:P-256"),
    "p-384": ("EC", "ec_paramgen_curve:P-384"),
}
# The start and the end of validity.
PAST = ("20000101000000Z", "20010101000000Z")
NOW = ("20000101000000Z", "20991231235959Z")
FUTURE = ("20980101000000Z", "20991231235959Z")
# As long as later serial numbers, so that the length of each certificate of an authority is predictable.
FIRST_SERIAL = "40" + 15 * "00"

# Types of strings (OpenSSL: req, string_mask).
UTF8, PRINTABLE = "utf8only", "nombstr"

CONFIGURATION = """
[req]
prompt = no
string_mask = ${ENV::STRINGS}
distinguished_name = subject
[ca]
default_ca = authority
[authority]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
unique_subject = no
policy = policy
[policy]
commonName = supplied
[subject]
commonName = replaced
"""
FOR_CLIENT = "basicConstraints=CA:false\nextendedKeyUsage=clientAuth\n"
IS_AUTHORITY = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"


@dataclass
class Identity:
    """What a server or a client presents, and its key. `chain` begins with its own certificate."""

    chain: Path
    key: Path

    def context(
        self,
        minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
        maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without this, OpenSSL itself would refuse what our program must refuse.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = minimum, maximum
        context.load_cert_chain(self.chain, self.key)
        return context


class Authority:
    def __init__(self, folder: Path, name: str, key: str = "rsa", comment: str = ""):
        self.folder = folder
        folder.mkdir()
        (folder / "configuration").write_text(CONFIGURATION)
        (folder / "index").touch()
        (folder / "serial").write_text(FIRST_SERIAL)
        request = self._request("authority", f"/CN={name}", key)
        self.key = folder / "authority.key"
        extensions = IS_AUTHORITY + (f"nsComment={comment}\n" if comment else "")
        self.certificate = self._sign(request, "-selfsign", extensions, NOW)

    @property
    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())

    def issue(self, name: str, hosts: list[str], key: str = "rsa", valid: tuple[str, str] = NOW) -> Identity:
        """Issues a certificate for a server with these hosts, or for a client if there are none."""
        request = self._request(name, f"/CN={name}", key)
        own = self._sign(request, f"-cert={self.certificate}", for_hosts(hosts) if hosts else FOR_CLIENT, valid)
        return Identity(own, own.with_suffix(".key"))

    def self_signed(
        self, file: str, hosts: list[str], valid: tuple[str, str] = NOW, name: str = ""
    ) -> Identity:
        own = self._sign(self._request(file, f"/CN={name or file}", "rsa"), "-selfsign", for_hosts(hosts), valid)
        return Identity(own, own.with_suffix(".key"))

    def issue_through_another(self, name: str, hosts: list[str]) -> Identity:
        """Issues it through an intermediate authority, which the server must present too."""
        between = Authority(self.folder / name, f"between {name}")
        request = between.folder / "authority.csr"
        (self.folder / "authority-between.csr").write_bytes(request.read_bytes())
        signed = self._sign(
            self.folder / "authority-between.csr", f"-cert={self.certificate}", IS_AUTHORITY, NOW
        )
        between.certificate.write_bytes(signed.read_bytes())
        identity = between.issue(name, hosts)
        identity.chain.write_text(identity.chain.read_text() + signed.read_text())
        return identity

    def also_as(
        self, file: str, name: str, strings: str = "", extensions: str = "", valid: tuple[str, str] = NOW
    ) -> Path:
        """Another certificate for its key, possibly with its name written differently."""
        shutil.copy(self.key, self.folder / f"{file}.key")
        request = self._request(file, f"/CN={name}", strings=strings or UTF8)
        return self._sign(request, "-selfsign", extensions or IS_AUTHORITY, valid)

    def _request(self, name: str, subject: str, key: str = "", strings: str = UTF8) -> Path:
        if key:
            algorithm, option = KEYS[key]
            self._openssl("genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", f"{name}.key")
        self._openssl(
            *("req", "-new", "-config", "configuration", "-subj", subject),
            *("-key", f"{name}.key", "-out", f"{name}.csr"),
            strings=strings,
        )
        return self.folder / f"{name}.csr"

    def _sign(self, request: Path, signer: str, extensions: str, valid: tuple[str, str]) -> Path:
        (self.folder / "extensions").write_text(extensions)
        certificate = request.with_suffix(".pem")
        key = request.with_suffix(".key") if signer == "-selfsign" else self.key
        self._openssl(
            *("ca", "-batch", "-notext", "-config", "configuration", "-extfile", "extensions"),
            *("-startdate", valid[0], "-enddate", valid[1], *signer.split("=", 1), "-keyfile", key),
            *("-in", request, "-out", certificate),
        )
        return certificate

    def _openssl(self, *arguments, strings: str = UTF8) -> None:
        environment = {**os.environ, "STRINGS": strings}
        subprocess.run(
            ["openssl", *map(str, arguments)], cwd=self.folder, env=environment, check=True, capture_output=True
        )


def for_hosts(hosts: list[str]) -> str:
    kinds = (("IP" if host[0].isdigit() else "DNS", host) for host in hosts)
    names = ",".join(f"{kind}:{host}" for kind, host in kinds)
    return f"basicConstraints=CA:false\nextendedKeyUsage=serverAuth\nsubjectAltName={names}\n"
