"""Sends requests: base URL and hosts, auth, redirects, retries, redacted errors."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from .errors import HostError, HTTPError, ResponseError, SettingError, TransportError
from .redaction import redacted
from .request import Request, Response, merged
from .retrying import RetryPolicy
from .transport import Transport

__all__ = ["Auth", "Http", "Place", "Request", "Response", "RetryPolicy", "Transport"]

logger = logging.getLogger(__name__)

_USER = re.compile(r"//[^/?#]*@")


class Auth(Protocol):
    """Adds credentials to requests; `secrets` never show in messages."""

    secrets: tuple[str, ...] = ()

    def apply(self, request: Request, http: Http) -> Request:
        """The request with credentials; asked again for every attempt."""
        ...

    def refresh(self, failed: Request, http: Http) -> bool:
        """Called after a 401: whether to try again with other credentials."""
        return False


@dataclass(kw_only=True, eq=False, repr=False)
class Http:
    """The HTTP client of one connector, shared by all its resources and threads."""

    base_url: str
    user_agent: str
    auth: Auth | None = None
    auths: Mapping[str, Auth | None] = field(default_factory=dict[str, Auth | None])
    """Those of single resources, instead of `auth`."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    allowed_hosts: Collection[str] = ()
    """Other hosts (`host` or `host:port`) that may get the credentials."""
    secrets: Collection[str | None] = ()
    retry: RetryPolicy = RetryPolicy()
    timeout: float = 60.0
    transport: Transport | None = None
    sleep: Callable[[float], None] = time.sleep
    turn: Callable[[str], AbstractContextManager[object]] = nullcontext
    """Entered around each request with the resource's name; it may wait."""

    def __post_init__(self) -> None:
        self.transport = self._transport = self.transport or Transport()
        self.base_url = self.base_url.rstrip("/")
        _, self._origin = _parsed(self.base_url)

    def known_secrets(self) -> tuple[str, ...]:
        """Every secret so far."""
        auths = filter(None, (self.auth, *self.auths.values()))
        found = [*self.secrets, *(each for auth in auths for each in auth.secrets)]
        return tuple(filter(None, found))

    def redact(self, text: str) -> str:
        """The text as messages may show it: without secrets, on one line."""
        return redacted(text, self.known_secrets())

    def absolute(self, request: Request) -> Request:
        """The request with its path below the base URL, even if it starts with `/`."""
        if request.url.lower().startswith(("http://", "https://")):
            return request
        path = f"/{request.url.lstrip('/')}" if request.url else ""
        return replace(request, url=self.base_url + path)

    def line(self, request: Request) -> str:
        """Method and redacted URL."""
        url = _USER.sub("//***@", self.absolute(request).target)
        return f"{request.method} {self.redact(url)[:2000]}"

    def send(
        self,
        request: Request,
        retry: RetryPolicy | None = None,
        resource: str = "",
        page: int = 0,
    ) -> Response:
        """The answer, which is JSON unless the request says how to read it.

        The POST requests of a connector are searches, so they may be repeated.
        """
        retry = retry or self.retry
        auth = self.auths.get(resource, self.auth)
        request = self.absolute(request)
        place = Place(self, request, resource, page)
        if self.headers:
            headers = merged(self.headers, request.headers)
            request = replace(request, headers=headers)
        retries = redirects = 0
        refreshed = False
        while True:
            signed = auth.apply(request, self) if auth else request
            url = self._checked(signed.target, place)
            tried = f" after {retries} retries" if retries else ""
            response: Response | None = None
            try:
                with self.turn(resource):
                    response = self._attempt(signed, url)
                action, message = retry.verdict(request.method, response)
                if action == "accept":
                    self._check_json(request, response, resource)
                    return response
            except (ResponseError, TransportError) as fault:
                response, problem = None, self.redact(str(fault))
                if retries >= retry.max_retries or not fault.transient:
                    raise type(fault)(f"{place}: {problem}{tried}") from None
            else:
                if action == "refresh_auth" and auth and not refreshed:
                    refreshed = True
                    if auth.refresh(signed, self):
                        continue
                location = response.redirect if request.method == "GET" else None
                if location and redirects < 5:
                    redirects += 1
                    request = request.at(location)
                    place = Place(self, request, resource, page)
                    continue
                problem = f"status {response.status}"
                if retries >= retry.max_retries or action != "retry":
                    said = [
                        f"{place}: {problem}{tried}",
                        message,
                        self._shown(response),
                    ]
                    error = HTTPError(": ".join(filter(None, said)))
                    error.status, error.retries = response.status, retries
                    error.method = request.method
                    error.url = self.redact(request.target)
                    raise error
            wait = retry.wait(response, retries)
            retries += 1
            counted = f"retry {retries} of {retry.max_retries}"
            logger.warning("%s: %s; %s in %.1f s", place, problem, counted, wait)
            self.sleep(wait)
            refreshed = False  # meanwhile the token may have expired again

    def _checked(self, target: str, place: Place) -> str:
        """The URL as it is sent, whose host may have the credentials."""
        url, origin = _parsed(target, place)
        scheme, host, port = origin
        if self._origin[0] == "https" and scheme == "http":
            raise HostError(f"{place}: refused to go from https to http on {host}")
        allowed = {each.lower() for each in self.allowed_hosts}
        if origin != self._origin and not allowed & {host, f"{host}:{port}"}:
            raise HostError(
                f"{place}: host {host}:{port} is not the base URL's; name it in"
                " allowed_hosts if it may get this connector's credentials"
            )
        return url

    def _attempt(self, request: Request, url: str) -> Response:
        kind, body = request.body
        defaults = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": self.user_agent,
        }
        headers = merged(
            defaults, {"Content-Type": kind} if kind else {}, request.headers
        )
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise SettingError(f"header {name}: value with unusual characters")
        timeout = request.timeout or self.timeout
        sent = body.encode() or None
        answer = self._transport.send(request.method, url, headers, sent, timeout)
        return replace(answer, url=self.redact(answer.url))

    def _check_json(self, request: Request, response: Response, resource: str) -> None:
        """What is not JSON is a fault now, so that it is asked for again."""
        try:
            if request.decode is None:
                response.json  # noqa: B018
        except ResponseError as error:
            said = str(error)
            # Cut JSON would show records, and without a resource it may hold a token.
            if resource and not response.body.lstrip().startswith((b"{", b"[")):
                said = f"{said} that begins {ascii(self._shown(response, 100))}"
            fault = ResponseError(said)
            kind = response.header("Content-Type") or ""
            fault.transient = bool(resource) or "json" in kind
            raise fault from None

    def _shown(self, response: Response, most: int = 500) -> str:
        """What the server says, without secrets, on one line."""
        body = self.redact(response.body[:20_000].decode("utf-8", "replace"))
        return " ".join(body.split())[:most]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message is about; put into words only where there is a message."""

    http: Http
    request: Request
    resource: str
    page: int = 0

    def __str__(self) -> str:
        """Resource, page (from 1) and all of the redacted request: cursors may be anywhere."""
        if not self.resource:  # it asks for a token, with secrets that nobody knows yet
            return self.http.line(self.request)
        sent = [f"{name}: {value}" for name, value in self.request.headers.items()]
        sent.append(self.request.body[1])
        known = self.http.redact("; ".join(filter(None, sent)))[:300]
        more = f" with {known}" if known else ""
        page = f", page {self.page}" if self.page else ""
        return f"{self.resource}{page}, {self.http.line(self.request)}{more}"


def _parsed(url: str, place: object = "base URL") -> tuple[str, tuple[str, str, int]]:
    """The URL with its scheme, host and port, by the parser that sends, so that both agree."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import Url, parse_url

    try:
        parts = parse_url(url)
    except LocationParseError:
        parts = Url()
    if parts.scheme not in ("http", "https") or not parts.host:
        raise HostError(f"{place}: not an http or https URL with a host")
    if parts.auth is not None:
        raise HostError(f"{place}: URLs with a user or password are refused")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.url, (parts.scheme, parts.host, port)
