"""How long a connector waits: backoff, Retry-After, reset headers, budgets of requests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import pytest

from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call

SPEC = """
connector: waits
silence: [no-auth, no-schema]
client: {{ base_url: https://api.example.com, error_handler: {{ max_retries: 4, {handler} }} }}
resource_defaults: {{ primary_key: id, endpoint: {{ data_selector: data, paginator: single_page }} }}
resources:
  - things
  - {{ name: quick, endpoint: {{ path: things, error_handler: {{ backoff: {{ type: constant, seconds: 0.5 }} }} }} }}
"""

GOOD = {"data": [{"id": 1}]}


def waits(made: Any) -> list[float]:
    """The seconds that the client asks to sleep, which it then does not."""
    found: list[float] = []
    made._reader._http.sleep = found.append
    return found


def failing(api: Api, times: int, answer: Answer) -> None:
    api.routes["/things"] = lambda call: answer if len(api.calls) <= times else GOOD


def waited(
    client: Client, api: Api, handler: str, answer: Answer, times: int = 1
) -> list[float]:
    """The waits of a read that fails some times."""
    made = client(SPEC.format(handler=handler))
    found = waits(made)
    failing(api, times, answer)
    assert len(list(made.things())) == 1
    return found


def test_exponential_with_jitter(client: Client, api: Api) -> None:
    found = waited(client, api, "backoff: { seconds: 2, max: 9 }", Answer({}, 500), 4)
    for seconds, low in zip(found, (2, 4, 8, 9), strict=True):
        assert low <= seconds <= min(9, low * 1.25)
    assert len({round(seconds / 2**n, 6) for n, seconds in enumerate(found[:3])}) == 3


def test_constant(client: Client, api: Api) -> None:
    handler = "backoff: { type: constant, seconds: 5 }"
    assert waited(client, api, handler, Answer({}, 500), 4) == [5, 5, 5, 5]


def test_backoff_of_an_endpoint(client: Client, api: Api) -> None:
    """The nearest handler says how long; the client's number of tries holds."""
    made = client(SPEC.format(handler="backoff_factor: 7"))
    found = waits(made)
    failing(api, 99, Answer({}, 500))
    with pytest.raises(Exception, match="after 4 retries"):
        list(made.quick())
    assert found == [0.5] * 4


HEADERS: list[tuple[str, dict[str, str | Callable[[], str]], float, float]] = [
    ("", {"Retry-After": "7"}, 7, 7),
    ("", {"Retry-After": lambda: formatdate(time.time() + 280, usegmt=True)}, 30, 280),
    ("wait_header: X-Wait", {"X-Wait": "12"}, 12, 12),
    ("wait_header: X-Wait", {"x-wait": "1.5"}, 1.5, 1.5),
    ("wait_header: X-Wait", {"Retry-After": "7"}, 7, 7),
    ("wait_header: X-Wait", {"X-Wait": "99999"}, 300, 300),
    ("wait_header: { name: X-Wait, max: 20 }", {"X-Wait": "30"}, 20, 20),
    ("wait_header: X-Wait", {"X-Wait": "soon"}, 1, 1.25),
    ("wait_header: X-Wait", {"X-Wait": "nan"}, 1, 1.25),
    ("wait_header: X-Wait", {"X-Wait": "-3"}, 1, 1.25),
    ("wait_header: X-Wait", {}, 1, 1.25),
    (
        "wait_header: { name: X-Reset, format: epoch }",
        {"X-Reset": lambda: str(int(time.time()) + 280)},
        30,
        281,
    ),
    ("wait_header: { name: X-Reset, format: epoch }", {"X-Reset": "1"}, 1, 1.25),
    (
        "wait_header: { name: X-Reset, format: epoch }",
        {"X-Reset": "9" * 400},
        300,
        300,
    ),
    (
        "wait_header: { name: X-Reset, format: epoch_ms }",
        {"X-Reset": lambda: str(int(time.time() * 1000) + 280_000)},
        30,
        281,
    ),
    (
        "wait_header: { name: X-Reset, format: date }",
        {"X-Reset": "2200-01-01T00:00:00Z"},
        300,
        300,
    ),
    (
        "wait_header: { name: X-Reset, format: date }",
        {"X-Reset": lambda: formatdate(time.time() + 280, usegmt=True)},
        30,
        281,
    ),
    ("wait_header: { name: X-Reset, format: date }", {"X-Reset": "later"}, 1, 1.25),
    (
        "wait_header: { name: RateLimit, regex: 'r=[0-9]+;t=([0-9]+)' }",
        {"RateLimit": "limit=5;r=0;t=33"},
        33,
        33,
    ),
    ("wait_header: { name: A, regex: '[0-9]+' }", {"A": "in 8 s"}, 8, 8),
    ("wait_header: { name: A, regex: 'x[0-9]+' }", {"A": "in 8 s"}, 1, 1.25),
]


@pytest.mark.parametrize(("handler", "headers", "low", "high"), HEADERS)
def test_headers(
    client: Client,
    api: Api,
    handler: str,
    headers: dict[str, str | Callable[[], str]],
    low: float,
    high: float,
) -> None:
    """A13."""
    said = {
        name: each if isinstance(each, str) else each()
        for name, each in headers.items()
    }
    answer = Answer({}, 429, said)
    (seconds,) = waited(client, api, handler or "error_message: x", answer)
    assert low <= seconds <= high


def test_a_fault_does_not_wait_for_a_header_that_every_answer_has(
    client: Client, api: Api
) -> None:
    answer = Answer({}, 500, {"X-Wait": "200"})
    (seconds,) = waited(client, api, "wait_header: X-Wait", answer)
    assert 1 <= seconds <= 1.25


# Budgets

LIMITS = """
connector: limits
silence: [no-auth, no-schema]
client:
  base_url: https://api.example.com
  error_handler: {{ backoff_factor: 0, max_retries: 10 }}
  {client}
resource_defaults: {{ primary_key: id, endpoint: {{ data_selector: data, paginator: single_page }} }}
resources:
  - {{ name: things, endpoint: {{ path: things {own} }} }}
  - {{ name: others, endpoint: {{ path: things }} }}
"""


class Counting:
    """A route that notes when its calls come and how many there are at once."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.times: list[float] = []
        self.running = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, call: Call) -> Any:
        with self.lock:
            self.times.append(time.monotonic())
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
        return GOOD

    def busiest(self, seconds: float) -> int:
        """The most calls in any such time."""
        times = sorted(self.times)
        return max(sum(a <= b < a + seconds for b in times) for a in times)


def both(made: Any, times: int, threads: int = 8) -> None:
    """Reads the two resources from many threads."""
    reads = [made.things, made.others] * times
    with ThreadPoolExecutor(threads) as pool:
        for records in pool.map(lambda read: list(read()), reads):
            assert len(records) == 1


def test_requests_per_time(client: Client, api: Api) -> None:
    route = api.routes["/things"] = Counting()
    made = client(LIMITS.format(client="rate_limit: { requests: 5, per: 0.5 }", own=""))
    both(made, 8)
    assert len(route.times) == 16
    assert route.busiest(0.5) <= 5
    assert route.times[-1] - route.times[0] >= 1.5


def test_concurrent_requests(client: Client, api: Api) -> None:
    route = api.routes["/things"] = Counting(0.03)
    made = client(LIMITS.format(client="rate_limit: { concurrent: 3 }", own=""))
    both(made, 8)
    assert route.most == 3


def test_a_budget_of_one_resource(client: Client, api: Api) -> None:
    route = api.routes["/things"] = Counting(0.03)
    text = LIMITS.format(client="", own=", rate_limit: { concurrent: 1 }")
    made = client(text)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: list(made.things()), range(6)))
    assert route.most == 1
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: list(made.others()), range(8)))
    assert route.most > 1


def test_retries_count(client: Client, api: Api) -> None:
    route = Counting()

    def busy(call: Call) -> Any:
        good = route(call)
        return good if len(route.times) > 6 else Answer({}, 503)

    api.routes["/things"] = busy
    made = client(LIMITS.format(client="rate_limit: { requests: 2, per: 0.3 }", own=""))
    assert len(list(made.things())) == 1
    assert len(route.times) == 7
    assert route.busiest(0.3) <= 2


def test_a_request_that_fails_gives_its_place_back(client: Client, api: Api) -> None:
    api.routes["/things"] = lambda call: Answer({}, 404)
    made = client(LIMITS.format(client="rate_limit: { concurrent: 1 }", own=""))
    for _ in range(3):
        with pytest.raises(Exception, match="status 404"):
            list(made.things())


def test_no_budget_no_file(client: Client, package: Any) -> None:
    from pathlib import Path

    module = package(SPEC.format(handler="backoff_factor: 1"))
    names = {path.stem for path in Path(module.__path__[0], "_runtime").glob("*.py")}
    assert not names & {"limits", "rules", "waits"}
    assert "retrying" in names
