"""The endpoints that a manifest speaks of, and what each of them answers."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from generator.importers.airbyte.manifest import Part, plain, walked
from generator.plain import is_list, is_mapping

from tests.importers.airbyte_peer.copies import PAGE
from tests.importers.airbyte_peer.jinja import rendered
from tests.importers.airbyte_peer.rows import record

NEXT = "gc_page"
"""Query parameter of the URLs that this server gives for further pages."""
_EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*%\}", re.DOTALL)
_RUN_TIME = re.compile(
    r"stream_(partition|slice|interval)|next_page_token|now_utc|today"
)
_GAP = "\0"
_PAGES = 2
_CHAIN = re.compile(
    r"\b(response|headers)((?:\.get\(\s*['\"][^'\"]+['\"][^()]*\)|\[\s*['\"][^'\"]+['\"]\s*\]|\.(?!get\b)[A-Za-z_]\w*(?!\w*\())+)"
)
_TOKEN = re.compile(r"\{\{[^{}]*next_page_token[^{}]*\}\}")
_STEP = re.compile(r"\.get\(\s*['\"]([^'\"]+)|\[\s*['\"]([^'\"]+)|\.([A-Za-z_]\w*)")
_MOST = 4
"""Places of an answer that are tried out together."""
_ABSENT = object()
"""Nothing at a place, and nothing around it."""


@dataclass(slots=True)
class Request:
    """What the server was asked."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Also one behind the `?`, as in `index.php?/api/v2/users`."""
        path, _, query = self.url.partition("?")
        return f"{path}?{query.partition('&')[0]}" if query[:1] == "/" else path

    def values(self) -> dict[str, str]:
        """Query and body, flat."""
        made = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
        text = self.body.decode("utf-8", "replace")
        try:
            made.update((k, v) for k, v in _flat(json.loads(text), ""))
        except ValueError:
            made.update(parse_qsl(text))
        return made


def _flat(value: object, name: str) -> Iterator[tuple[str, str]]:
    if is_mapping(value):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif is_list(value):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{name}.{index}")
    else:
        yield name, str(value)


