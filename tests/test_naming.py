"""Names: folded, never reserved, each taken once."""

from __future__ import annotations

import keyword
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from generator.diagnostics import Collector, Location
from generator.naming import (
    PYDANTIC_ATTRIBUTES,
    Scope,
    pascal,
    python_name,
    singular,
    snake,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("userId", "user_id"),
        ("userIDs", "user_ids"),
        ("HTTPServer", "http_server"),
        ("a-b", "a_b"),
        ("a.b", "a_b"),
        ("  spaced  out ", "spaced_out"),
        ("__x__", "x"),
        ("@type", "type"),
        ("+1", "plus_1"),
        ("-1", "minus_1"),
        ("1st", "n_1st"),
        ("\ufb01le", "file"),
        ("\uff2d\uff2f\uff24\uff25\uff2c", "model"),
        ("pr\u00e9nom", "prenom"),
        ("\u7528\u6237", None),
        ("", None),
        ("-", None),
        ("None", "none"),
    ],
)
def test_snake(text: str, expected: str | None) -> None:
    assert snake(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ticket_field", "TicketField"),
        ("Support ticket", "SupportTicket"),
        ("userId", "UserId"),
        ("7shifts", "N7shifts"),
        ("\u7528", None),
    ],
)
def test_pascal(text: str, expected: str | None) -> None:
    assert pascal(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class", "class_"),
        ("model_dump", "model_dump_"),
        ("copy", "copy_"),
        ("Schema", "schema_"),
        ("self", "self_"),
        ("list", "list_"),
        ("\uff4d\uff4f\uff44\uff45\uff4c_config", "model_config_"),
        ("match", "match"),
        ("type", "type"),
        ("date", "date"),
        ("id", "id"),
    ],
)
def test_python_name(text: str, expected: str) -> None:
    assert python_name(text) == expected


def test_every_attribute_of_a_model_is_reserved() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        public = {name for name in dir(BaseModel) if not name.startswith("_")}
    assert public <= PYDANTIC_ATTRIBUTES


@given(st.text())
def test_names_are_ascii_identifiers_that_nothing_reserves(text: str) -> None:
    name = python_name(text)
    assert name is None or (
        name.isascii()
        and name.isidentifier()
        and name[0].isalpha()
        and name == name.lower()
        and not keyword.iskeyword(name)
        and name not in PYDANTIC_ATTRIBUTES
    )
    title = pascal(text)
    assert title is None or (title.isascii() and title.isalnum() and title[0].isupper())


@given(st.text())
def test_a_name_stays_itself(text: str) -> None:
    name = snake(text)
    assert name is None or snake(name) == name


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("businesses", "business"),
        ("categories", "category"),
        ("addresses", "address"),
        ("statuses", "status"),
        ("data", "data"),
        ("news", "news"),
        ("series", "series"),
        ("tickets", "ticket"),
        ("companies", "company"),
        ("boxes", "box"),
        ("invoices", "invoice"),
        ("purchases", "purchase"),
        ("responses", "response"),
        ("databases", "database"),
        ("employees", "employee"),
        ("analyses", "analysis"),
        ("order_lines", "order_line"),
        ("daily_active_users", "daily_active_user"),
        ("website_overview", "website_overview"),
        ("people", "person"),
        ("ticket", "ticket"),
        ("status", "status"),
        ("address", "address"),
        ("s", "s"),
        ("", ""),
    ],
)
def test_singular(plural: str, expected: str) -> None:
    assert singular(plural) == expected


def test_a_collision_names_both_places() -> None:
    collector = Collector()
    scope = Scope("class", collector, "use `model:`")
    assert scope.claim("Ticket", Location("a.yaml", 1, 2), "the record of 'ticket'")
    assert not scope.claim("Ticket", Location("a.yaml", 9, 3), "the record of 'x'")
    (found,) = collector.diagnostics
    assert found.code == "name-collision"
    assert found.location.line == 9
    assert "the record of 'ticket' (a.yaml:1:2)" in found.message
    assert found.hint == "use `model:`"


def test_a_reserved_name_cannot_be_taken() -> None:
    collector = Collector()
    scope = Scope("class", collector, "use `model:`")
    scope.reserve(["Record"], "the base class has it")
    assert not scope.claim(
        "Record", Location("a.yaml", 1, 1), "the record of 'records'"
    )
    assert "the base class has it" in collector.diagnostics[0].message
    assert "Record" in scope and "Other" not in scope
