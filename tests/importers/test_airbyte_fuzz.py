"""Manifests that are broken at random: a spec or reasons, never a traceback, and soon."""

from __future__ import annotations

import copy
import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.airbyte import read
from tests.importers.airbyte_manifests import MANIFESTS

WHOLE = "GEN_CONNECTOR_WHOLE" in os.environ
TRIES = 300 if WHOLE else 12
SECONDS = 20.0
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, "", "x", "{{", "{{ config['", "{{ a.b['c'](1) }}", "{% if %}",
    "#/definitions/requester", "#/definitions/none", "#/", [], {}, [[]], [None], {"type": 7},
    {"$ref": "#/definitions/requester"}, {"$ref": "#/streams/0"}, {"$ref": 3},
    {"type": "CustomThing"}, {"class_name": "a.b.C"}, {"$parameters": {"path": ["x"]}},
    "{{ next_page_token }}", "P1Y", "%s", "\ud7ff", "é" * 300,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document but the whole of it."""
    found: list[tuple[Any, ...]] = [path] if path else []
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in pairs:
        found += places(inner, (*path, key))
    return found


def mutated(data: Any, chance: random.Random) -> Any:
    """The document with one to four of its places dropped, replaced or swapped."""
    made = copy.deepcopy(data)
    for _ in range(chance.randint(1, 4)):
        every = places(made)
        if not every:
            break
        path, other = chance.choice(every), chance.choice(every)
        holder = at(made, path[:-1])
        match chance.randint(0, 3):
            case 0:
                del holder[path[-1]]
            case 1:
                holder[path[-1]] = copy.deepcopy(chance.choice(VALUES))
            case 2:
                holder[path[-1]] = copy.deepcopy(at(made, other))
            case _ if isinstance(holder, dict):
                holder[chance.choice(list(map(str, other)))] = holder.pop(path[-1])
            case _:
                holder.append(copy.deepcopy(holder[path[-1]]))
    return made


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize("name", sorted(MANIFESTS))
def test_broken_manifests_give_a_spec_or_reasons(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    data = yaml.safe_load(MANIFESTS[name])
    path = tmp_path / "manifest.yaml"
    read_ = 0
    for number in range(TRIES):
        text = yaml.safe_dump(mutated(data, chance), allow_unicode=True)
        path.write_text(text, "utf-8")
        begun = time.process_time()
        try:
            read_ += bool(read(path, ImportOptions()).spec)
        except SpecError as error:
            assert error.diagnostics, text
        except Exception as error:
            raise AssertionError(f"try {number}\n{text}") from error
        assert time.process_time() - begun < SECONDS, text
    assert read_, "every one of them was refused: nothing was tried"
