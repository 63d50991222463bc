"""The records of the API, made by arithmetic: the same in every process."""

from __future__ import annotations

from typing import Any

PAGES = 3
"""Pages of five that the items fill."""


def items(day: int = 1) -> list[dict[str, Any]]:
    """13 records of every JSON type, nested ones too; on day 2 two changed and one is new."""
    found = [_item(number) for number in range(1, 14)]
    if day > 1:
        found[0]["name"] = "Changed"
        found[12]["price"] = 99.5
        found.append(_item(14))
    return found


def _item(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "group": "odd" if number % 2 else "even",
        "name": f"Item {number}",
        "price": number * 1.25,
        "active": number % 3 == 0,
        "made_at": f"2024-01-{number:02}T08:30:00Z",
        "made_on": f"2024-01-{number:02}",
        "note": None if number % 2 else "well kept",
        "owner": {"id": number % 3, "address": {"city": f"City {number % 4}"}},
        "tags": ["new", f"t{number % 2}"],
        "parts": [{"sku": f"s{number}-{part}", "n": part} for part in range(2)],
    }


def odd() -> list[dict[str, Any]]:
    """Names and values that loaders are tried by."""
    return [
        {"Id": 1, "firstName": "Zoë", "last name": "", "2nd": True, "big": 2**53},
        {"Id": 2, "firstName": "测试", "last name": " x ", "2nd": False, "big": -1},
        {
            "Id": 3,
            "firstName": None,
            "deep": {"a": {"b": {"c": {"d": 1}}}},
            "tiny": 1e-9,
        },
    ]


def versions(day: int) -> list[dict[str, Any]]:
    """For merges: on day 2 one record changed, one is gone, one is new, one is deleted."""
    if day == 1:
        return [
            {"id": number, "bag": number % 2, "value": f"v{number}", "gone": False}
            for number in range(1, 5)
        ]
    return [
        {"id": 1, "bag": 1, "value": "changed", "gone": False},
        {"id": 2, "bag": 0, "value": "v2", "gone": True},
        {"id": 5, "bag": 1, "value": "v5", "gone": False},
    ]


def shops() -> list[dict[str, Any]]:
    return [
        {"id": 1, "code": "north", "region": {"name": "eu"}, "open": True, "rank": 1.5},
        {
            "id": 2,
            "code": "south",
            "region": {"name": "us"},
            "open": False,
            "rank": 2.0,
        },
        {"id": 3, "code": "east", "region": {"name": "eu"}, "open": True, "rank": None},
    ]


def orders(shop: str, state: str = "") -> list[dict[str, Any]]:
    found = [
        {
            "id": int(shop) * 10 + number,
            "shop": int(shop),
            "state": ["new", "paid"][number % 2],
            "lines": [{"sku": "a"}],
        }
        for number in range(int(shop) + 1)
    ]
    return [each for each in found if not state or each["state"] == state]


def lines(shop: str, order: str) -> list[dict[str, Any]]:
    return [{"id": f"{order}-{number}", "order": int(order)} for number in range(2)]


def events(day: int) -> list[dict[str, Any]]:
    """Three a day; the last of a day is seen again on the next."""
    numbers = range(1, 4) if day == 1 else range(3, 6)
    return [
        {"id": number, "at": f"2024-03-{number:02}T10:00:00Z", "number": number}
        for number in numbers
    ]
