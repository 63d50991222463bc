"""Loads a range window by window: one dlt run each, resumed after the last one that is loaded."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias, TypeVar

import dlt
import pendulum
from dlt.common.pipeline import LoadInfo
from dlt.sources import DltSource

from .errors import ConnectorError, SettingError
from .days import day
from .moments import instant

logger = logging.getLogger(__name__)

N = TypeVar("N", bound=str)
Range: TypeAlias = tuple[datetime, datetime]
"""From the first moment up to, not including, the second."""
Window: TypeAlias = tuple[datetime | str, datetime | str]

_STATE = "windows"


class LoadError(ConnectorError):
    """dlt has not all the records that were read."""


class Windowed(NamedTuple):
    """A resource that is read window by window, together with its children."""

    resource: str
    width: Mapping[str, int]
    first: datetime | None
    children: tuple[str, ...] = ()
    lookback: int = 0
    """Seconds before the end of what is loaded at which a run without `start` begins."""
    whole_days: bool = False
    """The cursor is a date: a window ends between two days."""
    compared: bool = True
    """dlt loads every record that is yielded."""


def moment(value: datetime | date | str | None) -> datetime | None:
    """A moment with a time zone; a date is its first moment."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return instant(value)


def epoch(
    value: datetime | str | None, factor: int, default: int | None = None
) -> int | None:
    """A moment as a number; `factor`: 1 for seconds, 1000 for milliseconds."""
    found = instant(value)
    return default if found is None else int(found.timestamp() * factor)


def from_epoch(value: int | None, factor: int) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(value / factor, UTC)


def finished(resource: str, window: Window | None, *, appends: bool = False) -> None:
    """Keeps in dlt's state that the window was read; it is committed with the data.

    `appends`: what is read twice is there twice, so a table is loaded by windows or without.
    """
    state = dlt.current.resource_state(resource)
    if appends and state.get("incremental" if window else _STATE):
        before = "without windows" if window else "by windows, with load()"
        raise SettingError(f"{resource} was loaded {before} so far: go on that way")
    if window is not None and resource in dlt.current.source().selected_resources:
        start, end = instant(window[0]), instant(window[1])
        state[_STATE] = _texts(_joined([*_ranges(state), (start, end)]))


def load_windows(
    pipeline: dlt.Pipeline,
    source: Callable[[Sequence[N], Range | None], DltSource],
    name: str,
    resources: Sequence[N],
    windowed: Sequence[Windowed],
    start: datetime | date | str | None,
    end: datetime | date | str | None,
) -> list[LoadInfo]:
    """One run for the plain resources and one for each window that is not loaded yet."""
    groups = [[each.resource, *each.children] for each in windowed]
    for group in groups:
        if group[0] not in resources and set(group) & set(resources):
            raise SettingError(f"{group[0]} is read by windows: select it as well")
    now = datetime.now(UTC).replace(microsecond=0)
    until = min(moment(end) or now, now)
    pending = pipeline.run()  # restores the state, loads what a run before left
    infos = [pending] if pending else []
    if pending:  # its state may be there only: a killed run has not kept it here
        pipeline.sync_destination()
    plain = [each for each in resources if not any(each in group for group in groups)]
    if plain:
        infos.append(pipeline.run(source(plain, None)))
    for each, group in zip(windowed, groups, strict=True):
        selected = [resource for resource in resources if resource in group]
        for window in _missing(pipeline, name, each, start, until) if selected else ():
            logger.info("%s: window %s to %s", each.resource, *window)
            infos.append(_run(pipeline, source(selected, window), each))
    for info in infos:
        info.raise_on_failed_jobs()
    return infos


def _run(pipeline: dlt.Pipeline, source: DltSource, each: Windowed) -> LoadInfo:
    """One run; what was yielded and what dlt has of it have to be equal."""
    counts: Counter[str] = Counter()

    def counted(row: Any) -> Any:
        counts["rows"] += 1
        return row

    resource = source.resources[each.resource]
    resource.add_map(counted)
    info: LoadInfo = pipeline.run(source)
    table = source.schema.naming.normalize_table_identifier(str(resource.table_name))
    trace = pipeline.last_trace if each.compared else None
    normalized = trace.last_normalize_info if trace else None
    loaded = normalized.row_counts.get(table, 0) if normalized else counts["rows"]
    if loaded != counts["rows"]:
        raise LoadError(
            f"{each.resource}: {counts['rows']} records were read, but dlt loaded"
            f" {loaded} into {table}"
        )
    return info


def _missing(
    pipeline: dlt.Pipeline,
    name: str,
    each: Windowed,
    start: datetime | date | str | None,
    until: datetime,
) -> Iterator[Range]:
    """The windows of the range that are not loaded, the oldest first."""
    first = moment(start) or each.first
    if first is None:
        raise SettingError(f"{each.resource} has no first bound: give `start`")
    if each.whole_days:
        first, until = _midnight(first), _midnight(until)
    states = pipeline.state.get("sources", {}).get(name, {}).get("resources", {})
    done = _ranges(states.get(each.resource, {}))
    if done and start is None:
        begun, ended = done[-1]
        ended = max(begun, ended - timedelta(seconds=each.lookback))
        done[-1] = (begun, _midnight(ended) if each.whole_days else ended)
    at = first
    while at < until:
        covering = next((stop for begun, stop in done if begun <= at < stop), None)
        if covering is not None:
            at = covering
            continue
        later = [begun for begun, _ in done if begun > at]
        stop = min([_after(at, each.width), until, *later])
        yield at, stop
        at = stop
    logger.info("%s: loaded from %s up to %s", each.resource, first, until)


def _after(at: datetime, width: Mapping[str, int]) -> datetime:
    return datetime.fromisoformat(pendulum.instance(at).add(**width).isoformat())


def _midnight(value: datetime) -> datetime:
    return datetime(*day(value).timetuple()[:3], tzinfo=UTC)


def _ranges(state: Mapping[str, Any]) -> list[Range]:
    """The ranges that are loaded, sorted."""
    texts: list[tuple[str, str]] = state.get(_STATE, [])
    return [(instant(start), instant(end)) for start, end in texts]


def _texts(ranges: Sequence[Range]) -> list[tuple[str, str]]:
    return [(start.isoformat(), end.isoformat()) for start, end in ranges]


def _joined(ranges: Sequence[Range]) -> list[Range]:
    """The ranges without gaps of no width and without overlaps."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
