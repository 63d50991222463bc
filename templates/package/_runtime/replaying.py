"""`replay()`: loads rejected records that fit by now, each at most once."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, NamedTuple, ParamSpec

import dlt
from dlt.common.pipeline import LoadInfo
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.sources import DltResource, DltSource
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from .columnar import columnar
from .errors import ExpressionError
from .held import Digits
from .sending import Shape
from .records import Record
from .rejects import COUNTS, RESOURCE
from .running import pending
from .validating import Pages, Row, Validation
from .values import JSON

logger = logging.getLogger(__name__)

P = ParamSpec("P")

_DONE = "replayed_records"
_COLUMNS: TTableSchemaColumns = {
    "record_id": {"data_type": "text"},
    "resource": {"data_type": "text"},
    "outcome": {"data_type": "text"},
}


class Replayable(NamedTuple):
    """What a resource's records are made with, where a record alone is enough for that."""

    model: type[Record]
    shape: Shape | None = None
    digits: Digits = ()
    """Those of decimal columns."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of the rejected records, by resource."""

    loaded: Mapping[str, int]
    superseded: Mapping[str, int]
    """A later version of the record is loaded already, or the spec leaves it out."""
    left: Mapping[str, int]
    """They still do not fit, or only reading them again helps."""
    info: LoadInfo | None
    """None where there was nothing to load."""


class _Rejected(NamedTuple):
    id: str
    load_id: str
    record: JSON
    row: Row | None = None
    """What is loaded of it; None if the spec leaves it out."""


def replayer(
    source: Callable[P, DltSource], resources: Mapping[str, Replayable]
) -> Callable[Concatenate[dlt.Pipeline, P], Replayed]:
    """A function that replays; it takes the pipeline and the source's arguments."""

    def replay(
        pipeline: dlt.Pipeline, /, *args: P.args, **kwargs: P.kwargs
    ) -> Replayed:
        """Loads the rejected records that fit by now, in one load with notes of what was done.

        A load that is killed is finished by the next run, so no record is loaded twice.
        """
        made = source(*args, **kwargs)
        pending(pipeline)
        tables = _Tables(pipeline, made.schema.name)
        loads: list[DltResource] = []
        notes: list[dict[str, str]] = []
        left: Counter[str] = Counter()
        for name, rejected in tables.rejected().items():
            if name not in made.selected_resources:
                continue
            fits: list[_Rejected] = []
            resource = made.selected_resources[name]
            if name in resources and _is_replayable(resource):
                fits = list(_fitting(rejected, resources[name]))
                fits = tables.current(fits, resource)
            chosen = tables.newest(fits, resource)
            left[name] += len(rejected) - len(fits)
            rows = [
                each.row for each in fits if each.row is not None and each.id in chosen
            ]
            if rows:
                loads.append(_resource(rows, resource))
            for each in fits:
                is_loaded = each.row is not None and each.id in chosen
                outcome = "loaded" if is_loaded else "superseded"
                note = {"record_id": each.id, "resource": name, "outcome": outcome}
                notes.append(note)
        info = None
        if notes:
            loads.append(dlt.resource(notes, name=_DONE, columns=_COLUMNS))
            info = pipeline.run(DltSource(made.schema, made.section, loads))
            info.raise_on_failed_jobs()
        done = Counter((each["outcome"], each["resource"]) for each in notes)
        loaded, superseded = (
            {name: amount for (kind, name), amount in done.items() if kind == outcome}
            for outcome in ("loaded", "superseded")
        )
        return Replayed(loaded, superseded, +left, info)

    return replay


def _is_replayable(resource: DltResource) -> bool:
    """A record that is loaded alone removes no others."""
    if "scd2" in str(resource.write_disposition):
        return False
    table: Any = resource.compute_table_schema()
    return not any(column.get("merge_key") for column in table["columns"].values())


