"""Pages, parents and resources at the same time: faster, and otherwise as one by one."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scripted import Answer, Api, Call
from tests.support import run, source_of, table

from .conftest import Client, Make

SPEC = """
connector: things
silence: [no-auth, no-schema, limit-not-sent]
client:
  base_url: https://api.example.com
  {limit}
  error_handler: {{ backoff_factor: 0, max_retries: 3 }}
resource_defaults: {{ primary_key: id, endpoint: {{ data_selector: data }} }}
resources:
  - name: rows
    endpoint:
      path: rows
      {own}
      paginator: {paginator}
"""
OFFSETS = "{ type: offset, limit: 10, total_path: total }"
NO_TOTAL = "{ type: offset, limit: 10, total_path: null }"
CURSOR = "{ type: cursor, cursor_path: next, cursor_param: cursor }"
TEN = "rate_limit: { concurrent: 10 }"


def spec(paginator: str = OFFSETS, limit: str = TEN, own: str = "") -> str:
    return SPEC.format(limit=limit, own=own, paginator=paginator)


class Rows:
    """A route over rows 0 to `total`, that counts the calls at the same time."""

    def __init__(self, total: int, cap: int = 10, seconds: float = 0.0) -> None:
        self.total = total
        self.cap = cap
        self.seconds = seconds
        self.running = self.most = 0
        self.offsets: list[int] = []
        self.lock = threading.Lock()

    def __call__(self, call: Call) -> Any:
        start = int(call.query.get("offset") or call.query.get("cursor") or 0)
        with self.lock:
            self.offsets.append(start)
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
        return self.page(start)

    def page(self, start: int) -> Any:
        end = min(start + self.cap, self.total)
        body = {"data": [{"id": n} for n in range(start, end)], "total": self.total}
        return body if end == self.total else {**body, "next": end}


def ids(made: Any) -> list[int]:
    return [record.id for record in made.rows()]


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return true()


def threads() -> set[threading.Thread]:
    """Those of reads; the server has its own."""
    return {each for each in threading.enumerate() if "gen-connector" in each.name}


# Pages


def test_pages_come_at_once_and_in_order(client: Client, api: Api) -> None:
    """D61: with a total no request is sent for nothing, and ten are under way."""
    route = Rows(400)
    ten = threading.Event()

    def held(call: Call) -> Any:
        with route.lock:
            route.running += 1
            if route.running == 10:
                ten.set()
            assert route.running <= 10
        if int(call.query["offset"]) > 0:  # the first page told the total
            assert ten.wait(30)
        with route.lock:
            route.running -= 1
        return route.page(int(call.query["offset"]))

    api.routes["/rows"] = held
    made = client(spec())
    assert ids(made) == list(range(400))
    offsets = sorted(int(call.query["offset"]) for call in api.calls)
    assert offsets == list(range(0, 400, 10))
    assert made.counts["rows"].pages == 40
    assert not threads()


def test_without_the_key_nothing_is_there(
    client: Client, package: Make, api: Api
) -> None:
    route = api.routes["/rows"] = Rows(100, seconds=0.01)
    for limit in (
        "",
        "rate_limit: { requests: 1000 }",
        "rate_limit: { concurrent: 1 }",
    ):
        assert ids(client(spec(limit=limit))) == list(range(100))
        assert route.most == 1
        folder = Path(package(spec(limit=limit)).__path__[0])
        assert not [*folder.glob("_runtime/ahead.py"), *folder.glob("*/stopping.py")]
        assert "Counted" not in (folder / "paginators.py").read_text()


def test_one_resource_may_be_read_in_turn(client: Client, api: Api) -> None:
    route = api.routes["/rows"] = Rows(100, seconds=0.01)
    made = client(spec(own="rate_limit: { concurrent: 1 }"))
    pages = made.rows_pages()
    next(pages)
    time.sleep(0.05)
    assert route.offsets == [0]
    assert sum(map(len, pages)) == 90
    assert route.most == 1


def test_one_resource_may_send_several(client: Client, api: Api) -> None:
    route = api.routes["/rows"] = Rows(200, seconds=0.02)
    made = client(spec(limit="", own="rate_limit: { concurrent: 3 }"))
    assert ids(made) == list(range(200))
    assert route.most == 3


def test_without_a_total_little_is_sent_for_nothing(client: Client, api: Api) -> None:
    route = api.routes["/rows"] = Rows(200, seconds=0.01)
    assert ids(client(spec(NO_TOTAL))) == list(range(200))
    assert route.most > 3
    assert len(route.offsets) <= 21 + 10
    for rows, most in ((0, 1), (5, 3), (10, 3)):
        route = api.routes["/rows"] = Rows(rows)
        assert ids(client(spec(NO_TOTAL))) == list(range(rows))
        assert len(route.offsets) <= most


def test_pages_smaller_than_asked_for(client: Client, api: Api) -> None:
    """The server's own page size is learnt from the first page."""
    route = api.routes["/rows"] = Rows(100, cap=4)
    assert ids(client(spec())) == list(range(100))
    assert sorted(route.offsets) == list(range(0, 100, 4))


