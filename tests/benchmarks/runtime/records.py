"""Records of a help desk's size and shape, and what a table of them must hold."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

_UNDECLARED = (1, 4, 7)
"""The last digits of records with fields that the schema does not name."""


class Expected(NamedTuple):
    """Rows that a complete load leaves behind."""

    records: int
    tags: int
    """Rows of the child table."""
    undeclared: int
    """Records with fields that the schema does not name."""


def expected(records: int) -> Expected:
    return Expected(
        records,
        sum(number % 4 for number in range(records)),
        sum(number % 10 in _UNDECLARED for number in range(records)),
    )


def line(number: int) -> str:
    """The record as compact JSON."""
    return json.dumps(record(number), separators=(",", ":"))


def record(number: int) -> dict[str, Any]:
    day, second = 1 + number % 28, number % 60
    made: dict[str, Any] = {
        "id": f"3000000000{number:08}",
        "ticketNumber": number,
        "subject": f"Order {number} has not arrived although it was sent last week",
        "description": None if number % 3 else f"Dear support, where is it? ({number})",
        "status": ("Open", "On Hold", "Escalated", "Closed")[number % 4],
        "priority": (None, "Low", "Medium", "High")[number % 4],
        "channel": ("Email", "Phone", "Web")[number % 3],
        "assigneeId": None if number % 5 == 0 else f"4000000000{number % 90:08}",
        "email": f"person{number % 5000}@example.com",
        "threadCount": number % 40,
        "isSpam": number % 50 == 0,
        "tags": [f"tag{(number + index) % 20}" for index in range(number % 4)],
        "source": {
            "type": "APP",
            "appName": None if number % 2 else "Shop",
            "extId": f"ext-{number}",
        },
        "createdTime": f"2025-03-{day:02}T08:15:{second:02}Z",
        "modifiedTime": f"2025-04-{day:02}T17:45:{second:02}.{number % 1000:03}Z",
        "closedTime": None if number % 4 else f"2025-05-{day:02}T12:00:{second:02}Z",
    }
    if number % 10 in _UNDECLARED:
        made["slaMinutes"] = 30 * (number % 9)
        made["region"] = ("emea", "apac", "amer")[number % 3]
    return made
