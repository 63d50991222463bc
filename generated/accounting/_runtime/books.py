"""The books of a run: each record is accounted for, and what is known is loaded as well."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from threading import Lock
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar

import dlt
from dlt.common.data_writers.writers import count_rows_in_items
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.extract.items_transform import ItemTransform
from dlt.extract.pipe import ForkPipe
from dlt.sources import DltResource

from .arrow_tables import release
from .columnar import Columnar, columnar
from .counting import Counts
from .errors import AccountingError, SettingError
from .rejects import COUNTS, OWN, RESOURCE, RejectedQueue
from .validating import Pages, Row
from .values import JSON

logger = logging.getLogger(__name__)

P = ParamSpec("P")

_AMOUNTS = "received yielded rejected filtered deduplicated extracted pages".split()
_REJECTED: TTableSchemaColumns = {
    **{
        name: {"data_type": "text"} for name in "resource record errors request".split()
    },
    "page": {"data_type": "bigint"},
}
_COUNTED: TTableSchemaColumns = {
    "resource": {"data_type": "text"},
    **{name: {"data_type": "bigint"} for name in _AMOUNTS},
    "events": {"data_type": "json"},
    "unknown_fields": {"data_type": "json"},
    "started_at": {"data_type": "timestamp"},
    "ended_at": {"data_type": "timestamp"},
}


_LARGEST = 4_000
"""Rows that are joined: fewer cost time for each, more cost memory and save nothing."""


class Client(Protocol):
    """What the books ask a client."""

    counts: dict[str, Counts]


C = TypeVar("C", bound=Client)


class Books:
    """Of one run at a time of a source whose resources are read inside of `reading`."""

    def __init__(
        self, *, parts: Collection[str] = (), narrowed: Collection[str] = ()
    ) -> None:
        """`parts` are resources that are read in parts. Of `narrowed` ones some records
        are left out after they were validated.
        """
        self.extracted: Counter[str] = Counter()
        self._queue = RejectedQueue(lambda: dlt.current.source().selected_resources)
        self.reading = self._queue.reading
        """Around all that reads a resource."""
        self.rejected = self._queue.put
        self._counts: dict[str, Counts] = {}
        self._lock = Lock()
        self._parts = parts
        self._narrowed = narrowed
        self._exact: dict[str, bool] = {}
        self._closed = False

    def once(self, make: Callable[P, C]) -> Callable[P, C]:
        """The client that reads: made at the first call, however many threads call."""
        made: list[C] = []

        def client(*args: P.args, **kwargs: P.kwargs) -> C:
            with self._lock:
                if not made:
                    made.append(make(*args, **kwargs))
                    self._counts = made[0].counts
                return made[0]

        return client

    def kept(
        self, found: Collection[DltResource], names: Sequence[str]
    ) -> list[DltResource]:
        """The named resources, counted at their ends, and two that load what is known of them."""
        by_name = {each.name: each for each in found}
        if unknown := ", ".join(sorted(set(names) - set(by_name))):
            known = ", ".join(sorted(by_name))
            raise SettingError(f"no resource {unknown}; there are {known}")
        for each in found:
            each.add_step(Extracted(each.name, self))
        picked = [columnar(by_name[name]) for name in names]
        return [*picked, self._rejected_records(), self._record_counts()]

    def rows(self, resource: str, pages: Pages[Any]) -> Iterator[list[Row]]:
        """A resource that is one read; its table is there even if it has no rows."""
        is_empty = True
        with self.reading(resource):
            for each in rows(pages):
                is_empty = False
                yield each
        if is_empty:
            yield from self.table(resource)

    def table(self, resource: str) -> Iterator[Any]:
        """Has dlt make the table of a resource, where the spec gives the types of its columns."""
        made = dlt.current.source().selected_resources.get(resource)
        if made is None or made.has_dynamic_table_name:
            return
        schema: Any = made.compute_table_schema()
        if all(each.get("data_type") for each in schema["columns"].values()):
            yield dlt.mark.materialize_table_schema()

    def begin(self, resource: str, *, exact: bool) -> None:
        """`exact`: no step leaves rows out."""
        self._closed = False
        self._exact[resource] = exact and resource not in self._narrowed
        self.extracted[resource] = 0
        self._queue.begin(resource)
        self._counts.pop(resource, None)

    def _rejected_records(self) -> DltResource:
        @dlt.resource(name=RESOURCE, write_disposition="append", columns=_REJECTED)
        def rejected_records() -> Iterator[list[dict[str, JSON]] | None]:
            """Records that do not fit their model, with the reason and the request."""
            yield from self._queue.rows()
            self._close()

        return rejected_records

    def _record_counts(self) -> DltResource:
        @dlt.resource(name=COUNTS, write_disposition="append", columns=_COUNTED)
        def record_counts() -> Iterator[list[dict[str, Any]] | None]:
            """What became of the records of each resource, in each run."""
            for _ in self._queue.rounds():
                yield None
            self._close()
            release()
            selected = dlt.current.source().selected_resources
            # Resources that are only read for their children are among them.
            names = dict.fromkeys([*self._queue.times, *selected])
            yield [
                self._row(each, selected.get(each)) for each in names if each not in OWN
            ]

        return record_counts

    def _close(self) -> None:
        """Ends the resources that are read in parts."""
        if not self._closed:
            self._closed = True
            for resource in self._parts:
                if resource in self._queue.times:
                    self._counts.get(resource, Counts()).finish(resource)

    def _row(self, name: str, resource: DltResource | None) -> dict[str, Any]:
        """What is loaded of the counts; dlt's trace has the amounts as well."""
        counts = self._counts.get(name, Counts())
        counts.check(name)
        extracted = self.extracted[name] if resource else 0
        amounts = {each: getattr(counts, each, extracted) for each in _AMOUNTS}
        if resource:
            resource.custom_metrics.update(amounts)
            if left_out := counts.yielded - extracted:
                if self._exact.get(name):
                    raise AccountingError(
                        f"{name}: {counts.yielded} records were read, but dlt was given"
                        f" {extracted}; that is a bug of the connector"
                    )
                logger.info("%s: %d left out by steps of dlt", name, left_out)
        started, ended = self._queue.times.get(name, (None, None))
        return {
            "resource": name,
            **amounts,
            "events": dict(counts.events),
            "unknown_fields": sorted(counts.unknown),
            "started_at": started,
            "ended_at": ended,
        }


