"""The way of rejected records to the resource that loads them."""

from __future__ import annotations

import json
import threading

import pytest
from _runtime.errors import AccountingError, RecordError
from _runtime.rejects import RejectedQueue
from _runtime.sending import Rejected

ALL = ("tickets", "agents", "rejected_records")


def rejected(number: int) -> Rejected:
    return Rejected("tickets", {"id": f"x{number}", "ü": [1]}, "id: bad", "GET /", 3)


def test_rows() -> None:
    queue = RejectedQueue(lambda: ("tickets", "rejected_records"))
    with queue.reading("tickets"):
        queue.put(rejected(1))
    (row,) = [row for batch in queue.rows() for row in batch or []]
    assert json.loads(str(row.pop("record"))) == {"id": "x1", "ü": [1]}
    assert row == {
        "resource": "tickets",
        "errors": "id: bad",
        "request": "GET /",
        "page": 3,
    }


def test_none_while_another_resource_is_read() -> None:
    queue = RejectedQueue(lambda: ("tickets", "rejected_records"))
    with queue.reading("tickets"):
        rows = queue.rows()
        assert [next(rows) for _ in range(50)] == [None] * 50
        queue.put(rejected(1))
        assert len(next(rows) or []) == 1
        assert next(rows) is None
        queue.put(rejected(2))
    assert [len(batch) for batch in rows if batch] == [1]


def test_a_resource_that_starts_late_is_awaited() -> None:
    queue = RejectedQueue(lambda: ALL)
    with queue.reading("tickets"):
        rows = queue.rows()
        next(rows)
    assert [next(rows) for _ in range(100)] == [None] * 100
    with queue.reading("agents"):
        queue.put(rejected(1))
    assert [len(batch) for batch in rows if batch] == [1]


def test_a_resource_that_never_starts_does_not_hang() -> None:
    queue = RejectedQueue(lambda: ALL)
    assert [batch for batch in queue.rows() if batch] == []


def test_a_resource_may_run_again_for_each_page_of_parents() -> None:
    queue = RejectedQueue(lambda: ("tickets", "rejected_records"))
    rows = queue.rows()
    for number in range(5):
        with queue.reading("tickets"):
            queue.put(rejected(number))
        assert len(next(rows) or []) == 1
        assert next(rows) is None


def test_without_the_resource_that_loads_them_a_bad_record_is_an_error() -> None:
    queue = RejectedQueue(lambda: ("tickets",))
    with queue.reading("tickets"), pytest.raises(RecordError, match="rejected_records"):
        queue.put(rejected(1))


def test_after_the_end_a_bad_record_is_an_error() -> None:
    queue = RejectedQueue(lambda: ALL)
    assert [batch for batch in queue.rows() if batch] == []
    with pytest.raises(RecordError):
        queue.put(rejected(1))


def test_batches_are_bounded_and_threads_are_safe() -> None:
    names = [f"r{n}" for n in range(8)]
    queue = RejectedQueue(lambda: (*names, "rejected_records"))

    def produce(name: str) -> None:
        with queue.reading(name):
            for number in range(500):
                queue.put(rejected(number))

    threads = [threading.Thread(target=produce, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    batches = [batch or [] for batch in queue.rows()]
    for thread in threads:
        thread.join()
    assert sum(map(len, batches)) == 4000
    assert max(map(len, batches)) <= 1000


def test_a_read_after_the_end_is_an_error() -> None:
    """Its rejected records, and its counts, would be missing from those of the run."""
    queue = RejectedQueue(lambda: ("tickets", "rejected_records"))
    with queue.reading("tickets"):
        pass
    assert list(queue.rows())
    with pytest.raises(AccountingError, match="tickets: read after"):
        with queue.reading("tickets"):
            pass
    queue.begin("tickets")
    with queue.reading("tickets"):
        queue.put(rejected(1))
