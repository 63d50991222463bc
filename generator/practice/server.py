"""Runs the practice API on a loopback port: in a thread for tests, in front for the command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Self

from generator.practice.application import Application, Seen
from generator.practice.loop import HOST, Loop
from generator.practice.options import Options
from generator.practice.shapes import as_text
from generator.spec import Spec


class PracticeServer:
    """The practice API of a spec while the `with` block lasts.

    `raw` is the spec as plain data, `files` the plain data of the schema files beside it,
    by the name that the spec gives them. Raises ValueError where the spec or the options
    ask for what cannot be served, OSError where the port is taken.
    """

    def __init__(
        self,
        spec: Spec,
        raw: Any,
        options: Options | None = None,
        *,
        files: Mapping[str, Any] | None = None,
        port: int = 0,
    ) -> None:
        self._application = Application(spec, raw, files or {}, options or Options())
        self._port = port
        self._loop: Loop | None = None

    def __enter__(self) -> Self:
        self._loop = Loop(self._application, self._port)
        for secret, path in self._application.token_secrets.items():
            if secret in self.credentials:
                self.credentials[secret] = self._origin + path
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop:
            self._loop.stop()
            self._loop = None

    @property
    def _origin(self) -> str:
        if self._loop is None:
            raise RuntimeError("the practice server is not running")
        return f"http://{HOST}:{self._loop.port}"

    @property
    def url(self) -> str:
        """The base URL, with the path of the spec's first one."""
        return self._origin + self._application.prefixes[0][1]

    @property
    def token_url(self) -> str:
        """The URL of the first OAuth2 token endpoint, "" without OAuth2."""
        paths = list(self._application.token_paths)
        return self._origin + paths[0] if paths else ""

    @property
    def credentials(self) -> dict[str, str]:
        """Every secret that the spec names, with the value that the server accepts."""
        return self._application.secrets.values

    @property
    def records(self) -> dict[str, list[dict[str, Any]]]:
        """The records of every resource; those of a child over all its parents."""
        return {
            name: self._application.store.all(name) for name in self._application.routes
        }

    def records_of(self, resource: str, *parent_values: object) -> list[dict[str, Any]]:
        """A child resource's records of one parent, which is named by the values of the
        fields that its request carries, mostly one. Raises KeyError for no parent."""
        key = tuple(as_text(each) for each in parent_values)
        return self._application.store.partitions(resource)[key]

    @property
    def requests(self) -> list[Seen]:
        """The last 10,000 requests that came in, the oldest first."""
        return list(self._application.seen)

    def clear_requests(self) -> None:
        """Forgets the requests so far."""
        self._application.seen.clear()

    def paths(self) -> list[tuple[str, str, str, int]]:
        """Name, method, path and number of records of every resource."""
        return [
            (
                route.name,
                route.method,
                "/" + re.sub(r"\{\d+\}", "{...}", route.path).lstrip("/"),
                self._application.store.count(route.name),
            )
            for route in self._application.routes.values()
        ]


def serve_forever(
    spec: Spec,
    raw: Any,
    options: Options,
    port: int,
    echo: Callable[[str], None],
    *,
    files: Mapping[str, Any] | None = None,
) -> None:
    """Serves until Ctrl-C, after printing all that a connector needs to be told."""
    with PracticeServer(spec, raw, options, files=files, port=port) as server:
        for line in _greeting(spec.connector or "connector", server):
            echo(line)
        try:
            # A signal that comes just before a wait begins is seen only once it ends.
            while not Event().wait(0.5):
                pass
        except KeyboardInterrupt:
            echo("Stopped.")


def _greeting(connector: str, server: PracticeServer) -> list[str]:
    lines = [f"Practice API of {connector!r} at {server.url} (Ctrl-C stops it)"]
    if server.token_url:
        lines.append(f"Token URL: {server.token_url}")
    if server.credentials:
        section = f"sources.{connector}.credentials"
        lines += ["", "Credentials for the environment:"]
        for name, value in server.credentials.items():
            variable = re.sub(
                r"\W", "_", f"{section}.{name}".replace(".", "__")
            ).upper()
            lines.append(f"  export {variable}={shlex.quote(value)}")
        lines += ["", "or for .dlt/secrets.toml:", f"  [{section}]"]
        for name, value in server.credentials.items():
            lines.append(f"  {_toml_key(name)} = {json.dumps(value)}")
    lines += ["", "Resources:"]
    rows = server.paths()
    widest = max(len(name) for name, *_ in rows)
    for name, method, path, count in rows:
        records = "1 record" if count == 1 else f"{count} records"
        lines.append(f"  {name:<{widest}}  {method:<4} {path}  ({records})")
    return lines


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
