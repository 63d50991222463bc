"""One polite request at a time: counted, paused, bounded in time and size, never to another host."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import cast
from urllib.parse import urlencode, urljoin, urlsplit

from generator import __version__
from generator.diagnostics import shown
from generator.importers.samples.auth import is_secret
from generator.importers.samples.exchange import Pairs, target

USER_AGENT = f"gen-connector/{__version__} (probe)"
MAX_BYTES = 20_000_000
MOST_REQUESTS = 5
SECONDS = 30.0
"""Until a request has to be over, its answer read."""
PAUSE = 1.0
"""Seconds between requests."""
LONGEST_WAIT = 60.0
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_CHUNK = 65_536


class ProbeError(Exception):
    """Why there is no answer, in one line."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a success status."""

    url: str
    """Without the query; that of the last redirect."""
    query: Pairs = field(repr=False)
    status: int
    headers: Mapping[str, str]
    """Names are lower case."""
    text: str = field(repr=False)


@dataclass(slots=True)
class Asker:
    """Sends requests to one host, no more than a handful."""

    origin: str
    headers: Mapping[str, str] = field(repr=False)
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    left: int = MOST_REQUESTS
    _is_first: bool = True

    def ask(self, url: str, query: Pairs) -> Reply:
        """The answer to a GET. Raises ProbeError."""
        for _ in range(MOST_REQUESTS):
            status, headers, content = self._send(url, query)
            if status in _REDIRECTS:
                url, query = self._redirected(url, query, headers.get("location", ""))
            elif status == 429 and self.left:
                self._wait(headers.get("retry-after", ""))
            elif 200 <= status < 300:
                return Reply(url, query, status, headers, self._text(headers, content))
            else:
                raise ProbeError(_refused(status, headers, content))
        raise ProbeError("redirected again and again")

    def _send(self, url: str, query: Pairs) -> tuple[int, Mapping[str, str], bytes]:
        if not self.left:
            raise ProbeError(f"no answer within {MOST_REQUESTS} requests")
        if not self._is_first:
            self.sleep(PAUSE)
        self._is_first = False
        self.left -= 1
        self.say(f"GET {redacted(url, query)}")
        whole = f"{url}?{urlencode(query)}" if query else url
        request = urllib.request.Request(whole, headers=dict(self.headers))
        # A server that sends a byte now and then never runs into a socket's timeout.
        sending = _Sending(request)
        thread = threading.Thread(target=sending.run, daemon=True)
        thread.start()
        thread.join(SECONDS)
        if thread.is_alive():
            raise ProbeError(f"no answer within {SECONDS:g} seconds")
        if sending.problem:
            raise ProbeError(sending.problem)
        return sending.status, sending.headers, sending.content

    def _redirected(self, url: str, query: Pairs, where: str) -> tuple[str, Pairs]:
        try:
            found = target(urljoin(url, where))
        except ValueError:
            found = None
        if found is None:
            raise ProbeError("the answer is a redirect to nowhere")
        if found.origin != self.origin:
            message = (
                f"the answer is a redirect to another host, {shown(found.origin)},"
            )
            raise ProbeError(f"{message} which is not followed: probe that URL")
        self.say(f"  redirected to {redacted(found.origin + found.path, found.query)}")
        return found.origin + found.path, found.query or query

    def _wait(self, told: str) -> None:
        seconds = _seconds(told)
        if seconds > LONGEST_WAIT:
            raise ProbeError(f"429: the API asks to wait {seconds:.0f} seconds")
        self.say(f"  429: waiting {seconds:g} seconds, as the API asks")
        self.sleep(seconds)

    def _text(self, headers: Mapping[str, str], content: bytes) -> str:
        if headers.get("content-encoding", "").lower() == "gzip":
            content = _unpacked(content)
        kind = headers.get("content-type", "").lower()
        if "html" in kind or content.lstrip()[:1] == b"<":
            what = (
                "HTML"
                if "html" in kind or b"<html" in content[:2_000].lower()
                else "XML"
            )
            more = ": a page for people, or a login" if what == "HTML" else ""
            raise ProbeError(f"the answer is {what}, not JSON{more}")
        if not content.strip():
            raise ProbeError("the answer is empty")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            byte = f"byte 0x{content[error.start]:02x} at {error.start}"
            raise ProbeError(f"the answer is not UTF-8 text: {byte}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here: where they lead is looked at first."""

    def redirect_request(self, *args: object, **more: object) -> None:
        return None


@dataclass(slots=True)
class _Sending:
    """A request on its way, in a thread of its own."""

    request: urllib.request.Request
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""
    problem: str = ""

    def run(self) -> None:
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with cast(
                "HTTPResponse", opener.open(self.request, timeout=SECONDS)
            ) as got:
                self._read(got.status, got.headers.items(), got.read)
        except urllib.error.HTTPError as error:
            with error:
                self._read(error.code, error.headers.items(), error.read)
        except urllib.error.URLError as error:
            self.problem = _unreachable(error.reason)
        except (OSError, HTTPException, ValueError) as error:
            self.problem = _unreachable(error)

    def _read(
        self,
        status: int,
        headers: object,
        read: Callable[[int], bytes],
    ) -> None:
        pairs = cast("list[tuple[str, str]]", headers)
        found: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        parts: list[bytes] = []
        size = 0
        try:
            while chunk := read(_CHUNK):
                size += len(chunk)
                if size > MAX_BYTES:
                    most = MAX_BYTES // 1_000_000
                    self.problem = f"the answer is larger than {most} MB"
                    return
                parts.append(chunk)
        except (OSError, HTTPException) as error:
            self.problem = _unreachable(error)
            return
        self.status, self.headers, self.content = status, found, b"".join(parts)


def redacted(url: str, query: Pairs) -> str:
    """A URL as it is printed: values of credentials are left out."""
    pairs = [(n, "***" if is_secret(n, v) else v) for n, v in query]
    return f"{url}?{urlencode(pairs, safe='*,:/')}" if pairs else url


def _seconds(told: str) -> float:
    """What `Retry-After` says: seconds, or a date."""
    if told.strip().isdigit():
        return float(told.strip()[:9])
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return 5.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _unpacked(content: bytes) -> bytes:
    try:
        unpacking = zlib.decompressobj(31)
        made = unpacking.decompress(content, MAX_BYTES)
    except zlib.error:
        raise ProbeError("the answer is no gzip, which it says it is") from None
    if unpacking.unconsumed_tail:
        raise ProbeError(f"the answer is larger than {MAX_BYTES // 1_000_000} MB")
    return made


def _unreachable(reason: object) -> str:
    if isinstance(reason, TimeoutError):
        return f"no answer within {SECONDS:g} seconds"
    if isinstance(reason, HTTPException):
        return f"the answer is no HTTP: {type(reason).__name__}"
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"the host cannot be reached: {shown(text)}"


def _refused(status: int, headers: Mapping[str, str], content: bytes) -> str:
    """A status that is no success, in one line."""
    if status in (401, 403):
        how = headers.get("www-authenticate", "").partition(" ")[0]
        scheme = how if how.lower() in ("bearer", "basic") else "Bearer"
        what = "wants credentials" if status == 401 else "refuses these credentials"
        return f"{status}: the API {what}: --header 'Authorization: {scheme} ...'"
    kind = headers.get("content-type", "")
    if status == 404:
        return "404: there is nothing at this URL"
    if status == 429:
        return "429: too many requests"
    text = content[:300].decode("utf-8", "replace") if "json" in kind else ""
    return f"{status}: the API refuses the request" + (
        f": {shown(text, 200)}" if text else ""
    )


def host_of(url: str) -> str:
    """Host and port of a URL, for messages."""
    return urlsplit(url).netloc.rpartition("@")[2]
