"""One request in ten fails: every row arrives once, for each way of paging, and the counts agree."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.endurance.faults import KINDS, SHARE, Faulty, failing
from tests.endurance.shop import Tokens
from tests.functional.conftest import Make, folder, no_proxies, package
from tests.scripted import Answer, Call, serving
from tests.support import part, run, source_of, table

__all__ = ["folder", "no_proxies", "package"]

WHOLE = bool(os.environ.get("GEN_CONNECTOR_WHOLE"))
"""`make faults`."""
SEEDS = range(12) if WHOLE else range(1)
CREDENTIALS = {"client_id": "me", "client_secret": "s3cret", "refresh_token": "first"}

HEAD = """
connector: failing
silence: [no-primary-key]
client:
  base_url: https://api.example.com
  auth: { type: oauth2, token_url: /token, refresh_token: 'dlt.secrets["refresh_token"]' }
  error_handler: { backoff_factor: 0 }
  AHEAD
definitions:
  Row:
    type: object
    required: [id]
    properties: { id: { type: integer }, weight: { type: integer }, kind: { type: string } }
resource_defaults: { write_disposition: append, parallelized: true, endpoint: { data_selector: data } }
resources:
"""
PAGINATORS = {
    "offsets": "{ type: offset, limit: 10, total_path: total, total: exact }",
    "numbers": "{ type: page_number, base_page: 1 }",
    "cursors": "{ type: cursor, cursor_path: next_cursor, cursor_param: cursor }",
    "links": "{ type: json_link, next_url_path: next }",
    "headers": "header_link",
    "parents": "{ type: offset, limit: 10 }",
    "children": "{ type: offset, limit: 10 }",
}
RESOURCES = tuple(PAGINATORS)
FAMILIES = RESOURCES[:5]


AHEAD = pytest.mark.parametrize("ahead", [False, True], ids=["in turn", "ahead"])


def spec(*, ahead: bool = False) -> str:
    """All ways of paging, and children of which each parent has its own.

    `ahead`: pages are asked for before their turn, and children of several parents at once.
    """
    text = HEAD.replace("AHEAD", "rate_limit: { concurrent: 6 }" if ahead else "")
    for name, paginator in PAGINATORS.items():
        text += f"""
  - name: {name}
    schema: "#/definitions/Row"
    filter: record.kind != 'test'
    endpoint:
      paginator: {paginator}"""
    return f"""{text}
      path: parents/{{resources.parents.id}}/children
    include_from_parent: [id]
