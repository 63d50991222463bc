"""The last step of a resource: rows leave it as Arrow tables where dlt would load the same."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any, ClassVar

import dlt
from dlt.common.configuration.container import Container
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.utils import resolve_merge_strategy
from dlt.common.schema import Schema
from dlt.common.storages.load_package import LoadPackageStateInjectableContext
from dlt.extract.items_transform import ItemTransform
from dlt.sources import DltResource

from .arrow_tables import ArrowTables, Made
from .collecting import collecting_seldom
from .layout import Layout, UnfitError
from .values import is_list

logger = logging.getLogger(__name__)

SMALLEST = 500
"""Rows that are worth the start of Arrow; fewer are loaded as dicts."""
TESTED = (1, 29), (1, 31)
"""The first and the last version of dlt with which Arrow tables equal dlt's own."""


def columnar(resource: DltResource) -> DltResource:
    """The resource with the step at its end."""
    hinted: Any = resource.columns
    resource.add_step(Columnar({} if callable(hinted) else hinted or {}))
    return resource


class Columnar(ItemTransform[Any, dict[str, Any]]):
    """Makes Arrow tables of large batches; all else stays dicts, without their nulls."""

    placement_affinity: ClassVar[float] = 1.5
    """Behind the incremental step and what users add."""

    def __init__(self, hinted: Mapping[str, Any], pipe: Any = None) -> None:
        super().__init__(lambda item: item)
        self._hinted = hinted
        self._pipe = pipe
        self._tables: _Tables | None = None
        self._started = False
        self._large = False

    def bind(self, pipe: Any) -> Columnar:
        """A new step for each run."""
        return Columnar(self._hinted, pipe)

    def __call__(self, item: Any, meta: Any = None) -> Iterator[Any]:
        if not item or not is_list(item) or not _are_rows(item):
            yield item
            return
        if not self._started:
            self._started = True
            # Whatever comes behind this step, as a child does, works on dicts.
            if self._pipe is not None and self._pipe.steps[-1] is self:
                self._tables = _tables(self._pipe.name)
        made = self._tables.of(item) if self._tables else None
        if self._tables and made:
            yield from self._tables.marked(made)
        else:
            if len(item) >= SMALLEST and not self._large:
                self._large = True
                _spare_statements(self._pipe)
            for row in item:
                self._drop_nulls(row)
            yield item

    def _drop_nulls(self, row: dict[str, Any]) -> None:
        """A null says no more than an absent field, where the column's type is not known."""
        if None in row.values():
            nulls = [name for name, value in row.items() if value is None]
            for name in nulls:
                if name not in self._hinted:
                    del row[name]


def _are_rows(items: list[Any]) -> bool:
    return all(issubclass(kind, dict) for kind in set(map(type, items)))


class _Nested(dict[str, Any]):
    """A nested table of a schema that can be asked, as dlt does, whose rows it has."""

    def __init__(self, table: Mapping[str, Any], resource: str) -> None:
        super().__init__(table)
        self.resource = resource

    def __missing__(self, key: str) -> Any:
        if key == "resource":
            return self.resource
        raise KeyError(key)


class _Tables:
    """The tables of one resource in one run."""

    def __init__(
        self,
        resource: DltResource,
        schema: Schema,
        table: str,
        capabilities: DestinationCapabilitiesContext,
        *,
        with_root_id: bool,
    ) -> None:
        self._resource = resource
        self._schema = schema
        self._capabilities = capabilities
        self._with_root_id = with_root_id
        self._layout = Layout(schema, table)
        self._arrow: ArrowTables | None = None
        self._given_up = False
        self._marked: set[str] = set()

    def of(self, rows: list[dict[str, Any]]) -> list[Made] | None:
        """The tables that the rows make; None where dlt's normalizer has to make them."""
        if self._given_up:
            return None
        try:
            if len(rows) >= SMALLEST:
                package: Any = dlt.current.load_package_state()
                with collecting_seldom():
                    return self._started().of(rows, package["load_id"])
        except UnfitError:
            logger.info("%s: a batch is loaded as dicts", self._resource.name)
        try:
            self._layout.observe(rows)
            if self._arrow is not None:
                self._register()
        except UnfitError:
            self._given_up = True
            logger.info("%s is loaded as dicts from here on", self._resource.name)
        return None

    def _started(self) -> ArrowTables:
        if self._arrow is None:
            self._arrow = ArrowTables(
                self._layout, self._capabilities, with_root_id=self._with_root_id
            )
        return self._arrow

    def _register(self) -> None:
        """Tells the schema of columns that came up, for rows that stay dicts as well."""
        for table, parent in self._layout.parents.items():
            columns = self._layout.new.pop(table, {})
            if columns or table not in self._schema.tables:
                made: Any = {"name": table, "columns": columns}
                if parent is not None:
                    made["parent"] = parent
                self._schema.update_table(made)

    def marked(self, made: list[Made]) -> Iterator[Any]:
        """The tables as dlt takes them, each with the name it is loaded under."""
        self._register()
        for table in made:
            if table.parent is None:
                root: Any = {"name": table.name, "columns": table.columns}
                self._schema.update_table(root)
                yield table.content
                continue
            self._nest(table)
            yield dlt.mark.with_table_name(table.content, table.name)
            # Hints of the resource that dlt's normalizer leaves out of nested tables.
            nested: Any = self._schema.tables[table.name]
            for key in set(nested) - {"name", "parent", "columns", "x-normalizer"}:
                del nested[key]

    def _nest(self, table: Made) -> None:
        name = table.name
        tables: Any = self._schema.tables
        made: Any = {"name": name, "parent": table.parent, "columns": table.columns}
        self._schema.update_table(made)
        if not isinstance(tables[name], _Nested):
            tables[name] = _Nested(tables[name], self._resource.name)
        if name not in self._marked:
            self._marked.add(name)
            self._resource.apply_hints(
                table_name=name,
                parent_table_name=table.parent,
                columns={},
                primary_key="",
                merge_key="",
                create_table_variant=True,
            )


