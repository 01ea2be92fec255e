"""The guarded client against a real HTTP server on this machine."""

import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from huitong.connectors import ConnectorProblem, Guard, GuardedClient
from huitong.connectors.http import SIGNATURE, sign, signed_by


class Provider(BaseHTTPRequestHandler):
    """Answers by path; keeps what it received."""

    protocol_version = "HTTP/1.1"
    requests: list[tuple[str, dict[str, str], bytes]]
    elsewhere = ""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, dict(self.headers), body))
        path, _, target = self.path.partition("?")
        if path == "/to":
            return self.answer(302, b"", location=target)
        if path == "/big":
            return self.answer(200, b"x" * 3_000_000)
        if path == "/bomb":
            return self.answer(200, gzip.compress(b"0" * 30_000_000), content_encoding="gzip")
        if path == "/drip":
            with suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 200:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.02)
            self.close_connection = True
            return None
        if path == "/slow":
            time.sleep(1)
        if path == "/cookie":
            return self.answer(200, b"{}", set_cookie="a=b; Path=/")
        if path == "/broken":
            self.wfile.write(b"this is not HTTP\r\n\r\n")
            self.close_connection = True
            return None
        return self.answer(200, '{"name": "张*"}'.encode())

    do_POST = do_GET

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients here hang up on purpose


@pytest.fixture
def provider() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Provider) as server:
        server.requests = []  # type: ignore[attr-defined]
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        yield server
        server.shutdown()


def client_for(
    *servers: Server, names: dict[str, str] | None = None, **limits: Any
) -> GuardedClient:
    def resolve(host: str, port: int) -> list[str]:
        return [(names or {})[host]]

    guard = Guard.of([f"127.0.0.1:{s.server_port}" for s in servers], resolve=resolve)
    return GuardedClient(guard, **limits)


def code_of(client: GuardedClient, url: str, **more: Any) -> str:
    with pytest.raises(ConnectorProblem) as refused:
        client.request("GET", url, **more)
    return refused.value.code


def test_it_reads_an_answer_by_name(provider: Server) -> None:
    with client_for(provider, names={"api.mz.example": "127.0.0.1"}) as client:
        answer = client.request(
            "GET", f"http://api.mz.example:{provider.server_port}/x?a=1", headers={"X-Key": "k"}
        )
    assert answer.status == 200 and answer.json() == {"name": "张*"}
    ((path, headers, _),) = provider.requests  # type: ignore[attr-defined]
    assert (
        path == "/x?a=1"
        and headers["X-Key"] == "k"
        and headers["Host"] == f"api.mz.example:{provider.server_port}"
    )


def test_a_redirect_to_loopback_is_refused(provider: Server) -> None:
    # the inner one listens, but is not allowed: like a service of the platform
    with Server(("127.0.0.1", 0), Provider) as inner, client_for(provider) as client:
        for target in (
            f"http://127.0.0.1:{inner.server_port}/",
            f"http://[::ffff:127.0.0.1]:{inner.server_port}/",
            "http://169.254.169.254/latest",
        ):
            url = f"http://127.0.0.1:{provider.server_port}/to?{target}"
            assert code_of(client, url, redirects=3) == "address_refused"
            assert client.request("GET", url).status == 302  # not followed unless asked


def test_a_rebinding_name_is_pinned_for_the_connection_and_refused_for_the_next(
    provider: Server,
) -> None:
    answers = iter(["127.0.0.1", "127.0.0.99"])
    guard = Guard.of(
        [f"127.0.0.1:{provider.server_port}"], resolve=lambda host, port: [next(answers)]
    )
    with GuardedClient(guard) as client:
        url = f"http://evil.example:{provider.server_port}/"
        assert client.request("GET", url, headers={"Connection": "close"}).status == 200
        assert code_of(client, url) == "address_refused"
    assert len(provider.requests) == 1  # type: ignore[attr-defined]


