"""Several reads at once, such as those of the records of many parents."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

from .stopping import Stop, Threads

T = TypeVar("T")


def interleaved(reads: Iterable[Iterator[T]], most: int) -> Generator[T]:
    """What the reads give, as it comes; `most` of them run at a time, each in order.

    The error that is raised is that of the first read that fails, once those before it
    have ended; no other read is begun then.
    """
    waiting = iter(reads)
    running: dict[Future[T | None], tuple[int, Generator[T]]] = {}
    begun = 0
    failed: tuple[int, Exception] | None = None
    stop = Stop()
    threads = Threads(most)
    try:
        while True:
            while failed is None and len(running) < most:
                try:
                    read = _generator(next(waiting))
                except StopIteration:
                    break
                except Exception as error:
                    failed = begun, error
                    break
                running[threads.run(stop, next, read, None)] = begun, read
                begun += 1
            if failed and not any(number < failed[0] for number, _ in running.values()):
                raise failed[1]
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, read = running.pop(future)
                try:
                    found = future.result()
                except Exception as error:
                    if failed is None or number < failed[0]:
                        failed = number, error
                    continue
                if found is not None:
                    running[threads.run(stop, next, read, None)] = number, read
                    yield found
    finally:
        stop()
        threads.close()
        for _, read in running.values():
            read.close()


def _generator(read: Iterator[T]) -> Generator[T]:
    """The read as something that can be closed."""
    yield from read