@dataclass(slots=True)
class Endpoint:
    """One stream's requests."""

    stream: Part
    method: str
    pattern: re.Pattern[str]
    """Of the path; its groups are what the manifest calculates."""
    constants: dict[str, str]
    needed: list[tuple[str, ...]]
    """Paths that others read of the records."""
    config: Mapping[str, object]
    every: list["Endpoint"] = field(default_factory=list)
    """All endpoints of the manifest: parents are among them."""
    known: dict[tuple[str, ...], list[tuple[str, object, dict[str, str]]]] = field(
        default_factory=dict
    )

    def fits(self, request: Request) -> tuple[int, int, int] | None:
        """How well a request fits; None if not at all."""
        match = self.pattern.fullmatch(request.path)
        if match is None or request.method != self.method:
            return None
        values = request.values()
        same = sum(values.get(k) == v for k, v in self.constants.items())
        other = sum(k in values and values[k] != v for k, v in self.constants.items())
        missing = len(self.constants) - same - other
        gaps = match.groups()
        slashes = sum("/" in (each or "") for each in gaps)
        return -slashes, same - 2 * other - missing, -len(gaps)

    # ---- pages

    def answer(self, request: Request, server: str) -> tuple[object, dict[str, str]]:
        """Body and headers."""
        match = self.pattern.fullmatch(request.path)
        captured = tuple(each or "" for each in match.groups()) if match else ()
        values = request.values()
        retriever = self.stream.part("retriever")
        paginator = retriever.part("paginator") if retriever is not None else None
        strategy = paginator.part("pagination_strategy") if paginator else None
        kind = strategy.kind if strategy is not None else ""
        assert strategy is None or paginator is not None
        if strategy is None or paginator is None:
            return self.body(self.rows(captured, 0, PAGE)), {}
        if kind in {"OffsetIncrement", "PageIncrement"}:
            return self.counted(strategy, paginator, request, captured, values), {}
        if kind == "CursorPagination":
            return self.cursor(strategy, request, captured, values, server)
        return self.body(self.rows(captured, 0, PAGE)), {}

    def rows(self, captured: tuple[str, ...], first: int, count: int) -> list[object]:
        if not self.is_known(captured):
            return []
        of = "/".join(captured)
        return [
            record(self.stream, self.needed, each + 1, of)
            for each in range(first, first + count)
        ]

    def is_known(self, captured: tuple[str, ...]) -> bool:
        """Whether a child named beside its parent is that parent's: routers give all pairs."""
        retriever = self.stream.part("retriever")
        routers = retriever.parts("partition_router") if retriever is not None else []
        configs = [
            config for each in routers for config in each.parts("parent_stream_configs")
        ]
        for config in configs if len(routers) > 1 and len(captured) > 1 else ():
            stream = config.part("stream")
            name = stream.text("name") if stream is not None else ""
            parent = next(
                (e for e in self.every if e.stream.text("name") == name), None
            )
            depth = parent.pattern.groups if parent is not None else 0
            if parent is None or not 0 < depth < len(captured):
                continue
            rows = parent.rows(captured[:depth], 0, 200)
            key = config.text("parent_key")
            names = {str(row.get(key)) for row in rows if is_mapping(row)}
            if unquote(captured[depth]) not in names:
                return False
        return True

    def counted(
        self,
        strategy: Part,
        paginator: Part,
        request: Request,
        captured: tuple[str, ...],
        values: dict[str, str],
    ) -> object:
        size = strategy.get("page_size")
        text = rendered(str(size), config=self.config) if size is not None else None
        size = int(text) if text and text.isdigit() else PAGE
        size = min(size, 200)
        option = paginator.part("page_token_option")
        asked = None
        if option is not None:
            path = plain(option.get("field_path"))
            name = (
                ".".join(map(str, path)) if is_list(path) else option.text("field_name")
            )
            name = rendered(name, config=self.config) or name
            asked = values.get(name)
            if option.text("inject_into") == "header":
                asked = request.headers.get(name)
        else:
            asked = self.within(strategy, values, size)
        count = size * (_PAGES - 1) + 1
        if strategy.kind == "OffsetIncrement":
            first = int(asked) if asked and asked.isdigit() else 0
        else:
            start = rendered(
                str(strategy.get("start_from_page") or 0), config=self.config
            )
            begin = int(start) if start and start.isdigit() else 0
            number = int(asked) if asked and asked.isdigit() else begin
            first = max(number - begin, 0) * size
        return self.body(self.rows(captured, first, max(min(size, count - first), 0)))

    def within(self, strategy: Part, values: dict[str, str], size: int) -> str | None:
        """The count that a template puts into a text; None for that of the first page."""
        retriever = self.stream.part("retriever")
        requester = retriever.part("requester") if retriever is not None else None
        texts = requester.part("request_parameters") if requester is not None else None
        start = rendered(str(strategy.get("start_from_page") or 0), config=self.config)
        begin = int(start) if start and start.isdigit() else 0
        is_offset = strategy.kind == "OffsetIncrement"
        for name, template in texts.data.items() if texts is not None else ():
            found = _TOKEN.search(template) if isinstance(template, str) else None
            if not isinstance(template, str) or found is None or name not in values:
                continue
            before = re.split(r"[{}]", template[: found.start()])[-1][-12:]
            after = re.split(r"[{}]", template[found.end() :])[0][:12]
            for page in range(2 * _PAGES, 0, -1):
                counts = [page * size - less for less in range(size)]
                for count in counts if is_offset else [begin + page]:
                    token = {"next_page_token": count}
                    text = rendered(found[0], next_page_token=token, config=self.config)
                    if f"{before}{text}{after}" in values[name]:
                        return str(count)
        return None

    def cursor(
        self,
        strategy: Part,
        request: Request,
        captured: tuple[str, ...],
        values: dict[str, str],
        server: str,
    ) -> tuple[object, dict[str, str]]:
        pages = self.known.get(captured)
        if pages is None:
            url = f"{server}{request.url}"
            pages = self.known[captured] = list(self.pages(strategy, captured, url))
        asked = {*values.values(), *request.headers.values()}
        text = request.url + request.body.decode("utf-8", "replace")
        for token, body, headers in reversed(pages):
            if not token or token in asked:
                return body, headers
            if len(token) > 4 and (token in text or quote(token, safe="") in text):
                return body, headers
            if "://" in token and token.endswith(f"{NEXT}={values.get(NEXT)}"):
                return body, headers
        return pages[0][1:]

    def pages(
        self, strategy: Part, captured: tuple[str, ...], url: str
    ) -> Iterator[tuple[str, object, dict[str, str]]]:
        """The token that asks for a page, and the page."""
        token, size = "", strategy.get("page_size")
        size = size if isinstance(size, int) and 0 < size < 200 else PAGE
        for number in range(_PAGES):
            is_last = number == _PAGES - 1
            rows = self.rows(captured, number * size, 1 if is_last else size)
            body, headers, following = self.filled(strategy, rows, number, url, is_last)
            yield token, body, headers
            if not following:
                return
            token = following

    def filled(
        self, strategy: Part, rows: list[object], number: int, url: str, is_last: bool
    ) -> tuple[object, dict[str, str], str]:
        """An answer that goes on, or one that does not."""
        cursor, stop = str(strategy.get("cursor_value")), strategy.get("stop_condition")
        stop = stop if isinstance(stop, str) else ""
        if stop and "{" not in stop:
            stop = "{{ " + stop + " }}"
        chains: list[tuple[str, tuple[str, ...]]] = []
        for match in _CHAIN.finditer(f"{cursor} {stop}"):
            steps = tuple(a or b or c for a, b, c in _STEP.findall(match[2]))
            steps = tuple(
                s for s in steps if s not in {"items", "keys", "strip", "split"}
            )
            if steps and (match[1], steps) not in chains:
                chains.append((match[1], steps))
        chains = [
            (root, steps)
            for root, steps in chains
            if not any(o != steps and o[: len(steps)] == steps for _, o in chains)
        ][:_MOST]
        following = f"{url}{'&' if '?' in url else '?'}{NEXT}={number + 2}"
        going = [
            following,
            f"token-{number + 2}",
            True,
            False,
            number + 1,
            _PAGES,
            None,
        ]
        if self.wants_token(strategy):
            going[0], going[1] = going[1], going[0]
        ending: list[object] = [None, _ABSENT, False, True, "", _PAGES, number + 1, 0]
        silent: tuple[object, dict[str, str], str] | None = None
        tries = itertools.product([rows], itertools.product(going, repeat=len(chains)))
        if is_last:
            choices = [*itertools.product(ending, repeat=len(chains))]
            tries = itertools.product([rows, []], choices)
        for given, chosen in tries:
            body = self.body(given)
            headers: dict[str, str] = {}
            if not _placed(body, headers, chains, chosen, following):
                continue
            names = {
                "response": body,
                "headers": _parsed_headers(headers),
                "last_record": given[-1] if given else {},
                "last_page_size": len(given),
                "config": self.config,
            }
            token = rendered(cursor, **names)
            stopped = stop and not _is_false(rendered(stop, **names))
            goes_on = token is not None and not _is_false(token) and not stopped
            if goes_on == is_last:
                continue
            if is_last and stop and not stopped:
                # The signal that the manifest looks for, where one is found.
                silent = silent or (body, headers, "")
                continue
            return body, headers, "" if is_last else (token or "").strip()
        if silent is not None:
            return silent
        return self.body(rows), {}, ""

    def wants_token(self, strategy: Part) -> bool:
        retriever = self.stream.part("retriever")
        paginator = retriever.part("paginator") if retriever is not None else None
        option = paginator.part("page_token_option") if paginator is not None else None
        requester = retriever.part("requester") if retriever is not None else None
        in_path = requester is not None and "next_page_token" in requester.text("path")
        return not in_path and (option is None or option.kind != "RequestPath")

    @property
    def is_xml(self) -> bool:
        retriever = self.stream.part("retriever")
        decoder = retriever.part("decoder") if retriever is not None else None
        return decoder is not None and decoder.kind == "XmlDecoder"

    def body(self, rows: list[object]) -> object:
        """The records where the selector looks for them."""
        retriever = self.stream.part("retriever")
        selector = retriever.part("record_selector") if retriever is not None else None
        extractor = selector.part("extractor") if selector is not None else None
        given = plain(extractor.get("field_path")) if extractor is not None else []
        steps = [
            (
                rendered(
                    str(each), config=self.config, parameters=dict(extractor.parameters)
                )
                if extractor is not None
                else str(each)
            )
            for each in (given if is_list(given) else [given])
        ]
        made: object = list(rows)
        if steps[-2:] == ["*", "*"]:
            steps, made = steps[:-1], {"key": made}
        if steps and steps[-1] == "*":
            steps = steps[:-1]
        for step in reversed([each for each in steps if each]):
            if step == "*":
                inner = made if is_list(made) else [made]
                made = [each for each in inner]
                continue
            if is_list(made) and "*" in steps[: steps.index(step)]:
                made = [{step: each} for each in made]
            else:
                made = {step: made}
        if len(steps) > 1 and steps[0] == "*" and is_list(made):
            # Airbyte reads a list as so many bodies, each without the step of the list.
            made = {f"key_{number}": each for number, each in enumerate(made)}
        return made


