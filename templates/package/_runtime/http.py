"""Sends requests: base URL and hosts, auth, redirects, retries, redacted errors."""

from __future__ import annotations

import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Protocol

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from .errors import HostError, HTTPError, ResponseError, SettingError, TransportError
from .redaction import redacted
from .request import Request, Response, encoded, merged
from .transport import Transport, Urllib3Transport

__all__ = ["Auth", "Http", "Request", "Response", "RetryPolicy", "Transport"]

logger = logging.getLogger(__name__)

_USER = re.compile(r"//[^/?#]*@")
_JSON = re.compile(r"[/+]json\s*(?:[;,]|$)", re.IGNORECASE)
"""A content type or a list of them that is JSON; `application/jsonlines` is not."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a request is sent again, and what its error says once that did not help."""

    statuses: Collection[int] = (408, 425, 429, 500, 502, 503, 504)
    max_retries: int = 5
    backoff: float = 1.0
    """Seconds of the first wait; each further one is twice as long."""
    message: str = ""


class Auth(Protocol):
    """Adds credentials to requests; `secrets` never show in messages."""

    secrets: tuple[str, ...] = ()

    def apply(self, request: Request, http: Http) -> Request:
        """The request with credentials; asked again for every attempt."""
        ...

    def refresh(self, failed: Request, http: Http) -> bool:
        """Called after a 401: whether to try again with other credentials."""
        return False


