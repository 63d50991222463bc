"""dlt's hints of tables and columns: what the spec says of them, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.diagnostics import nearest, shown
from generator.document import Pointer
from generator.lowering.context import Context
from generator.plain import is_list, is_mapping

_DATA_TYPES = frozenset(
    "text double bool timestamp bigint binary json decimal wei date time".split()
)
_FLAGS = frozenset("""
    nullable timezone partition cluster unique sort primary_key merge_key hard_delete row_key
    parent_key root_key
    """.split())
_NUMBERS = frozenset({"precision", "scale"})
_TEXTS = frozenset({"name", "data_type", "description", "dedup_sort"})
_CHOICES = {
    "table_format": ("iceberg", "delta", "hive", "native"),
    "file_format": (
        *("preferred", "jsonl", "typed-jsonl", "insert_values", "parquet", "csv"),
        *("model", "reference"),
    ),
    "cardinality": (
        *("zero_to_one", "one_to_zero", "zero_to_many", "many_to_zero"),
        *("one_to_many", "many_to_one", "one_to_one", "many_to_many"),
    ),
}
_DISPOSITIONS = ("append", "replace", "merge")
_LOSSES = {
    "discard_row": "dlt drops such rows without a trace",
    "discard_value": "dlt drops such values without a trace",
}
_NESTED = frozenset("""
    columns file_format merge_key parent_table_name primary_key references schema_contract
    table_format write_disposition
    """.split())
_REFERENCE = ("referenced_table", "columns", "referenced_columns")

Hints = dict[str, object]


@dataclass(frozen=True, slots=True)
class HintChecks:
    """Reads the hints of one resource; problems go to the context."""

    context: Context
    has_schema: bool

    def columns(self, value: object, pointer: Pointer) -> dict[str, Hints]:
        """Column to hints, from a mapping by name or a list with names."""
        found: dict[str, Hints] = {}
        entries: list[tuple[str | int, object]] = []
        if is_mapping(value):
            entries.extend(value.items())
        elif is_list(value):
            entries.extend(enumerate(value))
        elif value is not None:
            self._error(pointer, "wrong-type", "`columns` is a mapping or a list")
        for key, hints in entries:
            place = (*pointer, key)
            if not is_mapping(hints):
                self._error(place, "wrong-type", "the hints of a column are a mapping")
                continue
            name = hints.get("name", key)
            if not isinstance(name, str) or not name:
                self._error(
                    place, "wrong-value", "a column has a `name`, which is text"
                )
            elif isinstance(key, str) and name != key:
                told = f"the column {shown(key)} is called {shown(name)} inside"
                self._error((*place, "name"), "conflict", told)
            elif name in found:
                self._error(place, "conflict", f"two columns {shown(name)}")
            else:
                found[name] = {
                    str(hint): given
                    for hint, given in hints.items()
                    if hint != "name" and self._hint(str(hint), given, (*place, hint))
                }
        return found

    def _hint(self, name: str, value: object, pointer: Pointer) -> bool:
        wanted = ""
        if name == "data_type" and (
            not isinstance(value, str) or value not in _DATA_TYPES
        ):
            told = f"{shown(str(value))} is no data type of dlt"
            hint = (
                nearest(str(value), _DATA_TYPES) or f"{', '.join(sorted(_DATA_TYPES))}"
            )
            self._error(pointer, "wrong-value", told, hint)
            return False
        if name in _FLAGS and not isinstance(value, bool):
            wanted = "true or false"
        elif name in _NUMBERS and (type(value) is not int or value < 0):
            wanted = "a whole number"
        elif name == "dedup_sort" and value not in ("asc", "desc"):
            wanted = "`asc` or `desc`"
        elif name in _TEXTS and not isinstance(value, str):
            wanted = "text"
        elif name.startswith("x-") and (is_mapping(value) or is_list(value)):
            wanted = "one value"
        elif name not in _FLAGS | _NUMBERS | _TEXTS and not name.startswith("x-"):
            known = _FLAGS | _NUMBERS | _TEXTS
            hint = nearest(name, known) or f"known here: {', '.join(sorted(known))}"
            told = f"unknown hint {shown(name)} of a column"
            self._error(pointer, "unknown-key", told, hint, key=True)
            return False
        if wanted:
            self._error(pointer, "wrong-type", f"`{name}` must be {wanted}")
        return not wanted

    def contract(self, value: object, pointer: Pointer) -> Hints:
        """The contract with every part named: a bare word would freeze the table itself (D48)."""
        parts: dict[str, object] = {}
        if isinstance(value, str):
            parts = {"columns": value, "data_type": value}
        elif is_mapping(value):
            parts = {str(part): mode for part, mode in value.items()}
        found: Hints = {"tables": "evolve"}
        for part, mode in parts.items():
            place = pointer if isinstance(value, str) else (*pointer, part)
            if part not in ("tables", "columns", "data_type"):
                hint = nearest(part, ("tables", "columns", "data_type"))
                told = f"unknown part {shown(part)} of a contract"
                self._error(place, "unknown-key", told, hint, key=True)
            elif mode == "evolve":
                found[part] = mode
            elif mode == "discard_row" and part == "data_type" and self.has_schema:
                continue  # such records go to `rejected_records`
            elif mode in _LOSSES:
                self._error(place, "data-loss", _LOSSES[str(mode)], self._instead(part))
                return {}
            elif mode == "freeze" and part == "tables":
                told = "a frozen table is never made: the first run already fails"
                self._error(
                    place, "data-loss", told, "freeze `columns` and `data_type`"
                )
            elif mode == "freeze":
                found[part] = mode
            else:
                told = f"{shown(str(mode))} is not one of evolve, freeze, discard_row, discard_value"
                self._error(place, "wrong-value", told)
        return found if "freeze" in found.values() else {}

    def _instead(self, part: str) -> str:
        if part == "data_type":
            return "write a `schema`: records that do not fit go to the table `rejected_records`"
        return "write `freeze` for an error, or leave it out and load what is new"

    def choice(self, name: str, value: object, pointer: Pointer) -> bool:
        choices = _CHOICES[name]
        if value not in choices:
            told = f"{shown(str(value))} is not one of {', '.join(choices)}"
            self._error(pointer, "wrong-value", told, nearest(str(value), choices))
        return value in choices

    def references(self, value: object, pointer: Pointer) -> list[Hints]:
        """Relations to other tables, which dlt keeps in its schema."""
        found: list[Hints] = []
        for index, each in enumerate(value if is_list(value) else ()):
            place = (*pointer, index)
            given = each if is_mapping(each) else {}
            for key in _REFERENCE:
                if not given.get(key):
                    self._error(place, "missing-key", f"the key `{key}` is missing")
            for key, part in given.items():
                self._names(str(key), part, (*place, key), key in _REFERENCE[1:])
            if "cardinality" in given:
                self.choice(
                    "cardinality", given["cardinality"], (*place, "cardinality")
                )
            lengths = {_length(given.get(key)) for key in _REFERENCE[1:]}
            if len(lengths) > 1:
                told = "`columns` and `referenced_columns` are of different lengths"
                self._error(place, "wrong-value", told)
            for key in given.keys() - {*_REFERENCE, "label", "cardinality"}:
                told = f"unknown key {shown(str(key))}"
                self._error((*place, key), "unknown-key", told, key=True)
            found.append({str(key): part for key, part in given.items()})
        return found

    def nested(self, value: object, pointer: Pointer) -> Hints:
        """Hints of the tables that lists in a record become, by the name of the field."""
        found: Hints = {}
        for table, hints in value.items() if is_mapping(value) else ():
            place = (*pointer, table)
            if not is_mapping(hints):
                self._error(place, "wrong-type", "the hints of a table are a mapping")
                continue
            for key in hints:
                if key not in _NESTED:
                    hint = nearest(str(key), _NESTED)
                    told = f"unknown hint {shown(str(key))} of a table"
                    self._error((*place, key), "unknown-key", told, hint, key=True)
            found[str(table)] = self._table(hints, place)
        return found

    def _table(self, hints: Mapping[str, object], pointer: Pointer) -> Hints:
        made: Hints = {}
        for key, value in hints.items():
            place = (*pointer, key)
            if key == "columns":
                columns = self.columns(value, place)
                # dlt wants the name again inside of nested hints.
                made[key] = {
                    name: {"name": name, **each} for name, each in columns.items()
                }
            elif key == "schema_contract":
                contract = self.contract(value, place)
                if contract:
                    made[key] = contract
            elif key == "references":
                made[key] = self.references(value, place)
            elif key == "write_disposition" and value not in _DISPOSITIONS:
                told = f"{shown(str(value))} is not one of {', '.join(_DISPOSITIONS)}"
                self._error(place, "wrong-value", told)
            elif key in _CHOICES:
                if self.choice(key, value, place):
                    made[key] = value
            elif self._names(key, value, place, key.endswith("_key")):
                made[key] = value
        return made

    def _names(self, key: str, value: object, pointer: Pointer, many: bool) -> bool:
        """Whether the value is text, or a list of texts where there may be `many`."""
        texts = value if many and is_list(value) else [value]
        right = all(isinstance(each, str) and each for each in texts)
        if not right:
            wanted = "text or a list of texts" if many else "text"
            self._error(pointer, "wrong-type", f"`{key}` must be {wanted}")
        return right

    def _error(
        self,
        pointer: Pointer,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
    ) -> None:
        self.context.error(pointer, code, message, hint, key=key)


def _length(value: object) -> int:
    return len(value) if is_list(value) else -1
