"""Values arrive in the destination as the API sent them: nothing is rounded, shifted or emptied."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.functional.conftest import Make
from tests.functional.test_loading import answer
from tests.scripted import Api
from tests.support import run, source_of, table

VALUES = """
connector: values
silence: [no-auth]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - name: rows
    columns: { price: { data_type: decimal, precision: 30, scale: 12 } }
    schema:
      type: object
      required: [id]
      properties:
        id: { type: integer }
        count: { type: integer }
        share: { type: number }
        price: { type: string }
        name: { type: [string, "null"] }
        at: { type: string, format: date-time }
        day: { type: string, format: date }
"""


SENT_AND_LOADED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"count": 2**63 - 1}, {"count": 2**63 - 1}),
    ({"count": -(2**63)}, {"count": -(2**63)}),
    ({"share": 0.1}, {"share": 0.1}),
    ({"share": 1.7976931348623157e308}, {"share": 1.7976931348623157e308}),
    ({"share": 5e-324}, {"share": 5e-324}),
    (
        {"price": "123456789012345678.123456789012"},
        {"price": Decimal("123456789012345678.123456789012")},
    ),
    ({"name": ""}, {"name": ""}),
    ({"name": " x "}, {"name": " x "}),
    ({"name": "0012.50"}, {"name": "0012.50"}),
    ({"name": None}, {"name": None}),
    (
        {"at": "2024-03-31T02:30:00.123456+05:30"},
        {"at": datetime(2024, 3, 30, 21, 0, 0, 123456, UTC)},
    ),
    ({"at": "2024-01-01T00:00:00Z"}, {"at": datetime(2024, 1, 1, tzinfo=UTC)}),
    ({"at": "2024-01-01T00:00:00"}, {"at": datetime(2024, 1, 1, tzinfo=UTC)}),
    ({"day": "0001-01-01"}, {"day": date(1, 1, 1)}),
    ({"empty": ""}, {"empty": ""}),
    ({"large": 2**63 - 1}, {"large": 2**63 - 1}),
    ({"undeclared": "0012"}, {"undeclared": "0012"}),
]


def test_values(package: Make, api: Api, folder: Path) -> None:
    pairs = list(enumerate(SENT_AND_LOADED))
    api.routes["/rows"] = answer([{"id": id, **sent} for id, (sent, _) in pairs])
    loaded = table(run(source_of(package(VALUES), api.url), folder), "rows", "id")
    for id, (_, expected) in pairs:
        row = loaded[id]
        for name, value in row.items():
            if isinstance(value, datetime):
                row[name] = value.astimezone(UTC)
        others = dict.fromkeys(row.keys() - expected.keys())
        assert row == {**others, "id": id, **expected}
