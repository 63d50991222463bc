"""The practice API as a WSGI application: faults, credentials, routes, answers."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from generator.lowering.context import sources
from generator.practice.auth import (
    ApiKeyGuard,
    Guard,
    SeveralGuard,
    TokenGuard,
    TokenRefused,
    guard,
    methods,
)
from generator.practice.calls import Call, Refused
from generator.practice.demands import check_constants, partition, within
from generator.practice.faults import Faults
from generator.practice.options import Options
from generator.practice.pages import Answer, Pager
from generator.practice.plan import Route, routes, split_path
from generator.practice.schemas import Schemas
from generator.practice.shapes import is_object
from generator.practice.store import Store
from generator.practice.texts import Secrets
from generator.spec import Auth, EndpointAuth, OAuth2Auth, SessionTokenAuth, Spec

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_KEPT = 10_000
# Werkzeug has no way to write these into a rule, so they stand for themselves in disguise.
_DISGUISED = str.maketrans("<>", "\ue03c\ue03e")
_PLAIN = str.maketrans("\ue03c\ue03e", "<>")


class Seen(NamedTuple):
    """A request that the server received, token requests and refused ones included."""

    method: str
    path: str
    query: dict[str, str]
    """The first value of each parameter."""
    headers: dict[str, str]
    """By name in lower case, with `-` for `_`."""
    body: str


class Application:
    """Everything that answers; knows nothing of ports and threads.

    Raises ValueError where the spec or the options ask for what cannot be served.
    """

    def __init__(
        self, spec: Spec, raw: Any, files: Mapping[str, Any], options: Options
    ) -> None:
        self.secrets = Secrets(raw)
        self.routes = routes(spec, self.secrets, options)
        self.store = Store(self.routes, Schemas(raw, files), options)
        self.seen: deque[Seen] = deque(maxlen=_KEPT)
        self.prefixes = _prefixes(spec)
        self.token_paths: dict[str, TokenGuard] = {}
        """Token endpoints by path."""
        self.token_secrets: dict[str, str] = {}
        """The same paths, by the secret that holds the URL where it is one."""
        self._faults = Faults(options)
        self._made: dict[str, list[Guard]] = {}
        """The guards of each `auth`, so that resources with the same share its tokens."""
        shared = self._guarded(spec, spec.client.auth, options)
        self._guards: dict[str, list[Guard]] = {}
        """Who may ask for the records of a resource; nobody named: everybody."""
        for source in sources(spec):
            own = shared
            if source.auth is not None:
                own = self._guarded(spec, source.auth, options)
            self._guards[source.resource.name] = own
        hidden = frozenset(
            name
            for guards in self._guards.values()
            for each in guards
            for name in _hidden(each)
        )
        self._pagers = {
            name: Pager(route, hidden) for name, route in self.routes.items()
        }
        self._map = self._mapped()

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        request = Request(environ)
        self.seen.append(
            Seen(
                request.method,
                request.path,
                request.args.to_dict(),
                {name.lower(): value for name, value in request.headers.items()},
                request.get_data(cache=True, as_text=True),
            )
        )
        try:
            response = self._respond(request)
        except Refused as refused:
            response = _json({"error": refused.message}, refused.status)
        except TokenRefused as refused:
            response = _json(refused.answer, refused.status)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.path in self.token_paths:
            return _json(self.token_paths[request.path].token(request), 200)
        try:
            path = request.path.translate(_DISGUISED)
            candidates, variables = self._map.bind("localhost").match(path)
        except HTTPException:
            raise Refused(404, f"no such path: {request.path}") from None
        fault = self._faults.next()
        if fault:
            return _json({"error": fault.message}, fault.status, fault.headers)
        admitted = [route for route in candidates if self._admits(route, request)]
        if not admitted:
            raise Refused(401, "wrong or missing credentials")
        fitting: list[Route] = [
            route for route in admitted if route.method == request.method
        ]
        if not fitting:
            raise Refused(405, f"{request.method} is not allowed here")
        places = {
            name[1:]: value.translate(_PLAIN)
            for name, value in variables.items()
            if name[0] == "p"
        }
        plain = any(route.content is not None for route in fitting)
        body = None if plain else _body(request)
        answer = self._answers(fitting, Call(request, places, body))
        return _json(answer.body, 200, answer.headers)

    def _answers(self, candidates: list[Route], call: Call) -> Answer:
        """The answer of the routes that accept a call; the first refusal if none does.

        Resources may share a path: those with more constants go before, and of those
        that differ in the selector only, each finds its records in the one answer.
        """
        refusals: list[Refused] = []
        accepted: list[tuple[Route, Answer]] = []
        for route in sorted(candidates, key=_constants, reverse=True):
            if accepted and _constants(route) < _constants(accepted[0][0]):
                break
            try:
                accepted.append((route, self._answer(route, call)))
            except Refused as refused:
                refusals.append(refused)
        if not accepted:
            raise refusals[0]
        (_, answer), *others = accepted
        for _, other in others:
            _merge(answer.body, other.body)
        return answer

    def _answer(self, route: Route, call: Call) -> Answer:
        pager = self._pagers[route.name]
        moving = pager.moving()
        if route.bounds:
            places = (route.bounds.start, route.bounds.end)
            moving |= {(place.kind, place.name) for place in places if place}
        check_constants(route, call, moving)
        part = partition(route, call, self.store)
        records = self.store.partitions(route.name)[part]
        if route.bounds:
            records = within(route.bounds, call, records)
        return pager.answer(call, records, f"{route.path}\0{part}")

    def _guarded(
        self, spec: Spec, auth: Auth | EndpointAuth | None, options: Options
    ) -> list[Guard]:
        """The guards of an `auth`, with their token endpoints."""
        made = self._made.get(repr(auth))
        if made is not None:
            return made
        guards = [
            guard(each, self.secrets, options, self._token_path(spec, each))
            for each in methods(auth)
        ]
        for each in guards:
            if isinstance(each, TokenGuard):
                self.token_paths[each.path] = each
        self._made[repr(auth)] = guards
        return guards

    def _admits(self, route: Route, request: Request) -> bool:
        guards = self._guards[route.name]
        return not guards or any(each.admits(request) for each in guards)

    def _token_path(self, spec: Spec, auth: object) -> str:
        """Where the server hands out tokens: the spec's path if that is below its own host."""
        if isinstance(auth, SessionTokenAuth):
            url = auth.login.url
        elif isinstance(auth, OAuth2Auth):
            url = auth.token_url or ""
        else:
            return ""
        secret = self.secrets.only(url)
        host = urlsplit(_base_urls(spec)[0]).netloc
        parts = urlsplit("" if secret else url)
        path = "/oauth/token"
        if parts.netloc and parts.netloc == host:
            path = parts.path or path
        elif parts.path and not parts.netloc:
            path = f"{self.prefixes[0][1]}/{parts.path.lstrip('/')}"
        if path in self.token_secrets.values():
            path = f"{path}/{len(self.token_secrets)}"
        self.token_secrets[secret or path] = path
        return path

    def _mapped(self) -> Map:
        """Paths to the routes that share them, below every environment's prefix."""
        shared: dict[str, list[Route]] = {}
        for prefix, _ in self.prefixes:
            for route in self.routes.values():
                path = route.path.translate(_DISGUISED)
                path = f"{prefix}/{path.lstrip('/')}" if path else prefix
                path = re.sub(r"\{(\d+)\}", r"<p\1>", path or "/")
                shared.setdefault(path, []).append(route)
        return Map(
            [Rule(path, endpoint=tuple(found)) for path, found in shared.items()],
            merge_slashes=False,
        )


