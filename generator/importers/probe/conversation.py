"""What a probe asks: the list, then its second page, until one way of paging is borne out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

from generator.diagnostics import Location
from generator.importers.openapi_question import Paging
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import OFFSETS, PAGES, TOKENS, is_size
from generator.importers.probe.asking import Asker, ProbeError, host_of
from generator.importers.samples.auth import is_secret
from generator.importers.samples.decisions import Decision, decided
from generator.importers.samples.endpoints import link_relations, rows_of
from generator.importers.samples.exchange import Exchange, Pairs, target
from generator.importers.samples.jsontext import JsonProblem, decoded
from generator.paths import parse_path
from generator.plain import is_mapping

_NAMES = ("cursor", "page_token", "after", "next_token", "pageToken")
"""What the parameter of a token is called, where nothing tells."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A request for the second page."""

    url: str
    query: Pairs = field(repr=False)
    guessed: str = ""
    """A parameter that nothing names: some APIs filter by every one that they do not know."""
    firsts: tuple[str, ...] = ()
    """What it may have for the first page."""

    @property
    def counts_pages(self) -> bool:
        return len(self.firsts) > 1


@dataclass(slots=True)
class Conversation:
    """The requests of a probe, and what came of them."""

    asker: Asker
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    notes: list[str] = field(default_factory=list[str])
    todos: list[str] = field(default_factory=list[str])

    def hold(self, url: str, query: Pairs) -> Decision:
        """Asks for a list and for its second page. Raises ProbeError."""
        first = self._asked(url, query)
        found = decided([first])
        if not found.lists:
            reason = found.left_out[0].reason if found.left_out else "it is no list"
            raise ProbeError(f"no list of records was found: {reason}")
        one = found.lists[0]
        self.exchanges = [first]
        self._say_rows(first, one)
        try:
            self._verify(first, one)
        except ProbeError as error:
            self.todos.append(f"the second page could not be asked for: {error}")
        return one

    def _say_rows(self, each: Exchange, one: Decision) -> None:
        count = len(self._rows(each, one))
        self.asker.say(f"  {count} record" + "s" * (count != 1))

    def _rows(self, each: Exchange, one: Decision) -> list[object]:
        return list(rows_of([each], one.listing.records.path))

    def _asked(self, url: str, query: Pairs) -> Exchange:
        reply = self.asker.ask(url, query)
        kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_lines = kind.endswith(("ndjson", "jsonl", "jsonlines"))
        answer: object
        try:
            if is_lines:
                lines = filter(str.strip, reply.text.split("\n"))
                answer = [decoded(line).data for line in lines]
            else:
                answer = decoded(reply.text).data
        except JsonProblem as problem:
            line = reply.text.count("\n", 0, problem.index) + 1
            column = problem.index - reply.text.rfind("\n", 0, problem.index)
            message = f"the answer, line {line}, column {column}: {problem.message}"
            raise ProbeError(message) from None
        at = target(reply.url)
        path = at.path if at else "/"
        return Exchange(
            place=Location(reply.url),
            answer=answer,
            origin=self.asker.origin,
            path=path,
            query=reply.query,
            sent={name.lower(): v for name, v in self.asker.headers.items()},
            headers=reply.headers,
            media_type=kind or "application/json",
            is_lines=is_lines,
        )

    # ---- the second page

    def _verify(self, first: Exchange, one: Decision) -> None:
        rows = self._rows(first, one)
        ignored: list[str] = []
        refused: list[str] = []
        filtered: list[str] = []
        for trial in self._trials(first, one, rows):
            if not self.asker.left:
                return
            told = _difference(first.query, trial.query) or "the next URL"
            try:
                second = self._asked(trial.url, trial.query)
            except ProbeError as error:
                self.asker.say(f"  {error}")
                refused.append(f"{told} ({str(error).partition(':')[0]})")
                continue
            self._say_rows(second, one)
            if _is_same_page(self._rows(second, one), rows, one.key):
                self.asker.say("  the same page again: not the way")
                ignored.append(told)
                continue
            if not trial.guessed:
                self.exchanges.append(second)
            elif not self._bears_out(first, trial, second, one):
                told = f"`{trial.guessed}`"
                self.asker.say(f"  {told} gives other records, but does not page")
                filtered.append(told)
                continue
            return
        if ignored:
            self.notes.append(f"the probe got the same page for {', '.join(ignored)}")
        if filtered:
            self.notes.append(
                f"the probe got other records for {', '.join(filtered)}, but no pages"
            )
        if refused:
            self.notes.append(f"the API refused {', '.join(refused)}")

    def _bears_out(
        self, first: Exchange, trial: Trial, second: Exchange, one: Decision
    ) -> bool:
        """Whether a guessed parameter pages: keeps the exchanges that show it.

        The number of the first page has to give the same as none. For an offset or a key a page
        of other records is enough: of a filter it would be empty.
        """
        rows = self._rows(first, one)
        is_empty = not self._rows(second, one)
        for number in trial.firsts if trial.counts_pages or is_empty else ():
            if not self.asker.left:
                return False
            each = self._asked(first.url, _with(first.query, trial.guessed, number))
            self._say_rows(each, one)
            if _is_same_page(self._rows(each, one), rows, one.key):
                self.exchanges = [each, second]
                return True
            second = each  # Counted from 0, page 1 is the second one.
        if not trial.counts_pages and not is_empty:
            self.exchanges.append(second)
            return True
        return False

    def _trials(
        self, first: Exchange, one: Decision, rows: list[object]
    ) -> Iterator[Trial]:
        """Requests for the second page, the likeliest first."""
        paging = one.paging
        kind = str(paging.paginator["type"])
        if kind == "json_link" or "cursor_path" in paging.paginator:
            yield from self._handed_out(first, paging, rows)
        elif kind == "header_link":
            yield from self._link(first, link_relations(first).get("next", ""))
        elif kind == "offset":
            name = str(paging.paginator.get("offset_param"))
            start = int(dict(first.query).get(name) or 0)
            yield Trial(first.url, _with(first.query, name, str(start + len(rows))))
        elif kind == "page_number":
            name = str(paging.paginator.get("page_param"))
            page = int(dict(first.query).get(name) or 0) + 1
            yield Trial(first.url, _with(first.query, name, str(page)))
        elif rows and not self._names_a_page(first):
            last = rows[-1]
            key = last.get(one.key) if is_mapping(last) else None
            if key is not None and _has_more(first.answer):
                yield Trial(
                    first.url,
                    _with(first.query, "starting_after", str(key)),
                    "starting_after",
                )
            by_page, by_offset = _as_written(first.query)
            query = _with(first.query, by_page, "2")
            yield Trial(first.url, query, by_page, ("1", "0"))
            query = _with(first.query, by_offset, str(len(rows)))
            yield Trial(first.url, query, by_offset, ("0",))

    def _names_a_page(self, first: Exchange) -> bool:
        leaves = {leaf_name(name) for name, _ in first.query}
        return bool(leaves & (OFFSETS | PAGES | TOKENS))

    def _handed_out(
        self, first: Exchange, paging: Paging, rows: list[object]
    ) -> Iterator[Trial]:
        """The second page by what the first answer hands out."""
        value = _handed(first, paging, rows)
        if value is None:
            self.notes.append(
                "the first answer is the last page: nothing leads further"
            )
            return
        given = paging.paginator.get("cursor_param")
        if not isinstance(given, str):
            yield from self._link(first, value)
            return
        names = [given] if paging.confidence != "low" else [given, *_NAMES]
        for name in dict.fromkeys(names):
            yield Trial(first.url, _with(first.query, name, value))

    def _link(self, first: Exchange, value: str) -> Iterator[Trial]:
        """The request that a link asks for, on this host only."""
        try:
            found = target(urljoin(first.url, value)) if value else None
        except ValueError:
            found = None
        if found is None:
            if value:
                self.todos.append("the next URL is none that can be asked for")
            else:
                self.notes.append("the first answer is the last page: no link leads on")
            return
        if found.origin != self.asker.origin:
            host = host_of(found.origin)
            self.asker.say(
                f"  the next URL leads to another host, {host}: not followed"
            )
            todo = f"the next URL leads to another host, {host}, and was not followed:"
            self.todos.append(f"{todo} `allowed_hosts` lets the connector go there")
            return
        # Credentials in the query go with each request, in a link or not.
        names = {name for name, _ in found.query}
        own = [p for p in first.query if is_secret(*p) and p[0] not in names]
        yield Trial(found.origin + found.path, (*found.query, *own))