def _fitting(
    rejected: Sequence[_Rejected], replayable: Replayable
) -> Iterator[_Rejected]:
    def read(check: Validation[Any]) -> Iterator[list[Any]]:
        for each in rejected:
            try:
                to_json(each.record)  # text with half of a surrogate pair is none
                made = each.record
                if replayable.shape and isinstance(made, dict):
                    made = replayable.shape(made)
                    if made is None:
                        yield [each]
                        continue
                yield [each._replace(row=check.one(made))]
            except (ExpressionError, PydanticSerializationError, ValidationError):
                continue

    found: Iterator[list[Any]] = Pages(replayable.model, read, replayable.digits).rows()
    for each in found:
        yield from each


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
        self._schema = pipeline.schemas[schema] if schema in pipeline.schemas else None

    def rejected(self) -> dict[str, list[_Rejected]]:
        """The rejected records that were not replayed, by resource, the oldest first."""
        found: dict[str, list[_Rejected]] = {}
        if not self._exists(RESOURCE):
            return found
        done: set[str] = set()
        if self._exists(_DONE) and self._schema:
            # A note counts once its load is complete.
            loads = self._rows(self._schema.loads_table_name, "load_id", "status")
            complete = {load for load, status in loads if status == 0}
            notes = self._rows(_DONE, "record_id", "_dlt_load_id")
            done = {record for record, load in notes if load in complete}
        columns = "_dlt_load_id", "page", "_dlt_id", "resource", "record"
        # Within a page they stay in the order in which they were loaded.
        rows = sorted(self._rows(RESOURCE, *columns), key=lambda row: (row[0], row[1]))
        for load, _, id, name, record in rows:
            if id not in done:
                each = _Rejected(id, load, json.loads(record))
                found.setdefault(name, []).append(each)
        return found

    def current(
        self, rejected: list[_Rejected], resource: DltResource
    ) -> list[_Rejected]:
        """Those that belong to what is in the table: a replaced one has the last load only."""
        if "replace" not in str(resource.write_disposition):
            return rejected
        loads = self._rows(COUNTS, "resource", "_dlt_load_id")
        last = max((load for name, load in loads if name == resource.name), default="")
        return [each for each in rejected if each.load_id == last]

    def newest(self, rejected: list[_Rejected], resource: DltResource) -> set[str]:
        """The ids of those of which no later version is loaded, or is among them."""
        table: Any = resource.compute_table_schema()
        keys = [
            name for name, each in table["columns"].items() if each.get("primary_key")
        ]
        if not keys or "merge" not in str(resource.write_disposition):
            return {each.id for each in rejected}
        newest: dict[tuple[str, ...], tuple[str, str]] = {}
        for each in rejected:
            if each.row is not None:
                key = tuple(_text(each.row.get(name)) for name in keys)
                newest[key] = max(newest.get(key, ("", "")), (each.load_id, each.id))
        for *values, load in self._rows(table["name"], *keys, "_dlt_load_id"):
            key = tuple(map(_text, values))
            if load > newest.get(key, (load,))[0]:
                del newest[key]
        return {id for _, id in newest.values()}

    def _exists(self, table: str) -> bool:
        if self._schema is None:
            return False
        name = self._schema.naming.normalize_table_identifier(table)
        tables = self._schema.data_tables(seen_data_only=True)
        return any(each.get("name") == name for each in tables)

    def _rows(self, table: str, *columns: str) -> Iterator[Sequence[Any]]:
        """The columns of all rows; none of a table that does not exist."""
        schema = self._schema
        if schema is None or not (
            table == schema.loads_table_name or self._exists(table)
        ):
            return
        with self._pipeline.sql_client(schema.name) as client:
            names = ", ".join(
                client.escape_column_name(schema.naming.normalize_identifier(each))
                for each in columns
            )
            name = schema.naming.normalize_table_identifier(table)
            qualified = client.make_qualified_table_name(name)
            with client.execute_query(f"SELECT {names} FROM {qualified}") as cursor:
                while rows := cursor.fetchmany(10_000):
                    yield from rows


def _text(value: Any) -> str:
    """A key's value, however the destination keeps it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
