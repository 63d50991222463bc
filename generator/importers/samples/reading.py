"""Files and folders of recorded answers to exchanges: JSON, JSON lines, HAR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.diagnostics import Collector, Location, shown
from generator.importers.samples.exchange import Exchange, Target, target
from generator.importers.samples.har import har_exchanges
from generator.importers.samples.jsontext import JsonProblem, decoded
from generator.importers.samples.names import resource_of
from generator.plain import is_list, is_mapping
from generator.yamltext import position

MAX_BYTES = 50_000_000
"""Size of the largest file that is read."""
_MAX_FILES = 500
_MAX_LINES = 20_000
_SUFFIXES = (".json", ".jsonl", ".ndjson", ".har")


@dataclass(frozen=True, slots=True)
class Samples:
    """What was recorded, in its order."""

    exchanges: tuple[Exchange, ...]
    files: tuple[str, ...]


def read_samples(
    sources: Sequence[Path], url: str, collector: Collector
) -> Samples | None:
    """The exchanges of files and folders; None after reporting why there are none.

    `url` is where answers without a URL come from: the request itself where all files are pages of
    one list, else what the names of the files are added to.
    """
    at = target(url) if url else None
    if url and at is None:
        collector.error(Location("--url"), "wrong-url", "not an http(s) URL")
        return None
    paths = list(_paths(sources, collector))
    reading = _Reading(collector)
    for path in paths:
        reading.file(path)
    found = tuple(_placed(reading.found, at))
    if not found:
        if not collector.failed:
            place = Location(str(sources[0]) if sources else "")
            message = "no JSON answer was found"
            hint = "an answer as JSON, JSON lines, or a HAR file with its contents"
            collector.error(place, "no-answer", message, hint)
        return None
    return Samples(found, tuple(str(path) for path in paths))


def _paths(sources: Sequence[Path], collector: Collector) -> Iterator[Path]:
    for source in sources:
        if not source.is_dir():
            yield source
            continue
        inside = sorted(each for each in source.iterdir() if each.suffix in _SUFFIXES)
        if len(inside) > _MAX_FILES:
            message = f"more than {_MAX_FILES} files: the first are read"
            collector.warning(Location(str(source)), "too-many-files", message)
        yield from inside[:_MAX_FILES]


def _placed(found: list[Exchange], at: Target | None) -> Iterator[Exchange]:
    """Exchanges without a URL get the one that the caller gave, or the name of their file."""
    names = {each.path for each in found if not each.origin}
    for each in found:
        if each.origin:
            yield each
        elif at is None:
            yield _replaced(each, "", each.path, ())
        elif len(names) == 1:
            yield _replaced(each, at.origin, at.path, at.query)
        else:
            path = at.path.rstrip("/") + each.path
            yield _replaced(each, at.origin, path, at.query)


def _replaced(
    each: Exchange, origin: str, path: str, query: tuple[tuple[str, str], ...]
) -> Exchange:
    return Exchange(
        place=each.place,
        answer=each.answer,
        origin=origin,
        path=path,
        query=query,
        is_lines=each.is_lines,
    )


@dataclass(slots=True)
class _Reading:
    collector: Collector
    found: list[Exchange] = field(default_factory=list[Exchange])
    _bytes: int = 0

    def file(self, path: Path) -> None:
        text = self._text(path)
        if text is None:
            return
        name = str(path)
        if path.suffix in (".jsonl", ".ndjson"):
            self._lines(text, path)
            return
        try:
            found = decoded(text)
        except JsonProblem as problem:
            if self._is_lines(text, path):
                self._lines(text, path)
                return
            place = Location(name, *position(text, problem.index))
            self.collector.error(place, "json-syntax", problem.message)
            return
        if found.repeated is not None:
            place = Location(name, *position(text, found.repeated))
            message = "the object has this key already; the last one counts"
            self.collector.warning(place, "duplicate-key", message)
        log = found.data.get("log") if is_mapping(found.data) else None
        if is_mapping(log) and is_list(log.get("entries")):
            self.found.extend(har_exchanges(log, name, self.collector))
        else:
            place = Location(name)
            self.found.append(Exchange(place, found.data, path=f"/{resource_of(path)}"))

    def _text(self, path: Path) -> str | None:
        place, content = Location(str(path)), b""
        try:
            if not path.exists():
                self.collector.error(place, "missing", "the file does not exist")
                return None
            if not path.is_file():
                self.collector.error(place, "unreadable", "not a plain file")
                return None
            self._bytes += path.stat().st_size
            if self._bytes > MAX_BYTES:
                most = MAX_BYTES // 1_000_000
                message = f"more than {most} MB of samples"
                hint = "some pages of each list are enough"
                self.collector.error(place, "too-large", message, hint)
                return None
            content = path.read_bytes()
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            column = error.start - content.rfind(b"\n", 0, error.start)
            message = f"not UTF-8 text: byte 0x{content[error.start]:02x}"
            place = Location(str(path), line, column)
            self.collector.error(place, "not-utf8", message, "save the file as UTF-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its name is no path"
            message = f"the file cannot be read: {reason}"
            self.collector.error(place, "unreadable", message)
        return None

    def _is_lines(self, text: str, path: Path) -> bool:
        """Whether a file with another name is JSON lines: its first two lines are JSON."""
        lines = text.split("\n", 2)[:2]
        if path.suffix == ".har" or len(lines) < 2 or not all(map(str.strip, lines)):
            return False
        try:
            return all(isinstance(decoded(line).data, dict) for line in lines)
        except JsonProblem:
            return False

    def _lines(self, text: str, path: Path) -> None:
        """A JSON value a line: records, or whole answers where each holds a list."""
        values: list[object] = []
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            if len(values) == _MAX_LINES:
                message = f"more than {_MAX_LINES} lines: the rest is not read"
                self.collector.warning(Location(str(path)), "too-many-lines", message)
                break
            try:
                found = decoded(line)
            except JsonProblem as problem:
                place = Location(str(path), number, problem.index + 1)
                self.collector.error(place, "json-syntax", problem.message)
                return
            if found.repeated is not None:
                place = Location(str(path), number, found.repeated + 1)
                message = "the object has this key already; the last one counts"
                self.collector.warning(place, "duplicate-key", message)
            values.append(found.data)
        odd = next((n for n, each in enumerate(values) if not is_mapping(each)), None)
        if odd is not None and not all(map(is_list, values)):
            message = f"line {odd + 1} is no object: {shown(values[odd], 30)}"
            self.collector.error(Location(str(path)), "no-records", message)
            return
        where = f"/{resource_of(path)}"
        if values and all(map(_is_page, values)):
            place = Location(str(path))
            self.found.extend(Exchange(place, each, path=where) for each in values)
        elif values:
            place = Location(str(path))
            self.found.append(Exchange(place, values, path=where, is_lines=True))


def _is_page(value: object) -> bool:
    """Whether a line is an answer of its own: a list, or little more than a list of objects."""
    if is_list(value):
        return True
    if not is_mapping(value) or "id" in value:
        return False
    lists = [e for e in value.values() if is_list(e) and e and is_mapping(e[0])]
    return len(lists) == 1 and len(value) <= 6
