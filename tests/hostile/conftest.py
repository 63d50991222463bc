"""How much the hostile tests try: a sample in the suite, far more with HYPOTHESIS_PROFILE=long."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"

_CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]

# One example is a whole run of the compiler, and machines are busy.
settings.register_profile(
    "short", max_examples=40, deadline=None, derandomize=True, suppress_health_check=_CHECKS
)
settings.register_profile(
    "long", max_examples=3_000, deadline=None, suppress_health_check=_CHECKS
)
settings.load_profile("long" if LONG else "short")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "hostile: specs that try to break out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "hostile" in item.path.parts:
            item.add_marker(pytest.mark.hostile)
