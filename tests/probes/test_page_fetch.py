"""Pages over TLS through the egress guard: the certificate is checked, by an authority of our own on loopback."""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from probes.egress import EgressProxy
from probes.egress_rules import EgressRules
from probes.page_fetch import NotFetched, PageFetcher

pytestmark = pytest.mark.real
HOST, OTHER = "brand.example", "other.example"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signed_by: ec.EllipticCurvePrivateKey, days: int = 2
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject)]), critical=False)
    )
    return builder.sign(signed_by, hashes.SHA256())


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        moved = self.path == "/moved"
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", f"https://{HOST}/there")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<p>{self.path}".encode())

    def log_message(self, *_: object) -> None: ...


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses our certificate hangs up; that is the point."""


@dataclass
class Authority:
    """A certificate authority that the fetcher trusts, and servers with certificates of it."""

    folder: Path
    key: ec.EllipticCurvePrivateKey

    def server(self, subject: str, days: int = 2, signed_by: ec.EllipticCurvePrivateKey | None = None) -> _Quiet:
        own = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(subject, own, "Test authority", signed_by or self.key, days)
        file = self.folder / f"{subject}-{days}.pem"
        file.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server = _Quiet(("127.0.0.1", 0), _Handler)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test authority", key, "Test authority", key)
    (tmp_path / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return Authority(tmp_path, key)


@pytest.fixture
def stranger() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def fetched(server: _Quiet, url: str) -> tuple[str, bytes, list[str]]:
    """Where the page came from, what it says, and which addresses were asked for permission."""
    asked: list[str] = []
    try:
        with EgressProxy(EgressRules({HOST: server.server_port})) as proxy:
            answer = PageFetcher(proxy.url, "Replymark").get(url, limit=1000, timeout_s=5, allow=asked.append)
        return answer.url, answer.body, asked
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_over_tls_is_fetched_through_the_guard(authority: Authority) -> None:
    url, body, _ = fetched(authority.server(HOST), f"https://{HOST}/kontakt")

    assert (url, body) == (f"https://{HOST}/kontakt", b"<p>/kontakt")


def test_a_redirect_over_tls_is_followed_and_asked_for(authority: Authority) -> None:
    url, body, asked = fetched(authority.server(HOST), f"https://{HOST}/moved")

    assert (url, body) == (f"https://{HOST}/there", b"<p>/there")
    assert asked == [f"https://{HOST}/moved", f"https://{HOST}/there"]


def test_a_certificate_for_another_name_is_refused(authority: Authority) -> None:
    with pytest.raises(NotFetched, match=r"(?i)hostname|certificate"):
        fetched(authority.server(OTHER), f"https://{HOST}/")


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(NotFetched, match=r"(?i)expired"):
        fetched(authority.server(HOST, days=-1), f"https://{HOST}/")


def test_a_certificate_nobody_vouches_for_is_refused(
    authority: Authority, stranger: ec.EllipticCurvePrivateKey
) -> None:
    with pytest.raises(NotFetched, match=r"(?i)certificate"):
        fetched(authority.server(HOST, signed_by=stranger), f"https://{HOST}/")


def test_a_host_outside_is_refused_before_any_tls(authority: Authority) -> None:
    with pytest.raises(NotFetched) as refused:
        fetched(authority.server(HOST), f"https://{OTHER}/")

    assert refused.value.refused