def rows(pages: Pages[Any]) -> Iterator[list[Row]]:
    """Pages as plain rows, joined into fewer and larger ones as the read goes on.

    The first page comes alone, so that a short run is as short as its first page.
    """
    joined: list[Row] = []
    wanted = 1
    for page in pages.rows():
        joined += page
        if len(joined) >= wanted:
            yield joined
            wanted = min(2 * len(joined), _LARGEST)
            joined = []
    if joined:
        yield joined


class Extracted(ItemTransform[Any, dict[str, Any]]):
    """Counts the rows that dlt is given of a resource; a run begins where it is bound."""

    placement_affinity: ClassVar[float] = 1.4
    """Behind the incremental step, limits, and what users add."""

    def __init__(self, resource: str, books: Books) -> None:
        super().__init__(lambda item: item)
        self._resource = resource
        self._books = books

    def bind(self, pipe: Any) -> Extracted:
        ours = (Extracted, Columnar, ForkPipe)
        others = [step for step in pipe.steps if not isinstance(step, ours)]
        # The first is what reads; all others may leave rows out.
        self._books.begin(self._resource, exact=len(others) == 1)
        return self

    def __call__(self, item: Any, meta: Any = None) -> Any:
        self._books.extracted[self._resource] += count_rows_in_items(item)
        return item