def _placed(
    body: object,
    headers: dict[str, str],
    chains: list[tuple[str, tuple[str, ...]]],
    chosen: tuple[object, ...],
    following: str,
) -> bool:
    """Puts values into an answer; whether all of them could be."""
    for (root, steps), value in zip(chains, chosen):
        if value is _ABSENT:
            continue
        if root == "headers":
            if value is None:
                continue
            if steps[0].lower() == "link":
                headers["Link"] = f'<{following}>; rel="next"'
            else:
                headers[steps[0]] = str(value)
            continue
        current = body
        for step in steps[:-1]:
            if not is_mapping(current):
                return value is None
            current = current.setdefault(step, {})
        if not is_mapping(current):
            return value is None
        if steps[-1] in current:
            continue
        current[steps[-1]] = value
    return True


def _parsed_headers(headers: dict[str, str]) -> dict[str, object]:
    made: dict[str, object] = dict(headers)
    if "Link" in headers:
        url = headers["Link"][1:].partition(">")[0]
        made["link"] = {"next": {"url": url, "rel": "next"}}
    return made


def _is_false(text: str | None) -> bool:
    return text is None or text.strip() in {"", "None", "False", "0", "{}", "[]"}


def endpoints(manifest: Part, config: Mapping[str, object]) -> list[Endpoint]:
    """Every stream of the manifest, those that others have as parents with them."""
    streams: dict[int, Part] = {}
    needed: dict[str, list[tuple[str, ...]]] = {}
    for part in walked(manifest):
        if part.part("retriever") is not None:
            streams[id(part)] = part
        if part.kind == "ParentStreamConfig":
            stream = part.part("stream")
            if stream is not None:
                key = rendered(part.text("parent_key"), config=config) or ""
                paths = [tuple(key.split("/"))] if key else []
                extra = plain(part.get("extra_fields"))
                for each in extra if is_list(extra) else ():
                    if is_list(each):
                        paths.append(tuple(map(str, each)))
                needed.setdefault(stream.text("name"), []).extend(paths)
    found: list[Endpoint] = []
    for stream in streams.values():
        retriever = stream.part("retriever")
        requester = retriever.part("requester") if retriever is not None else None
        if requester is None:
            continue
        made = _endpoint(stream, requester, needed.get(stream.text("name"), []), config)
        if made is not None:
            made.every = found
            found.append(made)
    return found


