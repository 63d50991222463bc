"""How much the hostile tests try: a sample in the suite, far more with the profile `long`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

LONG = settings.get_current_profile_name() == "long"
"""`make fuzz`."""

COMPILING = settings(
    max_examples=2_000 if LONG else 40,
    deadline=None,
    derandomize=not LONG,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
"""For properties of whole runs of the compiler."""