def _tables(name: str) -> _Tables | None:
    """What makes the tables of a resource; None where dlt's normalizer has to."""
    container = Container()
    if (
        LoadPackageStateInjectableContext not in container
        or DestinationCapabilitiesContext not in container
    ):
        return None
    capabilities = container[DestinationCapabilitiesContext]
    resource = dlt.current.source().resources[name]
    schema = dlt.current.source_schema()
    reason = _hindrance(resource, schema, capabilities)
    if reason:
        logger.info("%s is loaded as dicts: %s", name, reason)
        return None
    table: Any = resource.compute_table_schema()
    schema.update_table(table)
    root = schema.naming.normalize_tables_path(table["name"])
    strategy = resolve_merge_strategy(schema.tables, schema.tables[root], capabilities)
    if strategy not in (None, "delete-insert"):
        logger.info("%s is loaded as dicts: the merge strategy is %s", name, strategy)
        return None
    propagated = _normalizer(schema).get("propagation", {}).get("tables", {})
    return _Tables(
        resource, schema, root, capabilities, with_root_id=root in propagated
    )


def _version() -> tuple[int, ...]:
    return tuple(map(int, dlt.__version__.split(".")[:2]))


def _spare_statements(pipe: Any) -> None:
    """dlt's INSERT statements of many rows cost a multiple of parquet's time and memory."""
    container = Container()
    if pipe is None or DestinationCapabilitiesContext not in container:
        return
    capabilities = container[DestinationCapabilitiesContext]
    resource = dlt.current.source().resources[pipe.name]
    if resource.has_dynamic_table_name:
        return
    table: Any = resource.compute_table_schema()
    if (
        capabilities.preferred_loader_file_format != "insert_values"
        or capabilities.loader_file_format_selector  # it may lack what parquet needs
        or "parquet" not in (capabilities.supported_loader_file_formats or ())
        or find_spec("pyarrow") is None
        or table.get("file_format")
        or table.get("table_format")
        or any(each.get("precision") for each in table["columns"].values())
    ):
        return
    schema = dlt.current.source_schema()
    resource.apply_hints(file_format="parquet")
    name = schema.naming.normalize_tables_path(table["name"])
    if name in schema.tables:
        schema.tables[name]["file_format"] = "parquet"


def _normalizer(schema: Schema) -> dict[str, Any]:
    stored: Any = schema.to_dict()
    return dict(stored["normalizers"]["json"].get("config") or {})


def _hindrance(
    resource: DltResource,
    schema: Schema,
    capabilities: DestinationCapabilitiesContext,
) -> str:
    """Why tables of this resource cannot be made here; empty if they can."""
    if find_spec("pyarrow") is None:
        return "pyarrow is not installed"
    if not TESTED[0] <= _version() <= TESTED[1]:
        return f"dlt {dlt.__version__} is not one that this was tested with"
    if "parquet" not in (capabilities.supported_loader_file_formats or ()):
        return "the destination does not load parquet"
    if resource.has_dynamic_table_name or resource.nested_hints:
        return "its table has hints that depend on the data"
    table: Any = resource.compute_table_schema()
    if table.get("table_format") or table.get("file_format", "parquet") != "parquet":
        return "its format is given"
    config = _normalizer(schema)
    nesting = table.get("x-normalizer", {}).get("max_nesting")
    if nesting is not None or config.get("max_nesting") is not None:
        return "its nesting is limited"
    if config.get("propagation", {}).get("root"):
        return "values of its rows go to tables below"
    settings = schema.settings
    given = (settings.get("default_hints") or {}).values()
    hints = [str(each) for some in given for each in some]
    if settings.get("preferred_types") or not all("_dlt_" in each for each in hints):
        return "the schema has rules for columns"
    if any(each.get("filters") for each in schema.tables.values()):
        return "the schema has filters"
    contract = schema.resolve_contract_settings_for_table(table["name"], table)
    if set(contract.values()) != {"evolve"}:
        return "it has a schema contract"
    return ""
