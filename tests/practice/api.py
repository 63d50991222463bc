"""A plain HTTP client for a practice API under test, and plain specs for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from generator.practice import PracticeServer


@dataclass
class Reply:
    """An answer with its JSON body."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        return self.status == 200


class Api:
    """A running practice server and a client that adds nothing of its own."""

    def __init__(self, server: PracticeServer) -> None:
        self.server = server
        self._pool = urllib3.PoolManager(retries=False)

    def ask(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: str | None = None,
    ) -> Reply:
        """One request below the base URL, or to a whole URL."""
        url = path if path.startswith("http") else self.server.url + path
        query = urlencode(params, doseq=True) if params else ""
        answer = self._pool.request(
            method,
            f"{url}?{query}" if query else url,
            headers=headers,
            json=json,
            body=body,
        )
        return Reply(answer.status, answer.json(), answer.headers)

    def post_form(
        self,
        url: str,
        form: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A form, as token requests are."""
        answer = self._pool.request(
            "POST", url, fields=dict(form), headers=headers, encode_multipart=False
        )
        return Reply(answer.status, answer.json(), answer.headers)


Start = Callable[..., Api]
"""Starts a practice API from a plain spec, schema `files` and options."""


def spec(*resources: dict[str, Any], **client: Any) -> dict[str, Any]:
    """A plain spec with a base URL below a path."""
    return {
        "connector": "shop",
        "client": {"base_url": "https://api.example.com/v1", **client},
        "resources": list(resources),
    }


def resource(name: str = "items", /, **endpoint: Any) -> dict[str, Any]:
    """A plain resource with an integer key."""
    return {"name": name, "primary_key": "id", "endpoint": {"path": name, **endpoint}}


def paged(**paginator: Any) -> dict[str, Any]:
    """The plain resource `items` with its records at `data` and a paginator."""
    return resource(data_selector="data", paginator=paginator)
