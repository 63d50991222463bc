"""The books of a run: each record is accounted for, and what is known is loaded as well."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import dlt
from dlt.common.data_writers.writers import count_rows_in_items
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.extract.items_transform import ItemTransform
from dlt.extract.pipe import ForkPipe
from dlt.sources import DltResource

from .columnar import Columnar, columnar
from .counting import Counts
from .errors import AccountingError
from .loading import pick, rows
from .rejects import COUNTS, OWN, RESOURCE, RejectedQueue
from .validating import Pages, Row
from .values import JSON

logger = logging.getLogger(__name__)

_REJECTED: TTableSchemaColumns = {
    "resource": {"data_type": "text"},
    "record": {"data_type": "text"},
    "errors": {"data_type": "text"},
    "request": {"data_type": "text"},
    "page": {"data_type": "bigint"},
}
_AMOUNTS = "received yielded rejected filtered deduplicated extracted pages".split()
_COUNTED: TTableSchemaColumns = {
    "resource": {"data_type": "text"},
    "received": {"data_type": "bigint"},
    "yielded": {"data_type": "bigint"},
    "rejected": {"data_type": "bigint"},
    "filtered": {"data_type": "bigint"},
    "deduplicated": {"data_type": "bigint"},
    "extracted": {"data_type": "bigint"},
    "pages": {"data_type": "bigint"},
    "events": {"data_type": "json"},
    "unknown_fields": {"data_type": "json"},
    "started_at": {"data_type": "timestamp"},
    "ended_at": {"data_type": "timestamp"},
}


class Counting(Protocol):
    """A client."""

    @property
    def counts(self) -> Mapping[str, Counts]: ...


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
        self._clients: Sequence[Counting] = ()
        self._parts = parts
        self._narrowed = narrowed
        self._exact: dict[str, bool] = {}
        self._closed = False

    def kept(
        self,
        found: Mapping[str, DltResource],
        names: Sequence[str],
        clients: Sequence[Counting],
    ) -> list[DltResource]:
        """The named resources, counted at their ends, and two that load what is known of them.

        `clients`: the one that reads, once there is one.
        """
        self._clients = clients
        for each in found.values():
            each.add_step(Extracted(each.name, self))
        picked = map(columnar, pick(found, names))
        return [*picked, self._rejected_records(), self._record_counts()]

    def rows(self, resource: str, pages: Pages[Any]) -> Iterator[list[Row]]:
        """A resource that is one read; its table is there even if it has no rows."""
        is_empty = True
        with self.reading(resource):
            for each in rows(pages):
                is_empty = False
                yield each
        if is_empty:
            yield dlt.mark.materialize_table_schema()

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
            yield self._report(dlt.current.source().selected_resources)

        return record_counts

    def begin(self, resource: str, *, exact: bool) -> None:
        """`exact`: no step leaves rows out."""
        self._closed = False
        self._exact[resource] = exact and resource not in self._narrowed
        self.extracted[resource] = 0
        self._queue.begin(resource)
        if counts := self._counts().get(resource):
            counts.clear()

    def _close(self) -> None:
        """Ends the resources that are read in parts."""
        if not self._closed:
            self._closed = True
            for resource in self._parts:
                if resource in self._queue.times:
                    self._counts().get(resource, Counts()).finish(resource)

    def _report(self, selected: Mapping[str, DltResource]) -> list[dict[str, Any]]:
        """What is loaded of the counts; dlt's trace has them as well.

        Resources that are only read for their children are among them.
        """
        names = dict.fromkeys([*self._queue.times, *selected])
        rows = [self._row(name, name in selected) for name in names if name not in OWN]
        for row in rows:
            if resource := selected.get(row["resource"]):
                resource.custom_metrics.update({name: row[name] for name in _AMOUNTS})
        return rows

    def _row(self, resource: str, selected: bool) -> dict[str, Any]:
        counts = self._counts().get(resource, Counts())
        counts.check(resource)
        extracted = self.extracted[resource] if selected else 0
        if extracted != counts.yielded and selected and self._exact.get(resource):
            raise AccountingError(
                f"{resource}: {counts.yielded} records were read, but dlt was given"
                f" {extracted}; that is a bug of the connector"
            )
        if extracted != counts.yielded and selected:
            left_out = counts.yielded - extracted
            logger.info("%s: %d left out by steps of dlt", resource, left_out)
        started, ended = self._queue.times.get(resource, (None, None))
        amounts = {name: getattr(counts, name, extracted) for name in _AMOUNTS}
        return {
            "resource": resource,
            **amounts,
            "events": dict(counts.events),
            "unknown_fields": sorted(counts.unknown),
            "started_at": started,
            "ended_at": ended,
        }

    def _counts(self) -> Mapping[str, Counts]:
        return self._clients[0].counts if self._clients else {}


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