def _base_urls(spec: Spec) -> list[str]:
    urls = list((spec.client.environments or {}).values())
    return urls or [spec.client.base_url or ""]


def _prefixes(spec: Spec) -> list[tuple[str, str]]:
    """The path of each environment's base URL: as a rule, and filled in for a caller."""
    found: dict[str, str] = {}
    for url in _base_urls(spec):
        path, names = split_path(url)
        path = urlsplit(path).path.rstrip("/") if "://" in path else ""
        for index in range(len(names)):
            # Not numbered: a route's own placeholders are counted from 0.
            path = path.replace(f"{{{index}}}", f"<b{index}>")
        found[path] = re.sub(r"<b\d+>", "practice", path)
    return list(found.items())


def _hidden(each: Guard) -> list[str]:
    """Query parameters that carry credentials."""
    if isinstance(each, SeveralGuard):
        return [name for key in each.keys for name in _hidden(key)]
    if isinstance(each, ApiKeyGuard) and each.location in ("query", "param"):
        return [each.name]
    return [each.hidden] if isinstance(each, TokenGuard) and each.hidden else []


def _constants(route: Route) -> int:
    return len(route.params) + len(route.headers) + (route.body is not None)


def _merge(first: Any, other: Any) -> None:
    """Adds the keys of `other` that `first` does not have."""
    if not is_object(first) or not is_object(other):
        return
    for key, value in other.items():
        if key in first:
            _merge(first[key], value)
        else:
            first[key] = value


def _body(request: Request) -> Any:
    text = request.get_data(cache=True, as_text=True)
    if not text or request.mimetype == "application/x-www-form-urlencoded":
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise Refused(400, "the body is not JSON") from None


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, mimetype="application/json")
