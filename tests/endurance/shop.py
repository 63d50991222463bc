"""A shop's API and its connector: every write disposition, child tables, windows, tokens that rotate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.functional.windows_api import BEGIN, iso
from tests.scripted import Answer, Api, Call

END = "2024-01-21"
"""Of two windows of ten days."""
CREDENTIALS = {"client_id": "me", "client_secret": "s3cret"}
PAGE = 40
Row = dict[str, Any]

SPEC = """
connector: shop
silence: [no-primary-key]
client:
  base_url: https://api.example.com
  auth:
    type: oauth2
    token_url: /token
    refresh_token: dlt.secrets["refresh_token"]
  error_handler: { max_retries: 0 }
resource_defaults:
  endpoint:
    data_selector: data
    paginator: { type: page_number, base_page: 1, stop_after_short_page: true, limit: 40, limit_param: size }
definitions:
  Entry:
    type: object
    required: [id, made]
    properties:
      id: { type: integer }
      made: { type: string, format: date-time }
      weight: { type: integer }
  Order:
    type: object
    required: [id, made]
    properties:
      id: { type: integer }
      made: { type: string, format: date-time }
      weight: { type: integer }
      tags: { type: array, items: { type: string } }
      lines:
        type: array
        items:
          type: object
          properties: { item: { type: string }, count: { type: integer } }
resources:
  - name: agents
    schema: "#/definitions/Entry"
    write_disposition: replace
  - name: tickets
    schema: "#/definitions/Order"
    primary_key: id
    write_disposition: merge
  - name: audit
    schema: "#/definitions/Entry"
    write_disposition: append
  - name: changes
    schema: "#/definitions/Entry"
    primary_key: id
    write_disposition: append
    endpoint:
      incremental: { cursor_path: made, initial_value: "2024-01-01", start_param: from }
  - name: orders
    schema: "#/definitions/Order"
    primary_key: id
    write_disposition: merge
    endpoint:
      incremental: &window
        cursor_path: made
        initial_value: "2024-01-01"
        start_param: from
        end_param: to
        window: P10D
  - name: visits
    schema: "#/definitions/Entry"
    write_disposition: append
    endpoint: { incremental: *window }
"""

AHEAD = SPEC.replace(
    "  error_handler:", "  rate_limit: { concurrent: 4 }\n  error_handler:"
)
"""Pages are asked for before their turn, and resources are read in threads."""


def entries(count: int) -> list[Row]:
    """Records over the two windows; the sixth and each hundredth after it do not fit."""
    step = timedelta(seconds=20 * 86400 // count)
    return [
        {
            "id": n,
            "made": iso(BEGIN + step * n),
            "weight": "heavy" if n % 100 == 5 else n * 3,
        }
        for n in range(count)
    ]


def orders(count: int) -> list[Row]:
    """The same with lists, which become tables of their own."""
    return [
        {
            **entry,
            "tags": [f"tag {n % k}" for k in range(2, 2 + n % 4)],
            "lines": [{"item": f"item {n}", "count": k} for k in range(n % 3)],
        }
        for n, entry in enumerate(entries(count))
    ]


RECORDS: dict[str, list[Row]] = {
    "agents": entries(130),
    "tickets": orders(230),
    "audit": entries(90),
    "changes": entries(110),
    "orders": orders(150),
    "visits": entries(140),
}
LOGS = ("audit", "rejected_records")
"""Each load of their resources adds all their rows once more, as the spec says."""


class Tokens:
    """Replaces the refresh token each time; the old one is good until the new one is used.

    Servers differ in that. Where the old one is worthless at once, a process that dies
    before it has the answer has lost both.
    """

    def __init__(self, *, strict: bool = False) -> None:
        """`strict`: the old token is worthless at once."""
        self.good = ["first"]
        self.issued = 0
        self._strict = strict

    def __call__(self, call: Call) -> Any:
        given = call.form["refresh_token"]
        if given not in self.good:
            return Answer({"error": "invalid_grant"}, 400)
        self.issued += 1
        self.good = [f"refresh {self.issued}"] + [given] * (not self._strict)
        return {
            "access_token": f"access {self.issued}",
            "refresh_token": self.good[0],
            "expires_in": 3600,
        }


def open_shop(api: Api, *, strict: bool = False) -> None:
    """The routes of the API; `strict`: refresh tokens are good for one use."""
    tokens = Tokens(strict=strict)
    api.routes["/token"] = tokens

    def serve(name: str) -> None:
        def route(call: Call) -> Any:
            token = f"Bearer access {tokens.issued}"
            if call.headers.get("authorization") != token:
                return Answer({"error": "unauthorized"}, 401)
            low, high = call.query.get("from", ""), call.query.get("to", "~")
            found = [each for each in RECORDS[name] if low <= each["made"] < high]
            start = (int(call.query["page"]) - 1) * PAGE
            return {"data": found[start : start + PAGE]}

        api.routes[f"/{name}"] = route

    for name in RECORDS:
        serve(name)