class Http:
    """The HTTP client of one connector, shared by all its resources and threads."""

    def __init__(
        self,
        *,
        base_url: str,
        user_agent: str,
        auth: Auth | None = None,
        headers: Mapping[str, str] | None = None,
        allowed_hosts: Collection[str] = (),
        secrets: Collection[str] = (),
        timeout: float = 60.0,
        transport: Transport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`allowed_hosts` (`host` or `host:port`) get the credentials as well."""
        self.retries: Counter[str] = Counter()
        """Retries by resource."""
        self._lock = Lock()
        self._base_url = base_url
        self._user_agent = user_agent
        self._auth = auth
        self._headers = headers or {}
        self._allowed_hosts = {host.lower() for host in allowed_hosts}
        self._secrets = tuple(secrets)
        self._timeout = timeout
        self._transport = transport or Urllib3Transport()
        self._sleep = sleep
        self._origin = _origin(base_url)

    def redact(self, text: str) -> str:
        known = self._auth.secrets if self._auth else ()
        return redacted(text, (*self._secrets, *known))

    def absolute(self, request: Request) -> Request:
        """The request with its path below the base URL, even if it starts with `/`."""
        if not request.url:
            return replace(request, url=self._base_url)
        if request.url.lower().startswith(("http://", "https://")):
            return request
        url = f"{self._base_url.rstrip('/')}/{request.url.lstrip('/')}"
        return replace(request, url=url)

    def place(self, request: Request, resource: str = "", page: int = 0) -> str:
        """Resource, page (from 1) and redacted request, as messages begin."""
        known = [resource, f"page {page}" if page else "", self.line(request)]
        return ", ".join(filter(None, known))

    def line(self, request: Request) -> str:
        """Method and redacted URL."""
        url = _USER.sub("//***@", self.absolute(request).target)
        return f"{request.method} {self.redact(url)}"

    def beside(self, url: str) -> Http:
        """A client for the host of `url` without this one's credentials and headers."""
        return Http(
            base_url=url,
            user_agent=self._user_agent,
            secrets=(*self._secrets, *(self._auth.secrets if self._auth else ())),
            timeout=self._timeout,
            transport=self._transport,
            sleep=self._sleep,
        )

    def send(
        self, request: Request, retry: RetryPolicy, resource: str = "", page: int = 0
    ) -> Response:
        """The answer with a 2xx status; its body is valid JSON if it claims to be JSON.

        POST is repeated like GET: the POST requests of a connector are searches.
        """
        request = self.absolute(request)
        request = replace(request, headers=merged(self._headers, request.headers))
        retries = redirects = 0
        refreshed = False
        while True:
            place = self.place(request, resource, page)
            signed = self._auth.apply(request, self) if self._auth else request
            self._check_host(signed.target, place)
            tried = f" after {retries} retries" if retries else ""
            last = retries >= retry.max_retries
            try:
                response = self._attempt(signed)
            except (ResponseError, TransportError) as fault:
                problem, wait = self.redact(str(fault)), None
                if last or not fault.transient:
                    raise type(fault)(f"{place}: {problem}{tried}") from None
            else:
                status, location = response.status, response.header("Location")
                if 200 <= status < 300:
                    return response
                if status == 401 and self._auth and not refreshed:
                    refreshed = True
                    if self._auth.refresh(signed, self):
                        continue
                moved = status in (301, 302, 303, 307, 308) and request.method == "GET"
                if moved and location and redirects < 5:
                    redirects += 1
                    request = request.at(location)
                    continue
                problem, wait = f"status {status}", _retry_after(response)
                # 403 with Retry-After is how some servers say 429.
                again = status in retry.statuses or (status == 403 and wait is not None)
                if last or not again:
                    said = f"{place}: {problem}{tried}: {retry.message}"
                    error = self._error(request, response, said.rstrip(": "))
                    error.retries = retries
                    raise error
            if wait is None:
                wait = retry.backoff * 2**retries * random.uniform(1.0, 1.25)
                wait = min(60.0, wait)
            retries += 1
            with self._lock:
                self.retries[resource] += 1
            counted = f"retry {retries} of {retry.max_retries}"
            logger.warning("%s: %s; %s in %.1f s", place, problem, counted, wait)
            self._sleep(wait)

    def _check_host(self, url: str, place: str) -> None:
        scheme, host, port = origin = _origin(url, place)
        if self._origin[0] == "https" and scheme == "http":
            raise HostError(f"{place}: refused to go from https to http on {host}")
        named = self._allowed_hosts & {host, f"{host}:{port}"}
        if origin != self._origin and not named:
            raise HostError(
                f"{place}: host {host}:{port} is not the base URL's; name it in"
                " allowed_hosts if it may get this connector's credentials"
            )

    def _attempt(self, request: Request) -> Response:
        defaults = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": self._user_agent,
        }
        body: bytes | None = None
        if request.form is not None:
            defaults["Content-Type"] = "application/x-www-form-urlencoded"
            body = encoded(request.form).encode()
        elif request.json is not None:
            defaults["Content-Type"] = "application/json"
            body = json.dumps(request.json).encode()
        headers = merged(defaults, request.headers)
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                raise SettingError(f"header {name}: value with unusual characters")
        url = parse_url(request.target).url
        timeout = request.timeout or self._timeout
        answer = self._transport.send(request.method, url, headers, body, timeout)
        response = replace(answer, url=self.redact(answer.url))
        kind = response.header("Content-Type") or ""
        wanted = headers.get("Accept", "")
        is_json = _JSON.search(kind) and (_JSON.search(wanted) or "*/*" in wanted)
        if 200 <= response.status < 300 and is_json:
            try:
                response.json  # noqa: B018 - parses now, so that a cut body is retried
            except ResponseError as error:
                error.transient = True
                raise
        return response

    def _error(self, request: Request, response: Response, said: str) -> HTTPError:
        """`said` and what the server says, without secrets, in 500 characters."""
        body = self.redact(response.body[:20_000].decode("utf-8", "replace"))
        shown = "".join(char if char.isprintable() else " " for char in body)
        message = f"{said}: {' '.join(shown.split())[:500]}".rstrip(": ")
        url = self.redact(request.target)
        return HTTPError(message, response.status, request.method, url)


def _origin(url: str, place: str = "base URL") -> tuple[str, str, int]:
    """Scheme, host and port, read by the parser that sends, so that both agree."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise HostError(f"{place}: not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.host:
        raise HostError(f"{place}: not an http or https URL with a host")
    if parts.auth is not None:
        raise HostError(f"{place}: URLs with a user or password are refused")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, parts.host, port


def _retry_after(response: Response) -> float | None:
    """Seconds that the server asks to wait (RFC 9110), at most 300."""
    value = response.header("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return min(300.0, max(0.0, seconds))
