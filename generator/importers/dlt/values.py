"""Values of a configuration as data of the spec."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from generator.importers.dlt.recording import (
    Function,
    Instance,
    Model,
    Moment,
    Other,
    OwnResource,
    Place,
    Sentinel,
    Stub,
)
from generator.importers.dlt.sources import Sources
from generator.importers.dlt.texts import Texts, whole
from generator.importers.draft import Section
from generator.plain import is_list, is_mapping

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?P<time>[T ]\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_NEAR = timedelta(minutes=10)


class NotPlain(ValueError):
    """A Python object that a spec cannot hold."""


@dataclass(slots=True)
class Values:
    """Writes values of one configuration."""

    texts: Texts
    sources: Sources
    place: Place
    """Where the configuration was passed to dlt."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def put(
        self, section: Section, key: str, value: object, *, expanded: bool = False
    ) -> None:
        """Sets a key; what cannot be written is a TODO in its place."""
        todos: list[str] = []
        try:
            written = self.plain(value, todos, key=key, expanded=expanded)
        except NotPlain as problem:
            section.todo(key, f"`{key}` is {problem}, which a spec cannot hold")
            return
        section[key] = written
        for todo in todos:
            section.todo(key, todo)

    def plain(
        self, value: object, todos: list[str], *, key: str = "", expanded: bool = False
    ) -> object:
        """The value as data; raises NotPlain, which says what it is."""
        if isinstance(value, str):
            return self._text(value, todos, expanded)
        if is_list(value):
            return [
                self.plain(each, todos, key=key, expanded=expanded) for each in value
            ]
        if is_mapping(value):
            return {
                self.texts.text(name, expanded=expanded)[0]: self.plain(
                    each, todos, key=name, expanded=expanded
                )
                for name, each in value.items()
            }
        match value:
            case Stub(number):
                reference = self.texts.reference(number)
                return whole(reference) if reference else None
            case Sentinel(of):
                return f'dlt.{of}["{key or "value"}"]'
            case Moment(_, text):
                return self._text(_utc(text), todos, False)
            case None | bool() | int() | float():
                return value
            case _:
                raise NotPlain(self.told(value))

    def told(self, value: object) -> str:
        """What a Python object is, and where it comes from."""
        match value:
            case Function():
                return self.function(value)
            case Instance():
                return f"an object of {self.function(value.cls)}"
            case Model(name, _):
                return f"the model {name}"
            case OwnResource(name):
                return f"the resource {name}, a function of Python"
            case Other(of, text):
                return f"the object {text or of} ({of})"
            case _:
                return "a Python object"

    def function(self, function: Function) -> str:
        """A function as a comment names it."""
        shown = self.sources.shown(function.place)
        where = f" ({shown})" if shown else ""
        if function.name != "<lambda>":
            return f"{function.name}{where}"
        node = self.sources.lambda_of(function)
        text = ast.unparse(node) if node else function.source
        text = text if len(text) <= 100 else text[:97] + "..."
        return f"`{text}`{where}"

    def _text(self, text: str, todos: list[str], expanded: bool) -> str:
        clock = self._from_clock(text)
        if clock is not None:
            todos.append(clock[1])
            return clock[0]
        written, todo = self.texts.text(text, expanded=expanded)
        if todo:
            todos.append(todo)
        return written

    def _from_clock(self, text: str) -> tuple[str, str] | None:
        """A date that the module calculated is calculated by the connector as well."""
        match = _ISO.fullmatch(text)
        if match is None or self.sources.is_written(text):
            return None
        place = self.sources.clock(self.place)
        if place is None:
            return None
        where = f"the module calculates it from the time ({self.sources.shown(place)})"
        found = _delta(text, match, self.now())
        if found is None:
            return text, f"{where}: this is the value of the import"
        days, pattern = found
        told = (
            "today" if not days else f"{abs(days)} days {'ago' if days < 0 else 'on'}"
        )
        return (
            f"{{{{ day_delta({days}, '{pattern}') }}}}",
            f"{where}: check that {told} is meant",
        )


def _delta(text: str, match: re.Match[str], now: datetime) -> tuple[int, str] | None:
    """How many whole days a moment is away, and how it is written."""
    try:
        if match["time"] is None:
            return (date.fromisoformat(text) - now.date()).days, "%Y-%m-%d"
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    utc = moment.replace(tzinfo=moment.tzinfo or UTC)
    between, zone = text[10], "Z" if match["zone"] else ""
    if utc.utcoffset():
        return None
    if utc.time() == datetime.min.time():
        days = (utc.date() - now.date()).days
        return days, f"%Y-%m-%d{between}00:00:00{zone}"
    away = utc - now
    days = round(away / timedelta(days=1))
    if abs(away - timedelta(days=days)) > _NEAR:
        return None
    return days, f"%Y-%m-%d{between}%H:%M:%S{zone}"


def _utc(text: str) -> str:
    """`+00:00` as `Z`, which every API takes."""
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
