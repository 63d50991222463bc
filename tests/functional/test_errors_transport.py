"""Proxies, CA bundles and client certificates, from the environment and as arguments."""

from __future__ import annotations

import importlib
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
import trustme

from tests.functional.conftest import Make
from tests.support import part, run, source_of, table

SPEC = """
connector: carried
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com, error_handler: { max_retries: 1, backoff_factor: 0 } }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources: [things]
"""


class Handler(BaseHTTPRequestHandler):
    """The API; a forward proxy for absolute URLs; a tunnel for CONNECT."""

    passed: list[str] = []

    def do_GET(self) -> None:
        body = b'{"data": [{"id": 1}]}'
        if self.path.startswith("http://"):
            self.passed.append(f"{self.path} {self.headers['Proxy-Authorization']}")
            with build_opener(ProxyHandler({})).open(self.path) as answer:
                body = answer.read()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        self.passed.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pump, args=(far, self.connection))
            back.start()
            _pump(self.connection, far)
            back.join()

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test output clean."""


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(2**16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A handshake that fails is no news."""


@contextmanager
def served(context: ssl.SSLContext | None = None) -> Generator[int, None, None]:
    """The port of a server, with TLS where a context is given."""
    Handler.passed.clear()
    server = Server(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(autouse=True)
def no_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def tls(authority: trustme.CA, *, clients: bool = False) -> ssl.SSLContext:
    """A server's certificate; `clients` need one as well."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if clients:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def plain() -> Iterator[int]:
    with served() as port:
        yield port


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[int]:
    with served(tls(authority)) as port:
        yield port


def transport(module: ModuleType, **arguments: Any) -> Any:
    found = importlib.import_module(f"{module.__name__}._runtime.transport")
    return found.Transport(**arguments)


@pytest.fixture
def read(package: Make) -> Callable[..., list[int]]:
    """What a new client reads; arguments are those of its transport."""

    def reading(url: str, **arguments: Any) -> list[int]:
        module = package(SPEC)
        carrier = transport(module, **arguments)
        made = part(module, "Client")(base_url=url, transport=carrier)
        return [record.id for record in made.things()]

    return reading


Read = Callable[..., list[int]]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_http_through_a_proxy(
    read: Read, plain: int, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with served() as proxy:
        monkeypatch.setenv(name, f"http://user:pw@127.0.0.1:{proxy}")
        assert read(f"http://127.0.0.1:{plain}") == [1]
        login = "Basic dXNlcjpwdw=="
        assert Handler.passed == [f"http://127.0.0.1:{plain}/things {login}"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert read(f"http://127.0.0.1:{plain}") == [1]
        assert len(Handler.passed) == 1


def test_https_through_a_proxy(
    read: Read, secure: int, bundle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served() as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy}")
        monkeypatch.setenv("SSL_CERT_FILE", bundle)
        assert read(f"https://127.0.0.1:{secure}") == [1]
        assert Handler.passed == [f"127.0.0.1:{secure}"]


def test_a_proxy_with_a_certificate(
    read: Read,
    secure: int,
    plain: int,
    authority: trustme.CA,
    bundle: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with served(tls(authority)) as proxy:
        monkeypatch.setenv("all_proxy", f"https://127.0.0.1:{proxy}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
        assert read(f"https://127.0.0.1:{secure}") == [1]
        assert read(f"http://127.0.0.1:{plain}") == [1]
        assert len(Handler.passed) == 2


def test_a_proxy_of_an_unknown_kind_fails_at_once(
    read: Read, plain: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "gopher://user:hidden@127.0.0.1:9")
    with pytest.raises(Exception, match="things, page 1, .*gopher") as caught:
        read(f"http://127.0.0.1:{plain}")
    assert type(caught.value).__name__ == "TransportError"
    assert "retries" not in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("given", ["environment", "argument"])
def test_a_ca_bundle(
    read: Read, secure: int, bundle: str, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    url = f"https://127.0.0.1:{secure}"
    with pytest.raises(Exception, match="(?i)certificate verify failed") as caught:
        read(url)
    assert type(caught.value).__name__ == "TransportError"
    assert "retries" not in str(caught.value)
    if given == "environment":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", bundle)
        assert read(url) == [1]
    else:
        monkeypatch.setenv(
            "REQUESTS_CA_BUNDLE", ssl.get_default_verify_paths().cafile or ""
        )
        assert read(url, ca_bundle=bundle) == [1]


@pytest.mark.parametrize("files", [1, 2])
def test_a_client_certificate(
    read: Read, authority: trustme.CA, bundle: str, tmp_path: Path, files: int
) -> None:
    certificate = authority.issue_cert("me@example.com")
    both, first, second = (str(tmp_path / name) for name in ("both", "cert", "key"))
    certificate.private_key_and_cert_chain_pem.write_to_path(both)
    certificate.cert_chain_pems[0].write_to_path(first)
    certificate.private_key_pem.write_to_path(second)
    with served(tls(authority, clients=True)) as port:
        url = f"https://127.0.0.1:{port}"
        with pytest.raises(Exception, match="things, page 1, GET") as caught:
            read(url, ca_bundle=bundle)
        assert type(caught.value).__name__ == "TransportError"
        given = both if files == 1 else (first, second)
        assert read(url, ca_bundle=bundle, client_cert=given) == [1]


def test_a_source_takes_a_transport(
    package: Make, secure: int, bundle: str, folder: Path
) -> None:
    module = package(SPEC)
    carrier = transport(module, ca_bundle=bundle)
    url = f"https://127.0.0.1:{secure}"
    loaded = run(source_of(module, url, transport=carrier), folder)
    assert table(loaded, "things") == [{"id": 1}]