def _handed(first: Exchange, paging: Paging, rows: list[object]) -> str | None:
    """The value that leads to the next page."""
    paginator = paging.paginator
    path = str(paginator.get("next_url_path") or paginator.get("cursor_path"))
    steps = [str(step) for step in parse_path(path)]
    value: object = first.answer
    if steps[0] == "headers":
        return first.headers.get(path.partition(".")[2])
    if steps[0] == "last_record":
        value, steps = (rows[-1] if rows else None), steps[1:]
    for step in steps:
        value = value.get(step) if is_mapping(value) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def _has_more(answer: object) -> bool:
    """Whether an answer says that there is more, without a word on how to get it."""
    return is_mapping(answer) and any(
        answer.get(name) is True for name in ("has_more", "hasMore", "more")
    )


def _as_written(query: Pairs) -> tuple[str, str]:
    """The likeliest names of a page number and of an offset, beside that of the page size."""
    sizes = [name for name, _ in query if is_size(leaf_name(name))]
    if "page[size]" in sizes:
        return "page[number]", "page[offset]"
    start = "_" if any(name.startswith("_") for name in sizes) else ""
    return f"{start}page", f"{start}offset"


def _with(query: Pairs, name: str, value: str) -> Pairs:
    """A query with another value, in its place or at the end."""
    if any(each == name for each, _ in query):
        return tuple((n, value if n == name else v) for n, v in query)
    return (*query, (name, value))


def _difference(before: Pairs, after: Pairs) -> str:
    return ", ".join(f"`{name}`" for name, v in after if dict(before).get(name) != v)


def _is_same_page(found: list[object], rows: list[object], key: str) -> bool:
    """Whether most records are the same: a list may change between two requests."""
    one, two = _marks(found, key), _marks(rows, key)
    return bool(one) == bool(two) and 2 * len(one & two) >= max(len(one), len(two))


def _marks(rows: list[object], key: str) -> set[str]:
    """What tells records apart: their key, else all that they are."""
    keyed = key and all(is_mapping(row) and key in row for row in rows)
    told = [row[key] if keyed and is_mapping(row) else row for row in rows]
    return {json.dumps(each, sort_keys=True) for each in told}


def given_headers(pairs: Mapping[str, str]) -> dict[str, str]:
    """The headers of a probe: what was given, and what every request has."""
    from generator.importers.probe.asking import USER_AGENT

    names = {name.lower() for name in pairs}
    made = {"User-Agent": USER_AGENT, "Accept": "application/json"}
    kept = {name: value for name, value in made.items() if name.lower() not in names}
    return {**pairs, **kept}
