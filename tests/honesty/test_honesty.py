"""Random APIs read with random specs: every row once, or an error that says what happened."""

from __future__ import annotations

import logging
from types import ModuleType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .behaviours import Behaviour, behaviours
from .judge import judge
from .server import Stage
from .specs import Spec, specs_for

LONG = settings.get_current_profile_name() == "long"
"""`make honesty`."""
CASES = 10_000 if LONG else 300

PAIRS = behaviours().flatmap(lambda each: st.tuples(st.just(each), specs_for(each)))


def test_nothing_is_lost_in_silence(connector: ModuleType, playing: Stage) -> None:
    logging.getLogger(connector.__name__).setLevel(logging.ERROR)

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
    )
    @given(PAIRS)
    def check(pair: tuple[Behaviour, Spec]) -> None:
        behaviour, spec = pair
        assert judge(connector, playing, behaviour, spec) == [], f"{behaviour}, {spec}"

    check()
