"""The way of rejected records to the resource that loads them."""

from __future__ import annotations

import json
import threading

from _runtime.reading import Rejected
from _runtime.rejects import RejectedQueue


def rejected(number: int) -> Rejected:
    return Rejected("tickets", {"id": f"x{number}", "ü": [1]}, "id: bad", "GET /", 3)


def test_rows() -> None:
    queue = RejectedQueue()
    queue.put(rejected(1))
    (batch,) = queue.rows(lambda: False)
    assert batch is not None
    (row,) = batch
    assert json.loads(str(row.pop("record"))) == {"id": "x1", "ü": [1]}
    assert row == {
        "resource": "tickets",
        "errors": "id: bad",
        "request": "GET /",
        "page": 3,
    }


def test_none_while_waiting_then_the_end() -> None:
    queue = RejectedQueue()
    queue.started("tickets")
    rows = queue.rows(lambda: bool(queue.running))
    assert next(rows) is None
    queue.put(rejected(1))
    assert len(next(rows) or []) == 1
    assert next(rows) is None
    queue.put(rejected(2))
    queue.finished("tickets")
    assert queue.ended == {"tickets"}
    assert len(next(rows) or []) == 1
    assert list(rows) == []


def test_a_record_put_just_before_the_end_is_not_lost() -> None:
    queue = RejectedQueue()

    def waiting() -> bool:
        if not queue.ended:
            queue.put(rejected(1))
            queue.finished("tickets")
        return False

    assert [len(batch or []) for batch in queue.rows(waiting)] == [1]


def test_a_resource_can_run_again() -> None:
    queue = RejectedQueue()
    queue.finished("tickets")
    queue.started("tickets")
    assert (queue.running, queue.ended) == ({"tickets"}, set())


def test_batches_are_bounded_and_threads_are_safe() -> None:
    queue = RejectedQueue()
    names = [f"r{n}" for n in range(8)]
    for name in names:
        queue.started(name)

    def produce(name: str) -> None:
        for number in range(500):
            queue.put(rejected(number))
        queue.finished(name)

    threads = [threading.Thread(target=produce, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    batches = [batch or [] for batch in queue.rows(lambda: bool(queue.running))]
    assert sum(map(len, batches)) == 4000
    assert max(map(len, batches)) <= 1000
