"""urllib3 as it is set up: compression, limits, proxies, certificates, reuse."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from _runtime.errors import ResponseError, TransportError
from _runtime.http import Http, Request, Response, RetryPolicy
from _runtime.transport import Transport
from conftest import Answer, Api, Call, Script

Serve = Callable[[Script], Api]
GZIP = {"Content-Encoding": "gzip", "Content-Type": "application/json"}


def get(url: str, max_response_bytes: int = 2**20) -> Response:
    return Transport(max_response_bytes).send("GET", url, {}, None, 5.0)


def test_gzip(serve: Serve) -> None:
    api = serve(lambda call, n: Answer(gzip.compress(b'{"a": 1}'), headers=GZIP))
    http = Http(base_url=api.url, user_agent="t")
    assert http.send(Request("GET", "/"), RetryPolicy()).json == {"a": 1}
    assert "gzip" in api.calls[0].headers["accept-encoding"]


@pytest.mark.parametrize("packed", [False, True])
def test_an_oversized_answer_is_not_read_to_its_end(serve: Serve, packed: bool) -> None:
    body = b"0" * 3 * 2**20
    answer = Answer(gzip.compress(body), headers=GZIP) if packed else Answer(body)
    api = serve(lambda call, n: answer)
    with pytest.raises(ResponseError, match="1048576 bytes"):
        get(api.url)
    http = Http(base_url=api.url, user_agent="t", transport=Transport(2**20))
    with pytest.raises(ResponseError, match="tickets, page 1, GET"):
        http.send(Request("GET", "/"), RetryPolicy(), "tickets", 1)
    assert len(api.calls) == 2, "an answer that is too large is not asked for again"


def test_a_connection_is_used_again(serve: Serve) -> None:
    ports: set[int] = set()

    class Counting(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            ports.add(self.client_address[1])
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    transport = Transport()
    for _ in range(5):
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        assert transport.send("GET", url, {}, None, 5.0).body == b"[]"
    server.shutdown()
    server.server_close()
    assert len(ports) == 1


def test_redirects_and_errors_are_answers(serve: Serve) -> None:
    api = serve(lambda call, n: Answer(status=302, headers={"Location": "/b"}))
    assert get(api.url).status == 302
    assert len(api.calls) == 1


# Proxies


def forward(call: Call, ordinal: int) -> Answer:
    """What a forward proxy does with a request whose target is an absolute URL."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(call.target) as answer:
        return Answer(answer.read(), headers={"Via": "1.1 loopback"})


@pytest.mark.parametrize("scheme", ["http://", ""])
def test_http_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    api, proxy = serve(lambda call, n: Answer(b"[1]")), serve(forward)
    monkeypatch.setenv("http_proxy", f"{scheme}us%40er:pw@127.0.0.1:{proxy.port}")
    response = get(f"{api.url}/a?b=1")
    assert (response.body, response.header("via")) == (b"[1]", "1.1 loopback")
    assert proxy.calls[0].target == f"{api.url}/a?b=1"
    assert proxy.calls[0].headers["proxy-authorization"] == "Basic dXNAZXI6cHc="
    assert "proxy-authorization" not in api.calls[0].headers


@pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "127.0.0.1:{port}"])
def test_no_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch, exempt: str) -> None:
    api, proxy = serve(lambda call, n: Answer(b"[1]")), serve(forward)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", exempt.format(port=api.port))
    assert get(api.url).body == b"[1]"
    assert proxy.calls == []


def test_a_proxy_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:hidden@127.0.0.1:9")
    with pytest.raises(TransportError) as caught:
        get("http://a.example/")
    assert "hidden" not in str(caught.value)


# Certificates


class Tunnel(BaseHTTPRequestHandler):
    """A proxy for https: CONNECT, then bytes both ways."""

    connected: list[str] = []

    def do_CONNECT(self) -> None:
        self.connected.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as far:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=self.pump, args=(far, self.connection))
            back.start()
            self.pump(self.connection, far)
            back.join()

    @staticmethod
    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(2**16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def tunnel() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    Tunnel.connected.clear()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(serve: Serve, authority: trustme.CA) -> Api:
    """An https server; its `url` still says http."""
    api = serve(lambda call, n: Answer(b"[1]"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    api.server.socket = context.wrap_socket(api.server.socket, server_side=True)
    return api


@pytest.mark.parametrize(
    "name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
)
def test_ca_bundle(
    secure: Api,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv(name, str(bundle))
    assert get(f"https://127.0.0.1:{secure.port}/").body == b"[1]"


def test_an_unknown_certificate_is_refused_at_once(
    secure: Api, waits: list[float]
) -> None:
    url = f"https://127.0.0.1:{secure.port}"
    http = Http(base_url=url, user_agent="t", sleep=waits.append)
    with pytest.raises(TransportError, match="(?i)certificate verify failed"):
        http.send(Request("GET", "/"), RetryPolicy())
    assert waits == []
    assert secure.calls == []


def test_https_goes_through_a_tunnel(
    secure: Api,
    authority: trustme.CA,
    tunnel: ThreadingHTTPServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{tunnel.server_address[1]}")
    assert get(f"https://127.0.0.1:{secure.port}/").body == b"[1]"
    assert Tunnel.connected == [f"127.0.0.1:{secure.port}"]