def _known(text: str, names: Mapping[str, object]) -> str:
    """A text with what is known before the run; a gap for the rest."""

    def filled(match: re.Match[str]) -> str:
        known = None if _RUN_TIME.search(match[0]) else rendered(match[0], **names)
        return _GAP if known is None else known

    if "{%" in text and not _RUN_TIME.search(text):
        return (rendered(text, **names) or "").strip()
    return _EXPRESSION.sub(filled, text).strip()


def _endpoint(
    stream: Part,
    requester: Part,
    needed: list[tuple[str, ...]],
    config: Mapping[str, object],
) -> Endpoint | None:
    names: dict[str, object] = {
        "config": config,
        "parameters": dict(requester.parameters),
    }
    base = _known(requester.text("url_base") or requester.text("url"), names)
    path = _known(requester.text("path"), names)
    if not path:
        whole = base
    elif re.match(r"https?://", path):
        whole = path
    else:
        whole = f"{base.rstrip('/')}/{path.lstrip('/')}"
    whole, _, query = whole.partition("?")
    if query[:1] == "/":
        behind, _, query = query.partition("&")
        whole = f"{whole}?{behind}"
    whole = re.sub(r"^(https?)?://[^/]*", "", whole)
    pattern = "(.*)".join(re.escape(each) for each in whole.rstrip("/").split(_GAP))
    constants = {k: v for k, v in parse_qsl(query) if _GAP not in v}
    for key in ("request_parameters", "request_body_json", "request_body_data"):
        value = requester.get(key)
        if isinstance(value, Part):
            for name, each in _flat(plain(value), ""):
                if "{{" not in each and "{%" not in each and each != "None":
                    constants[name] = each
    try:
        compiled = re.compile(pattern + "/?")
    except re.error:
        return None
    method = (requester.text("http_method") or "GET").upper()
    return Endpoint(stream, method, compiled, constants, needed, config)


def chosen(found: Iterable[Endpoint], request: Request) -> Endpoint | None:
    """The endpoint that fits best."""
    best: tuple[tuple[int, int, int], Endpoint] | None = None
    for each in found:
        score = each.fits(request)
        if score is not None and (best is None or score > best[0]):
            best = score, each
    return best[1] if best is not None else None
