"""Requests that are sent before their turn change nothing but the time that a read takes."""

from __future__ import annotations

import logging
from dataclasses import asdict
from types import ModuleType
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .behaviours import Behaviour
from .judge import Result, read
from .replay import Beyond, Recorded, Replayed
from .server import Stage
from .specs import RETRIES, Spec
from .test_honesty import LONG, PAIRS

CASES = 5_000 if LONG else 200
AT_ONCE = 4

logging.getLogger("urllib3").setLevel(logging.ERROR)


def test_the_outcome_is_that_of_one_after_the_other(
    connector: ModuleType, ahead: ModuleType, playing: Stage
) -> None:
    for each in (connector, ahead):
        logging.getLogger(each.__name__).setLevel(logging.ERROR)

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
    )
    @given(PAIRS, st.sampled_from(get_args(Beyond)))
    def check(pair: tuple[Behaviour, Spec], beyond: Beyond) -> None:
        behaviour, spec = pair
        before = Recorded(behaviour)
        url, _ = playing.play(behaviour)
        playing.put(before)
        expected = read(connector, spec, url)
        after = Replayed(before, beyond)
        playing.put(after)
        found = read(ahead, spec, url)
        case = f"{behaviour}, {spec}, {beyond}"
        assert _outcome(found) == _outcome(expected), case
        allowed = (before.requests + 2 * AT_ONCE) * (RETRIES + 1)
        assert after.requests <= allowed, case

    check()


def _outcome(result: Result) -> list[Any]:
    error = result.error
    counts = asdict(result.counts) if result.counts is not None else None
    return [result.ids, type(error).__name__, str(error), counts]
