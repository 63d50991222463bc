"""Text that is data stays data: the code has the same shape, and the text is in it as it was."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generator.package import Package, manifest_text, read_manifest

from .effort import LONG
from .judge import Importer, outcome, shape, texts, words
from .payloads import PAYLOADS

pytestmark = pytest.mark.hostile

REFUSED = {
    *("form-feed", "vertical-tab", "next-line", "nul", "escape-character"),
    *("delete-character", "surrogate", "bidi", "byte-order-mark", "noncharacter"),
}
"""Payloads that no place of a document may hold."""

SECRET = re.compile(r"\bdlt\.(secrets|config)|\{\{ secrets")
"""What no place of plain text may hold: a person would expect the secret to be sent."""

REFERENCE = re.compile(r"\{|dlt\.|^\s*f['\"]")
"""What may be more than plain text in the places of a request."""

SHARDS = 4
"""Parts that can run side by side; in a short run the packages of the first are imported."""


def plain(text: str) -> dict[str, Any]:
    """A spec with the text wherever it is only text."""
    return {
        "connector": "desk",
        "description": text,
        "docs": text,
        "client": {
            "base_url": "https://api.example.com",
            "auth": {
                "methods": {
                    "key": {"type": "api_key", "name": "X-Key"},
                    "query": {
                        "type": "api_key",
                        "name": text or "q",
                        "location": "query",
                        "prefix": text,  # of a header it would be one line
                    },
                }
            },
            "error_handler": {"error_message": text},
        },
        "resources": [
            {
                "name": "tickets",
                "description": text,
                "primary_key": text,
                "merge_key": [text, "b"],
                "table_name": text or "t",
                "schema": {
                    "title": "Ticket",
                    "description": text,
                    "properties": {
                        "status": {"enum": [text, "another"], "description": text},
                        "kind": {"const": text},
                        "subject": {"type": "string", "default": text},
                    },
                },
                "endpoint": {
                    "path": "/tickets",
                    "data_selector": [text, 0],
                    "paginator": {
                        "type": "cursor",
                        "cursor_path": "next",
                        "cursor_param": "c",
                    },
                    "error_handler": {"error_message": text},
                },
            },
            {
                "name": "agents",
                "endpoint": {
                    "path": "/agents",
                    "data_selector": "",
                    "paginator": {
                        "type": "offset",
                        "limit": 5,
                        "limit_param": text or "l",
                        "offset_param": text or "o",
                    },
                },
            },
        ],
    }


WORDS = {"__init__.py": 1, "client.py": 2, "models.py": 2, "source.py": 2}
"""Docstrings with the words of the text, at least, in each file."""
LITERALS = 12
"""Texts in the code that are the text, at least."""


def request(text: str) -> dict[str, Any]:
    """A spec with the text in the places of a request; header values are one line."""
    line = " ".join(text.split())
    key = text[:150]  # YAML has no keys of more than 1,024 characters, escapes included
    return {
        "connector": "desk",
        "client": {
            "base_url": "https://api.example.com",
            "headers": {"X-Client": line},
            "auth": {
                "type": "oauth2",
                "token_url": "/token",
                "scopes": [text, "read"],
                "access_token_request_data": {key: text},
            },
        },
        "resources": [
            {
                "name": "searches",
                "endpoint": {
                    "path": "/search",
                    "method": "POST",
                    "params": {key: text, "many": [text, 1]},
                    "headers": {"X-One": line},
                    "json": {key: {"inner": [text]}},
                    "paginator": "single_page",
                    "data_selector": "",
                },
            }
        ],
    }


REQUEST_LITERALS = 4


def shard(number: int) -> Iterator[tuple[str, str]]:
    yield from list(PAYLOADS.items())[number::SHARDS]


def checked(spec: Any, word: str, folder: Path, problems: list[str]) -> Package | None:
    found = outcome(spec, word, folder)
    problems.extend(f"{word}: {each}" for each in found.problems)
    refused = word in REFUSED or SECRET.search(PAYLOADS[word]) is not None
    if (found.package is None) != refused:
        problems.append(
            f"{word}: {[each.message for each in found.errors] or 'compiled'}"
        )
    return found.package


@pytest.mark.parametrize("number", range(SHARDS))
def test_text_stays_text(number: int, tmp_path: Path) -> None:
    problems: list[str] = []
    baseline = outcome(plain("text"), "baseline", tmp_path / "specs").package
    importer = Importer(tmp_path / "packages")
    assert baseline is not None
    for word, text in shard(number):
        package = checked(plain(text), word, tmp_path / "specs", problems)
        if package is None:
            continue
        manifest = manifest_text(package)
        assert manifest.isascii()
        assert read_manifest(manifest).files.keys() == package.files.keys()
        if LONG or not number:
            importer.add(package, word)
        if not text.strip():
            continue  # nothing to find again
        problems.extend(f"{word}: {each}" for each in data_problems(package, text))
        if shape(package) != shape(baseline):
            problems.append(f"{word}: the code has another shape")
    problems.extend(importer.problems())
    assert not problems, "\n".join(problems)


def data_problems(package: Package, text: str) -> Iterator[str]:
    found = sum(each == text for each in texts(package))
    if found < LITERALS:
        yield f"the text is in the code {found} times, not {LITERALS} times"
    expected = words(text)
    for path, count in WORDS.items():
        held = sum(holds(each, expected) for each in docstrings(package.files[path]))
        if held < count:
            yield f"{path} has the words in {held} docstrings, not in {count}"


def holds(text: str, expected: list[str]) -> bool:
    """Whether the words stand in the text in their order, one after the other."""
    # A docstring shows what cannot be seen as an escape.
    for found in (text, re.sub(r"\\(x..|u....|U........)", " ", text)):
        if "\n".join(["", *expected, ""]) in "\n".join(["", *words(found), ""]):
            return True
    return not expected


def docstrings(text: str) -> Iterator[str]:
    """Every text that stands alone as a statement."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(value))):
                yield value
            case _:
                pass


@pytest.mark.parametrize("number", range(SHARDS))
def test_text_of_a_request_stays_text(number: int, tmp_path: Path) -> None:
    problems: list[str] = []
    baseline = outcome(request("text"), "baseline", tmp_path / "specs").package
    importer = Importer(tmp_path / "packages")
    assert baseline is not None
    for word, text in shard(number):
        if REFERENCE.search(text):
            continue
        package = checked(request(text), word, tmp_path / "specs", problems)
        if package is None:
            continue
        if LONG or not number:
            importer.add(package, word)
        found = sum(each == text for each in texts(package))
        if found < REQUEST_LITERALS:
            problems.append(
                f"{word}: {found} times in the code, not {REQUEST_LITERALS}"
            )
        if shape(package) != shape(baseline):
            problems.append(f"{word}: the code has another shape")
    problems.extend(importer.problems())
    assert not problems, "\n".join(problems)
