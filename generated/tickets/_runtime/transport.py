"""Moves bytes over HTTP with urllib3, by the environment's proxies and CA bundle.

What it needs is imported once there is a client: importing one costs a third less.
"""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .errors import ResponseError, TransportError
from .request import Response

if TYPE_CHECKING:
    from urllib3 import PoolManager

_SENDING = ContextVar("sending", default=False)
# At level DEBUG urllib3 logs whole URLs, which may hold a key.
logging.getLogger("urllib3.connectionpool").addFilter(lambda _: not _SENDING.get())


class Transport:
    """One set of connection pools for all threads of a client."""

    def __init__(
        self,
        max_response_bytes: int = 256 * 2**20,
        *,
        ca_bundle: str = "",
        client_cert: str | tuple[str, str] | None = None,
    ) -> None:
        """`ca_bundle`: a file or folder, instead of the environment's. `client_cert`: a
        file with certificate and key, or one for each."""
        from urllib.request import getproxies

        self._most = max_response_bytes
        self._ca_bundle = ca_bundle
        self._client_cert = client_cert
        self._proxies = getproxies()
        self._pools: dict[tuple[str, str], PoolManager] = {}
        self._lock = Lock()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout: float,
    ) -> Response:
        """One answer to one request; TransportError where no complete one arrived."""
        from urllib3 import exceptions

        chunks: list[bytes] = []
        size = 0
        silence = _SENDING.set(True)
        try:
            answer = self._pool(url).urlopen(
                method,
                url,
                body=body,
                headers=headers,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            with answer:  # closes the connection unless the answer was read to its end
                for chunk in answer.stream(2**20, decode_content=True):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > self._most:
                        raise ResponseError(f"the answer exceeds {self._most} bytes")
                answer.release_conn()
        except exceptions.HTTPError as error:
            fault = TransportError(f"{type(error).__name__}: {error}")
            cause = error.args[0] if error.args else None
            lasting = isinstance(cause, ssl.SSLCertVerificationError)
            wrong = isinstance(error, exceptions.LocationValueError)
            fault.transient = not lasting and not wrong
            raise fault from None  # urllib3's own errors may show the whole URL
        finally:
            _SENDING.reset(silence)
        return Response(answer.status, answer.headers, b"".join(chunks), url)

    def _pool(self, url: str) -> PoolManager:
        scheme = url.partition(":")[0]
        proxy = self._proxies.get(scheme) or self._proxies.get("all", "")
        if proxy and _is_direct(url):
            proxy = ""
        with self._lock:
            if (scheme, proxy) not in self._pools:
                self._pools[scheme, proxy] = self._new_pool(scheme, proxy)
            return self._pools[scheme, proxy]

    def _new_pool(self, scheme: str, proxy: str) -> PoolManager:
        from urllib3 import PoolManager, ProxyManager
        from urllib3.util import make_headers, parse_url

        context = self._tls() if scheme == "https" else None
        if context and self._client_cert:
            files = self._client_cert
            context.load_cert_chain(*((files,) if isinstance(files, str) else files))
        if not proxy:
            return PoolManager(maxsize=20, ssl_context=context)
        url = parse_url(proxy if "://" in proxy else f"http://{proxy}")
        login = make_headers(proxy_basic_auth=unquote(url.auth or "") or None)
        return ProxyManager(
            url.url,
            proxy_headers=login,
            proxy_ssl_context=self._tls() if url.scheme == "https" else None,
            maxsize=20,
            ssl_context=context,
        )

    def _tls(self) -> ssl.SSLContext:
        """Trusts the bundle that is named, else that of `requests`, as dlt."""
        import certifi

        named = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
        given = filter(None, (self._ca_bundle, *map(os.environ.get, named)))
        bundle = next(given, certifi.where())
        if os.path.isdir(bundle):
            return ssl.create_default_context(capath=bundle)
        return ssl.create_default_context(cafile=bundle)


def _is_direct(url: str) -> bool:
    """Whether `no_proxy` names the host."""
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(urlsplit(url).netloc))
