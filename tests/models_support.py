"""Shared by the tests of the front end: a spec as data to schemas, text and imported models."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from generator.diagnostics import Collector, Diagnostic
from generator.document import Bundle, Document, parse
from generator.records import models_module
from generator.schema import Schemas, build

HEADER = "# Made by gen-connector; do not edit. @generated"

RECORD = """
from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    model_config = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )
"""


def document(text: str, file: str = "spec.yaml") -> Document:
    collector = Collector()
    found = parse(text, file, collector)
    assert found is not None, collector.diagnostics
    return found


def problems(text: str, file: str = "spec.yaml") -> list[Diagnostic]:
    collector = Collector()
    assert parse(text, file, collector) is None
    return collector.diagnostics


def schemas_of(
    spec: str | Mapping[str, object], files: Mapping[str, str] | None = None
) -> tuple[Schemas, Collector]:
    collector = Collector()
    text = spec if isinstance(spec, str) else json.dumps(spec, ensure_ascii=False)
    loaded = {name: document(content, name) for name, content in (files or {}).items()}
    return build(Bundle(document(text), loaded), collector), collector


def one_record(
    schema: object, definitions: object = None, **resource: object
) -> dict[str, object]:
    spec: dict[str, object] = {
        "resources": [{"name": "things", "schema": schema, **resource}]
    }
    if definitions is not None:
        spec["definitions"] = definitions
    return spec


def object_of(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties}


def codes(collector: Collector) -> list[str]:
    return [each.code for each in collector.sorted()]


def models_text(spec: str | Mapping[str, object]) -> str:
    schemas, collector = schemas_of(spec)
    assert not collector.failed, collector.diagnostics
    text = models_module(schemas, collector, header=HEADER)
    assert not collector.failed, collector.diagnostics
    return text


@contextmanager
def imported(text: str) -> Iterator[ModuleType]:
    """The module in a package of its own, with the runtime's base class beside it."""
    name = f"models_{uuid.uuid4().hex}"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, name)
        (package / "_runtime").mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "_runtime" / "__init__.py").write_text("")
        (package / "_runtime" / "records.py").write_text(RECORD)
        (package / "models.py").write_text(text, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(
            name, package / "__init__.py", submodule_search_locations=[str(package)]
        )
        assert spec is not None and spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        try:
            yield importlib.import_module(f"{name}.models")
        finally:
            for loaded in [each for each in sys.modules if each.startswith(name)]:
                del sys.modules[loaded]
