"""A server on loopback that answers as a manifest says; shares nothing with either client."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from generator.importers.airbyte.manifest import Part, plain, walked
from generator.plain import is_list, is_mapping

from tests.importers.airbyte_peer.endpoints import (
    Endpoint,
    Request,
    chosen,
    endpoints,
)
from tests.importers.airbyte_peer.jinja import rendered

TOKEN = "token-of-a-login"


class Site:
    """What is served for one manifest."""

    def __init__(self, manifest: Part, config: Mapping[str, object]) -> None:
        self.endpoints: list[Endpoint] = endpoints(manifest, config)
        self.tokens = dict(_tokens(manifest, config))
        self.config = config
        self.log: list[tuple[str, str, int]] = []
        self.reader = ""

    def answer(
        self, request: Request, server: str
    ) -> tuple[int, object, dict[str, str]]:
        path = request.path.rstrip("/")
        if path in self.tokens and not any(
            e.pattern.fullmatch(path) and e.method == request.method
            for e in self.endpoints
        ):
            return 200, self.tokens[path], {}
        endpoint = chosen(self.endpoints, request)
        if endpoint is None:
            return 404, {"error": "no such endpoint"}, {}
        if not _is_allowed(endpoint, request, self.config):
            return 401, {"error": "credentials"}, {}
        body, headers = endpoint.answer(request, server)
        if endpoint.is_xml:
            return 200, "".join(_xml("", body)).encode(), headers
        return 200, body, headers


def _xml(name: str, value: object) -> Generator[str]:
    """A value as the elements of a name; without a name its content."""
    if is_list(value):
        for each in value:
            yield from _xml(name, each)
        return
    if name:
        yield f"<{name}>"
    if is_mapping(value):
        for key, each in value.items():
            yield from _xml(key, each)
    elif value is not None:
        yield escape(str(value))
    if name:
        yield f"</{name}>"


def _tokens(
    manifest: Part, config: Mapping[str, object]
) -> Generator[tuple[str, object]]:
    """Paths at which tokens are given, and what is answered there."""
    for part in walked(manifest):
        url = part.text("token_refresh_endpoint")
        if url:
            url = rendered(url, config=config, parameters=dict(part.parameters)) or ""
            yield urlsplit(url.strip()).path.rstrip("/"), {
                part.text("access_token_name") or "access_token": TOKEN,
                part.text("expires_in_name") or "expires_in": 3600,
                "token_type": "Bearer",
            }
        login = part.part("login_requester")
        if login is not None:
            names: dict[str, object] = {
                "config": config,
                "parameters": dict(login.parameters),
            }
            base = rendered(login.text("url_base") or login.text("url"), **names) or ""
            path = rendered(login.text("path"), **names) or ""
            whole = f"{base.rstrip('/')}/{path.lstrip('/')}" if path else base
            steps = plain(part.get("session_token_path"))
            body: object = TOKEN
            for step in reversed(steps if is_list(steps) else [steps]):
                body = {str(step): body}
            yield urlsplit(whole).path.rstrip("/"), body


def _is_allowed(
    endpoint: Endpoint, request: Request, config: Mapping[str, object]
) -> bool:
    """Whether the request has the credentials that the manifest sends."""
    retriever = endpoint.stream.part("retriever")
    requester = retriever.part("requester") if retriever is not None else None
    auth = requester.part("authenticator") if requester is not None else None
    if auth is None:
        return True
    names: dict[str, object] = {"config": config, "parameters": dict(auth.parameters)}
    given = request.headers.get("Authorization", "")
    token = rendered(auth.text("api_token"), **names)
    match auth.kind:
        case "BearerAuthenticator" if token:
            return given == f"Bearer {token}".strip()
        case "BasicHttpAuthenticator":
            user = rendered(auth.text("username"), **names)
            password = rendered(auth.text("password"), **names)
            proof = base64.b64encode(f"{user}:{password}".encode()).decode()
            return given == f"Basic {proof}"
        case "OAuthAuthenticator":
            return TOKEN in given
        case "ApiKeyAuthenticator" if token:
            option = auth.part("inject_into")
            name = option.text("field_name") if option else auth.text("header")
            name = rendered(name, **names) or name
            if option is None or option.text("inject_into") == "header":
                return request.headers.get(name) == token.strip()
            if option.text("inject_into") == "request_parameter":
                return request.values().get(name) == token.strip()
            return True
        case _:
            return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Server"

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        request = Request(self.command, self.path, self.headers, body)
        site = self.server.site
        if site is None:
            status, made, headers = 503, {}, {}
        else:
            with self.server.lock:
                try:
                    status, made, headers = site.answer(request, self.server.url)
                except (
                    Exception
                ) as error:  # told to the reader, and counted as its failure
                    status, made, headers = 400, {"server": repr(error)}, {}
                site.log.append(
                    (site.reader, f"{self.command} {self.path} {body[:300]!r}", status)
                )
        is_json = not isinstance(made, bytes)
        data = json.dumps(made).encode() if not isinstance(made, bytes) else made
        self.send_response(status)
        kind = "application/json" if is_json else "application/xml"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


class Server(ThreadingHTTPServer):
    """Serves one site after another."""

    daemon_threads = True
    site: Site | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Generator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