def test_pages_of_any_size(client: Client, api: Api) -> None:
    """What was asked for at a wrong offset is thrown away; that slows nothing down much."""

    class Uneven(Rows):
        def page(self, start: int) -> Any:
            self.cap = 1 + start * 7 % 10
            return super().page(start)

    api.routes["/rows"] = route = Uneven(200)
    made = client(spec())
    assert ids(made) == list(range(200))
    assert len(route.offsets) <= 2 * made.counts["rows"].pages + 10
    assert made.counts["rows"].received == 200


def test_a_total_that_grows(client: Client, api: Api) -> None:
    """Answers of later pages may be older than those of earlier ones: not a fall."""
    rows = Rows(60)

    def growing(call: Call) -> Any:
        answer = rows(call)
        with rows.lock:
            rows.total = min(300, rows.total + 1)
        time.sleep(0.02 if answer["data"] and answer["data"][0]["id"] % 20 else 0)
        return answer

    api.routes["/rows"] = growing
    found = ids(client(spec()))
    assert found == list(range(len(found)))
    assert len(found) > 60


def test_rows_inserted_before_what_is_read(client: Client, api: Api) -> None:
    """Page 3 is answered after the insertion and page 4 before it: 4 is asked for again."""
    inserted = threading.Event()
    asked: list[int] = []

    def shifting(call: Call) -> Any:
        start = int(call.query["offset"])
        asked.append(start)
        if start == 20:
            inserted.wait(30)
        ids = list(range(100))
        if inserted.is_set():
            ids.insert(0, 1000)
        if start == 30:
            inserted.set()
        return {"data": [{"id": n} for n in ids[start : start + 10]], "total": len(ids)}

    api.routes["/rows"] = shifting
    assert ids(client(spec())) == list(range(100))
    assert asked.count(30) == 2


def test_no_more_pages_than_are_allowed(client: Client, api: Api) -> None:
    route = api.routes["/rows"] = Rows(400)
    made = client(spec().replace("limit: 10,", "limit: 10, max_pages: 7,"))
    with pytest.raises(Exception, match="page 8.*max_pages=7"):
        ids(made)
    assert len(route.offsets) == 7
    assert made.counts["rows"].yielded == 70


def test_an_error_waits_for_its_turn(client: Client, api: Api) -> None:
    """Every page before it is given, though others behind it came long before."""
    rows = Rows(400)

    def failing(call: Call) -> Any:
        answer = rows(call)
        if call.query["offset"] == "150":
            time.sleep(0.1)
            return Answer({}, 404)
        return answer

    api.routes["/rows"] = failing
    made = client(spec())
    found: list[int] = []
    with pytest.raises(Exception, match=r"rows, page 16, .*offset=150.*status 404"):
        found.extend(record.id for page in made.rows_pages() for record in page)
    assert rows.offsets.count(150) == 1
    assert found == list(range(150))
    assert made.counts["rows"].yielded == 150
    assert not threads()


def test_retries_are_those_of_one_after_the_other(client: Client, api: Api) -> None:
    rows = Rows(400)
    seen: list[str] = []

    def failing(call: Call) -> Any:
        offset = call.query["offset"]
        seen.append(offset)
        bad = int(offset) % 70 == 0 and seen.count(offset) <= 3
        return Answer({}, 503) if bad else rows(call)

    api.routes["/rows"] = failing
    assert ids(client(spec())) == list(range(400))
    assert len(seen) == 40 + 3 * 6


def test_only_so_many_pages_wait_for_a_slow_reader(client: Client, api: Api) -> None:
    route = api.routes["/rows"] = Rows(400)
    pages = client(spec()).rows_pages()
    for taken in range(1, 9):
        next(pages)
    assert eventually(lambda: len(route.offsets) == taken + 10)
    time.sleep(0.1)
    assert len(route.offsets) == taken + 10


def test_the_next_page_of_a_cursor_comes_while_one_is_worked_on(
    client: Client, api: Api
) -> None:
    route = api.routes["/rows"] = Rows(50)
    pages = client(spec(CURSOR)).rows_pages()
    for taken in range(1, 4):
        next(pages)
        assert eventually(lambda: len(route.offsets) == taken + 1)  # noqa: B023
        time.sleep(0.03)
        assert len(route.offsets) == taken + 1
    assert sum(map(len, pages)) == 20
    assert route.offsets == [0, 10, 20, 30, 40]


