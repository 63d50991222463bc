"""Resources and fields that are called like parts of Python and of the package: all are loaded."""

from __future__ import annotations

import json
import keyword
from pathlib import Path

import pytest

from generator.naming import pascal, python_name
from tests.functional.conftest import Make
from tests.refused import refused
from tests.scripted import Api
from tests.support import ROOT, run, source_of, table

MODULES = sorted(
    path.name.partition(".")[0] for path in (ROOT / "templates/package").glob("*.*")
)
IMPORTED = """
    models _runtime types Model List dict list str int float bool object bytes tuple set type
    self cls print len range super property None True False Any Literal Annotated Field Record Root
    Union Optional Iterator Mapping Sequence datetime date Decimal UUID JSON json dlt pydantic
    Request Response Http Auth Credentials Client Source request response credentials base_url auth
    environment since limit token_url transport clock first following pages load of environments
    BaseModel model_config model_fields schema validate copy
    """.split()


def distinct(names: list[str]) -> list[str]:
    """Of the names that become the same class or method, the first."""
    found: dict[str, str] = {}
    for name in names:
        key = (pascal(name) or "").lower()
        if key and key not in map(str.lower, found):
            found[key] = name
    return list(found.values())


NAMES = distinct([*keyword.kwlist, *keyword.softkwlist, *IMPORTED, *MODULES])


def spec(names: list[str]) -> str:
    """A resource of each name, with fields of all kinds that have that name and `object`."""
    resources = [
        {
            "name": name,
            "primary_key": "key",
            "endpoint": {"path": f"/{number}"},
            "schema": {
                "type": "object",
                "required": ["key", "object"],
                "properties": {
                    "key": {"type": "integer"},
                    "object": {"type": "string"},
                    "more": {
                        "type": "object",
                        "properties": {
                            "object": {"type": "string"},
                            name: {"type": "string"},
                        },
                    },
                    **(
                        {} if name == "object" else {name: {"type": ["string", "null"]}}
                    ),
                },
            },
        }
        for number, name in enumerate(names)
    ]
    whole = {
        "connector": "things",
        "client": {"base_url": "https://api.example.com", "auth": None},
        "resource_defaults": {"endpoint": {"paginator": "single_page"}},
        "resources": resources,
    }
    return json.dumps(whole)


def test_every_such_name_is_loaded(package: Make, api: Api, folder: Path) -> None:
    for number, name in enumerate(NAMES):
        row = {name: "x", "key": 1, "object": "o", "more": {name: "y", "object": "p"}}
        api.routes[f"/{number}"] = lambda call, row=row: [row]
    pipeline = run(source_of(package(spec(NAMES)), api.url), folder)
    normalized = pipeline.default_schema.naming.normalize_tables_path
    loaded = {name: table(pipeline, normalized(name)) for name in NAMES}
    assert {
        name: [sorted(map(str, row.values())) for row in rows]
        for name, rows in loaded.items()
    } == {
        name: [["1", "o", "p"] + ([] if name == "object" else ["x", "y"])]
        for name in NAMES
    }
    assert len(api.calls) == len(NAMES)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("json", "'json' cannot be the name of a package: Python or pydantic has it"),
        ("class", "'class' cannot be the name of a package: Python or pydantic has it"),
        ("dlt", "a package called dlt would hide the Python module dlt"),
        (
            "My API",
            "'My API' is no name of a package: small letters, digits and `_`",
        ),
    ],
)
def test_names_that_no_package_can_have(name: str, message: str) -> None:
    (error,) = refused(spec(["things"]).replace('"things"', f'"{name}"', 1))
    assert error.message == message
    hint = "write 'my_api'" if name == "My API" else f"write `connector: {name}_api`"
    assert error.hint == hint