def test_redirects_are_followed_within_limits_and_take_no_secret_along(provider: Server) -> None:
    with Server(("127.0.0.1", 0), Provider) as other:
        other.requests = []  # type: ignore[attr-defined]
        threading.Thread(
            target=other.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        with client_for(provider, other) as client:
            address = f"http://127.0.0.1:{provider.server_port}"
            answer = client.request(
                "GET",
                f"{address}/to?http://127.0.0.1:{other.server_port}/y",
                headers={"X-Key": "secret"},
                redirects=1,
            )
            assert answer.status == 200 and answer.url.endswith("/y")
            assert "X-Key" not in other.requests[0][1]  # type: ignore[attr-defined]
            assert (
                client.request("GET", f"{address}/to?/z", headers={"X-Key": "k"}, redirects=1).url
                == f"{address}/z"
            )
            assert provider.requests[-1][1]["X-Key"] == "k"  # type: ignore[attr-defined]
            assert (
                code_of(client, f"{address}/to?/to?/to?/to?/z", redirects=2) == "too_many_redirects"
            )
        other.shutdown()


LIMITS = [
    ("/big", "too_large", {"most_bytes": 10**6}),
    ("/bomb", "too_large", {"most_bytes": 10**6}),
    ("/slow", "timeout", {"timeout_s": 0.2}),
    ("/drip", "timeout", {"timeout_s": 1, "total_s": 0.3}),
    ("/broken", "bad_answer", {}),
]


@pytest.mark.parametrize(("path", "code", "limits"), LIMITS)
def test_limits_and_broken_answers_are_named(
    provider: Server, path: str, code: str, limits: dict[str, Any]
) -> None:
    with client_for(provider, **limits) as client:
        assert code_of(client, f"http://127.0.0.1:{provider.server_port}{path}") == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://127.0.0.1/", "address_invalid"),
        ("http://a:b@127.0.0.1/", "address_invalid"),
        ("file:///etc/passwd", "address_invalid"),
        ("http://2130706433/", "address_invalid"),
        ("http://0x7f.1/", "address_invalid"),
        ("http://localhost/", "name_unknown"),
        ("http://[::1]/", "address_refused"),
        ("not a url", "address_invalid"),
        ("http://127.0.0.1:1/", "address_refused"),
    ],
)
def test_addresses_that_lead_nowhere(url: str, code: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise OSError

    with GuardedClient(Guard.of(["10.0.0.0/8"], resolve=resolve)) as client:
        assert code_of(client, url) == code


def test_a_closed_port_is_named(provider: Server) -> None:
    port = provider.server_port
    provider.shutdown()
    provider.server_close()
    with client_for(provider) as client:
        assert code_of(client, f"http://127.0.0.1:{port}/") == "refused"


def test_nothing_of_the_environment_leaks_in(
    provider: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with client_for(provider) as client:
        base = f"http://127.0.0.1:{provider.server_port}"
        assert (
            client.request("GET", f"{base}/cookie").status
            == client.request("GET", f"{base}/again").status
            == 200
        )
    for _, headers, _ in provider.requests:  # type: ignore[attr-defined]
        assert "Cookie" not in headers and "Authorization" not in headers


def test_webhooks_are_signed(provider: Server) -> None:
    with client_for(provider) as client:
        client.send_webhook(
            f"http://127.0.0.1:{provider.server_port}/hook", {"event": "授权", "id": 7}, b"key"
        )
    ((_, headers, body),) = provider.requests  # type: ignore[attr-defined]
    assert body == '{"event":"授权","id":7}'.encode()
    now = int(time.time())
    assert signed_by(b"key", body, headers[SIGNATURE], now=now)
    assert not signed_by(b"other", body, headers[SIGNATURE], now=now) and not signed_by(
        b"key", body + b" ", headers[SIGNATURE], now=now
    )
    assert not signed_by(b"key", body, headers[SIGNATURE], now=now + 301) and not signed_by(
        b"key", body, "nonsense", now=now
    )
    assert (
        sign(b"k", b"{}", 1)
        == "t=1,v1=3dd49b2593d0f9a349e9e71c4bde3e2b862c2be4003fe9b4ba81332029310158"
    )


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def test_tls_is_verified_against_the_name_though_the_address_is_pinned(tmp_path: Path) -> None:
    cert_file, key_file = certificate(tmp_path, "api.mz.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    with Server(("127.0.0.1", 0), Provider) as server:
        server.requests = []  # type: ignore[attr-defined]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        names = {"api.mz.example": "127.0.0.1", "other.example": "127.0.0.1"}
        with client_for(server, names=names, ca_file=str(cert_file)) as client:
            assert (
                client.request("GET", f"https://api.mz.example:{server.server_port}/").status == 200
            )
            assert code_of(client, f"https://other.example:{server.server_port}/") == "tls"
        with client_for(server, names=names) as client:
            assert code_of(client, f"https://api.mz.example:{server.server_port}/") == "tls"
        server.shutdown()
