"""`replay()`: loads rejected records that fit by now, each at most once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Concatenate, NamedTuple, ParamSpec

import dlt
from dlt.common.pipeline import LoadInfo
from dlt.destinations.exceptions import DatabaseUndefinedRelation
from dlt.sources import DltResource, DltSource

from .checking import UNFIT, of_text
from .columnar import columnar
from .records import Record
from .rejects import COUNTS, RESOURCE
from .running import pending
from .sending import Shape
from .validating import Row
from .values import JSON

P = ParamSpec("P")

_DONE = "replayed_records"


class Replayable(NamedTuple):
    """What a resource's records are made with, where a record alone is enough for that."""

    model: type[Record]
    shape: Shape | None = None


@dataclass(slots=True)
class Replayed:
    """What became of the rejected records, by resource."""

    loaded: Counter[str] = field(default_factory=Counter[str])
    superseded: Counter[str] = field(default_factory=Counter[str])
    """A later version of the record is loaded already, or the spec leaves it out."""
    left: Counter[str] = field(default_factory=Counter[str])
    """They still do not fit, or only reading them again helps."""
    info: LoadInfo | None = None
    """None where there was nothing to load."""


class _Rejected(NamedTuple):
    load: str
    page: int
    id: str
    resource: str
    record: str


def replayer(
    source: Callable[P, DltSource], resources: Mapping[str, Replayable]
) -> Callable[Concatenate[dlt.Pipeline, P], Replayed]:
    """A function that replays; it takes the pipeline and the source's arguments."""

    def replay(
        pipeline: dlt.Pipeline, /, *args: P.args, **kwargs: P.kwargs
    ) -> Replayed:
        """Loads the rejected records that fit by now, together with notes of what was done.

        A load that is killed is finished by the next run, so no record is loaded twice.
        """
        made = source(*args, **kwargs)
        pending(pipeline)
        tables = _Tables(pipeline, made.schema.name)
        done = Replayed()
        loads: list[DltResource] = []
        notes: list[dict[str, str]] = []
        for name, rejected in tables.rejected().items():
            resource = made.selected_resources.get(name)
            if resource is None:
                continue
            fits: dict[_Rejected, Row | None] = {}
            if name in resources and not _removes_others(resource):
                current = tables.current(rejected, resource)
                fits = dict(_fitting(current, resources[name]))
            newest = tables.newest(fits, resource)
            if newest:
                loads.append(_resource(list(newest.values()), resource))
            for each in fits:
                outcome = "loaded" if each in newest else "superseded"
                note = {"record_id": each.id, "resource": name, "outcome": outcome}
                notes.append(note)
            done.loaded[name] += len(newest)
            done.superseded[name] += len(fits) - len(newest)
            done.left[name] += len(rejected) - len(fits)
        if notes:
            loads.append(dlt.resource(notes, name=_DONE))
            done.info = pipeline.run(DltSource(made.schema, made.section, loads))
            done.info.raise_on_failed_jobs()
        return Replayed(+done.loaded, +done.superseded, +done.left, done.info)

    return replay


def _removes_others(resource: DltResource) -> bool:
    """A record that is loaded alone stands for its whole group, or for all there is."""
    table: Any = resource.compute_table_schema()
    is_grouped = any(column.get("merge_key") for column in table["columns"].values())
    return is_grouped or "scd2" in str(resource.write_disposition)


def _fitting(
    rejected: list[_Rejected], replayable: Replayable
) -> Iterator[tuple[_Rejected, Row | None]]:
    """Those that fit by now, with what is loaded; None if the spec leaves it out."""
    shape = of_text(replayable.shape)
    for each in rejected:
        try:
            record: JSON = json.loads(each.record)
            record = shape(record) if isinstance(record, dict) else record
            row: Row | None = None
            if record is not None:
                made = replayable.model.model_validate(
                    record, by_alias=True, by_name=False
                )
                row = made.model_dump(by_alias=True, exclude_unset=True)
        except UNFIT:
            continue
        yield each, row


def _resource(rows: list[Row], like: DltResource) -> DltResource:
    """A resource of the rows for the table of another; nothing in the table is replaced."""
    table: Any = like.compute_table_schema()
    hints: dict[str, Any] = {
        "table_name": table["name"],
        "write_disposition": like.write_disposition,
        "columns": table["columns"],
        "max_table_nesting": like.max_table_nesting,
        "schema_contract": like.schema_contract,
        "table_format": table.get("table_format"),
        "nested_hints": like.nested_hints,
    }
    if "replace" in str(like.write_disposition):
        hints["write_disposition"] = "append"
    return columnar(dlt.resource(rows, name=like.name, **hints))


class _Tables:
    """The tables of the destination that a replay reads."""

    def __init__(self, pipeline: dlt.Pipeline, schema: str) -> None:
        self._pipeline = pipeline
        self._schema = schema

    def rejected(self) -> dict[str, list[_Rejected]]:
        """The rejected records that were not replayed, by resource, the oldest first."""
        loads = self._rows("_dlt_loads", "load_id", "status")
        complete = {load for load, status in loads if status == 0}
        notes = self._rows(_DONE, "record_id", "_dlt_load_id")
        done = {record for record, load in notes if load in complete}
        columns = "_dlt_load_id", "page", "_dlt_id", "resource", "record"
        rows = [_Rejected(*row) for row in self._rows(RESOURCE, *columns)]
        found: dict[str, list[_Rejected]] = {}
        # Within a page they stay in the order in which they were loaded.
        for each in sorted(rows, key=lambda row: (row.load, row.page)):
            if each.id not in done:
                found.setdefault(each.resource, []).append(each)
        return found

    def current(
        self, rejected: list[_Rejected], resource: DltResource
    ) -> list[_Rejected]:
        """Those that belong to what is in the table: a replaced one has the last load only."""
        if "replace" not in str(resource.write_disposition):
            return rejected
        loads = self._rows(COUNTS, "resource", "_dlt_load_id")
        last = max((load for name, load in loads if name == resource.name), default="")
        return [each for each in rejected if each.load == last]

    def newest(
        self, fits: Mapping[_Rejected, Row | None], resource: DltResource
    ) -> dict[_Rejected, Row]:
        """Those of which no later version is loaded, or is among them."""
        rows = {each: row for each, row in fits.items() if row is not None}
        table: Any = resource.compute_table_schema()
        columns = table["columns"].items()
        keys = [name for name, column in columns if column.get("primary_key")]
        if not keys or "merge" not in str(resource.write_disposition):
            return rows
        newest = {
            tuple(_text(row.get(key)) for key in keys): each
            for each, row in rows.items()
        }
        for *values, load in self._rows(table["name"], *keys, "_dlt_load_id"):
            key = tuple(map(_text, values))
            if key in newest and newest[key].load < load:
                del newest[key]
        return {each: rows[each] for each in newest.values()}

    def _rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The columns of all rows; none of a table that does not exist."""
        if self._schema not in self._pipeline.schemas:
            return
        naming = self._pipeline.schemas[self._schema].naming
        with self._pipeline.sql_client(self._schema) as client:
            escaped = client.escape_column_name
            names = [escaped(naming.normalize_identifier(each)) for each in columns]
            name = naming.normalize_table_identifier(table)
            qualified = client.make_qualified_table_name(name)
            query = f"SELECT {', '.join(names)} FROM {qualified}"
            try:
                with client.execute_query(query) as cursor:
                    while rows := cursor.fetchmany(10_000):
                        yield from rows
            except DatabaseUndefinedRelation:
                return


def _text(value: Any) -> str:
    """A key's value, however the destination keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