"""


PAGE = 10


@dataclass(frozen=True)
class Data:
    """How much there is: rows of each family, and of parents with their children."""

    rows: int
    parents: int
    children: int

    def route(self, call: Call) -> Any:
        """A page, cut as each family does it."""
        family = call.path.removeprefix("/")
        if family.startswith("parents/"):
            return self.offset(call, self.children)
        if family == "parents":
            return self.offset(call, self.parents)
        if family == "offsets":
            return self.offset(call, self.rows)
        if family == "numbers":
            return {"data": self.cut((int(call.query["page"]) - 1) * PAGE, self.rows)}
        at = int(call.query.get("cursor", "0"))
        following = at + PAGE if at + PAGE < self.rows else None
        answer: dict[str, Any] = {"data": self.cut(at, self.rows)}
        url = f"/{family}?cursor={following}"
        if family == "cursors":
            return {**answer, "next_cursor": following and str(following)}
        if family == "links":
            return {**answer, "next": url if following else None}
        link = {"Link": f'<{url}>; rel="next"'} if following else {}
        return Answer(answer, headers=link)

    def offset(self, call: Call, count: int) -> Any:
        return {"data": self.cut(int(call.query["offset"]), count), "total": count}

    def cut(self, start: int, count: int) -> list[dict[str, Any]]:
        return [row(n) for n in range(start, min(count, start + PAGE))]

    def amount(self, resource: str) -> int:
        if resource == "children":
            return self.children * len(wanted(self.parents))
        return self.parents if resource == "parents" else self.rows


DATA = Data(2000, 100, 25) if WHOLE else Data(150, 15, 15)


def row(n: int) -> dict[str, Any]:
    """Some do not fit, and some are filtered."""
    return {
        "id": n,
        "weight": "heavy" if n % 97 == 5 else n,
        "kind": "test" if n % 31 == 3 else "real",
    }


def wanted(count: int) -> list[int]:
    """What is loaded of so many rows, by id."""
    rows_ = map(row, range(count))
    return [
        each["id"]
        for each in rows_
        if each["weight"] != "heavy" and each["kind"] != "test"
    ]


def expected(resource: str) -> Counter[Any]:
    if resource != "children":
        return Counter(wanted(DATA.amount(resource)))
    return Counter(
        (parent, child)
        for parent in wanted(DATA.parents)
        for child in wanted(DATA.children)
    )


def rejected(resource: str) -> int:
    """How many do not fit; a row that is filtered as well is never checked."""
    refused: list[bool] = [
        each["weight"] == "heavy" and each["kind"] != "test"
        for each in map(row, range(DATA.rows))
    ]
    if resource == "children":
        return sum(refused[: DATA.children]) * len(wanted(DATA.parents))
    return sum(refused[: DATA.amount(resource)])


def check_faults(server: Faulty) -> None:
    """The faults that were meant to be there were there."""
    total = server.counts.total()
    print(f"\n{server.requests} requests, {total} faults: {dict(server.counts)}")
    assert total > server.requests * SHARE * 0.5
    assert not WHOLE or set(server.counts) == set(KINDS)


@AHEAD
@pytest.mark.parametrize("seed", SEEDS)
def test_a_client_reads_every_row_once(
    package: Make, tmp_path: Path, seed: int, ahead: bool
) -> None:
    module = package(spec(ahead=ahead))
    refused: Counter[str] = Counter()
    with failing(seed, DATA.route) as server:
        client = make_client(module, server, tmp_path, refused)
        found = {
            name: Counter(each.id for each in getattr(client, name)())
            for name in FAMILIES
        }
        parents = [each.id for each in client.parents()]
        found["parents"] = Counter(parents)
        found["children"] = Counter(
            (parent, each.id)
            for parent in parents
            for page in client.children_pages(parent)
            for each in page
        )
    check_faults(server)
    for name in RESOURCES:
        assert found[name] == expected(name), name
        counts = client.counts[name]
        assert counts.received == DATA.amount(name), name
        assert counts.yielded == found[name].total(), name
        assert counts.rejected == refused[name] == rejected(name), name
        assert counts.deduplicated == 0, name
        left = counts.yielded + counts.rejected + counts.filtered + counts.deduplicated
        assert counts.received == left, name


def make_client(
    module: ModuleType, server: Faulty, folder: Path, refused: Counter[str]
) -> Any:
    first, keep = module.token_file(folder / "refresh_token", "first")
    return part(module, "Client")(
        part(module, "Credentials")(**{**CREDENTIALS, "refresh_token": first}),
        base_url=server.url,
        on_rotated=keep,
        on_rejected=lambda each: refused.update([each.resource]),
    )


@AHEAD
@pytest.mark.parametrize("seed", [100 + seed for seed in SEEDS][: 4 if WHOLE else 1])
def test_dlt_loads_every_row_once(
    package: Make, folder: Path, seed: int, ahead: bool
) -> None:
    """In threads: all resources at once, with one token."""
    module = package(spec(ahead=ahead))
    first, keep = module.token_file(folder / "refresh_token", "first")
    with failing(seed, DATA.route) as server:
        source = source_of(
            module,
            server.url,
            credentials={**CREDENTIALS, "refresh_token": first},
            on_rotated=keep,
        )
        loaded = run(source, folder)
    check_faults(server)
    for name in RESOURCES:
        rows = table(loaded, name)
        keys = [
            (each["_parents_id"], each["id"]) if name == "children" else each["id"]
            for each in rows
        ]
        assert Counter(keys) == expected(name), name
    refused = Counter(each["resource"] for each in table(loaded, "rejected_records"))
    assert refused == {name: rejected(name) for name in RESOURCES if rejected(name)}


def test_a_token_that_expires_again_while_a_request_is_repeated(
    package: Make, tmp_path: Path
) -> None:
    """A long wait may outlive the token that the same request has brought."""
    module = package(spec())
    answers = [401, 503, 401, 200]
    tokens = Tokens()
    with serving() as api:
        api.routes["/token"] = tokens
        api.routes["/numbers"] = lambda call: Answer(
            {"data": [] if call.query["page"] == "2" else [row(0)]},
            answers.pop(0) if answers else 200,
        )
        first, keep = module.token_file(tmp_path / "refresh_token", "first")
        client = part(module, "Client")(
            part(module, "Credentials")(**{**CREDENTIALS, "refresh_token": first}),
            base_url=api.url,
            on_rotated=keep,
        )
        assert [each.id for each in client.numbers()] == [0]
    assert tokens.issued == 3