def test_the_budget_holds(client: Client, api: Api) -> None:
    times: list[float] = []
    rows = Rows(150)

    def noting(call: Call) -> Any:
        times.append(time.monotonic())
        return rows(call)

    api.routes["/rows"] = noting
    limit = "rate_limit: { requests: 5, per: 0.4, concurrent: 10 }"
    assert ids(client(spec(limit=limit))) == list(range(150))
    times.sort()
    assert all(later - first >= 0.4 for first, later in zip(times, times[5:]))


# The end of a read


@pytest.mark.parametrize("left", ["closed", "forgotten", "failed"])
def test_no_thread_outlives_its_read(client: Client, api: Api, left: str) -> None:
    """Not even one that should wait a minute before it tries again."""
    rows = Rows(400)

    def busy(call: Call) -> Any:
        late = int(call.query["offset"]) > 50
        return Answer({}, 429, {"Retry-After": "60"}) if late else rows(call)

    api.routes["/rows"] = busy
    records = client(spec()).rows()
    for _ in range(40):
        next(records)
    assert threads()
    start = time.monotonic()
    if left == "closed":
        records.close()
    elif left == "failed":
        with pytest.raises(KeyError):
            records.throw(KeyError("the caller's own"))
    del records
    gc.collect()
    assert eventually(lambda: not threads())
    assert time.monotonic() - start < 30


def test_the_end_does_not_wait_for_the_budget(client: Client, api: Api) -> None:
    """What was to be sent for nothing is given up while it waits."""
    api.routes["/rows"] = Rows(38)
    limit = "rate_limit: { requests: 6, per: 30, concurrent: 10 }"
    ended = ", stop_condition: \"'next' not in response\" }"
    made = client(spec(NO_TOTAL.replace(" }", ended), limit=limit))
    start = time.monotonic()
    assert ids(made) == list(range(38))
    assert time.monotonic() - start < 25
    assert not threads()


# Parents and resources

FAMILY = """
connector: things
silence: [no-auth, no-schema, limit-not-sent]
client:
  base_url: https://api.example.com
  {limit}
  {auth}
  error_handler: {{ backoff_factor: 0, max_retries: 3 }}
resource_defaults:
  primary_key: id
  write_disposition: replace
  endpoint: {{ data_selector: data, paginator: single_page }}
resources:
  - name: parents
    endpoint: {{ path: parents }}
  - name: kids
    include_from_parent: [id]
    schema: {{ type: object, required: [id], properties: {{ id: {{ type: integer }} }} }}
    endpoint:
      path: "parents/{{resources.parents.id}}/kids"
      paginator: {offsets}
  - name: zones
    for_each: {{ zone: [a, b, c, d, e, f] }}
    endpoint: {{ path: "zones/{{zone}}" }}
  - name: other
    endpoint: {{ path: other }}
  - name: another
    endpoint: {{ path: another }}
"""
AUTH = "auth: { type: oauth2, token_url: /token }"
KEYS = {"client_id": "c", "client_secret": "s"}


def family(limit: str = TEN, auth: str = "") -> str:
    offsets = "{ type: offset, limit: 10, total_path: total }"
    return FAMILY.format(limit=limit, auth=auth, offsets=offsets)


class Family:
    """Twelve parents with up to 25 children each; counts the calls at the same time."""

    def __init__(self, api: Api, seconds: float = 0.02) -> None:
        self.seconds = seconds
        self.running = self.most = 0
        self.lock = threading.Lock()
        self.routes: dict[str, Callable[[Call], Any]] = {
            "/parents": lambda call: {"data": [{"id": n} for n in range(12)]},
            "/other": lambda call: {"data": [{"id": 1}]},
            "/another": lambda call: {"data": [{"id": 2}]},
        }
        for zone in range(6):
            self.routes[f"/zones/{'abcdef'[zone]}"] = _one(zone)
        for parent in range(12):
            self.routes[f"/parents/{parent}/kids"] = _shifted(parent)
        for path in self.routes:
            api.routes[path] = self.slow

    def slow(self, call: Call) -> Any:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
        return self.routes[call.path](call)


def _one(number: int) -> Callable[[Call], Any]:
    return lambda call: {"data": [{"id": number}]}


def _shifted(parent: int) -> Callable[[Call], Any]:
    rows = Rows(parent * 7 % 26)

    def route(call: Call) -> Any:
        body = rows.page(int(call.query["offset"]))
        data = [{"id": each["id"] + parent * 100} for each in body["data"]]
        return {**body, "data": data}

    return route


