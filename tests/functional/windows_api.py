"""A loopback API with a window filter, for tests of incremental loading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scripted import Answer, Api, Call

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def events(count: int, step: timedelta) -> list[dict[str, Any]]:
    """Records from `BEGIN` on, `step` apart."""
    return [{"id": n, "at": iso(BEGIN + step * n)} for n in range(count)]


class Filtered:
    """Gives the records between `from` and `to` in pages; `to` is left in or out."""

    def __init__(
        self, records: list[dict[str, Any]], *, inclusive: bool = False
    ) -> None:
        self.records = records
        self.inclusive = inclusive
        self.fails_from = ""
        """Requests whose `from` is this or later are answered with an error."""

    def __call__(self, call: Call) -> Any:
        low, high = call.query.get("from", ""), call.query.get("to", "~")
        if self.fails_from and low >= self.fails_from:
            return Answer({"error": "down"}, 500)
        return {"data": [each for each in self.records if self.has(each, low, high)]}

    def has(self, record: dict[str, Any], low: str, high: str) -> bool:
        at = str(record["at"])
        return low <= at < high or (self.inclusive and at == high)


def asked(api: Api, path: str) -> list[tuple[str, str]]:
    """The bounds of each request."""
    return [
        (call.query.get("from", ""), call.query.get("to", ""))
        for call in api.called(path)
    ]