KIDS = sorted(n + p * 100 for p in range(12) for n in range(p * 7 % 26))


def test_children_of_many_parents(client: Client, api: Api) -> None:
    one = Family(api)
    expected = [record.id for record in client(family(limit="")).kids()]
    assert sorted(expected) == KIDS
    assert one.most == 1
    several = Family(api)
    made = client(family())
    found = [record.id for record in made.kids()]
    assert sorted(found) == KIDS
    for parent in range(12):  # each parent's in order
        its = [each for each in found if each // 100 == parent]
        assert its == sorted(its)
    assert 3 < several.most <= 10
    assert made.counts["kids"].yielded == len(KIDS)
    assert sorted(record.id for record in made.zones()) == [0, 1, 2, 3, 4, 5]
    assert not threads()


def test_the_first_parent_that_fails_is_the_error(client: Client, api: Api) -> None:
    several = Family(api)
    for parent, seconds in ((3, 0.1), (5, 0.0)):
        several.routes[f"/parents/{parent}/kids"] = _failing(seconds)
    made = client(family())
    with pytest.raises(Exception, match="parents/3/kids.*status 404"):
        list(made.kids())
    assert not threads()
    assert sum(call.path.endswith("/kids") for call in api.calls) < 40


def _failing(seconds: float) -> Callable[[Call], Any]:
    def route(call: Call) -> Any:
        time.sleep(seconds)
        return Answer({}, 404)

    return route


def test_parents_that_are_left_in_the_middle(client: Client, api: Api) -> None:
    several = Family(api)
    several.routes["/parents/4/kids"] = lambda call: Answer(
        {}, 429, {"Retry-After": "60"}
    )
    records = client(family()).kids()
    next(records)
    assert threads()
    start = time.monotonic()
    records.close()
    assert not threads()
    assert time.monotonic() - start < 30


def test_a_load_with_everything_at_once(package: Make, api: Api, folder: Path) -> None:
    """D33, D34 and D60: one token, several resources and parents under way, all rows."""
    several = Family(api)
    issued: list[int] = []

    def token(call: Call) -> Any:
        time.sleep(0.05)
        issued.append(len(issued))
        return {"access_token": f"t{len(issued)}", "expires_in": 3600}

    api.routes["/token"] = token
    bad = several.routes["/parents/7/kids"]

    def broken(call: Call) -> Any:
        body = bad(call)
        if call.query["offset"] == "0":
            body["data"][3] = {"id": "none"}
        return body

    several.routes["/parents/7/kids"] = broken
    made = package(family(auth=AUTH))
    pipeline = run(source_of(made, api.url, credentials=KEYS), folder)
    kids = [row["id"] for row in table(pipeline, "kids", "id")]
    assert kids == [each for each in KIDS if each != 703]
    included = {row["id"]: row["_parents_id"] for row in table(pipeline, "kids")}
    assert all(parent == each // 100 for each, parent in included.items())
    assert [row["resource"] for row in table(pipeline, "rejected_records")] == ["kids"]
    assert [row["id"] for row in table(pipeline, "zones", "id")] == [0, 1, 2, 3, 4, 5]
    assert [row["id"] for row in table(pipeline, "other")] == [1]
    assert len(issued) == 1
    assert 3 < several.most <= 10
    assert not threads()


def test_a_token_that_expires_for_many_at_once(client: Client, api: Api) -> None:
    Family(api)
    tokens: list[str] = []
    asked = 0
    inner = dict(api.routes)

    def token(call: Call) -> Any:
        tokens.append(f"t{len(tokens)}")
        return {"access_token": tokens[-1], "expires_in": 3600}

    def guarded(call: Call) -> Any:
        nonlocal asked
        asked += 1
        valid = "t0" if asked <= 6 else "t1"
        if call.headers["authorization"] != f"Bearer {valid}":
            return Answer({}, 401)
        return inner[call.path](call)

    for path in inner:
        api.routes[path] = guarded
    api.routes["/token"] = token
    made = client(family(auth=AUTH), credentials=KEYS)
    assert sorted(record.id for record in made.kids()) == KIDS
    assert tokens == ["t0", "t1"]


def test_parallelized_can_be_switched_off(package: Make) -> None:
    text = family().replace(
        "  - name: other\n", "  - name: other\n    parallelized: false\n"
    )
    source = Path(package(text).__path__[0], "source.py").read_text()
    assert "for each in (parents_resource, zones, another):" in source
    source = Path(package(family(limit="")).__path__[0], "source.py").read_text()
    assert "parallelize" not in source
