"""Settings of the whole suite: how long property tests search."""

from __future__ import annotations

from hypothesis import settings

# `make fuzz`; else hypothesis decides, and repeats itself exactly where CI is set.
settings.register_profile("long", max_examples=20_000, deadline=None)
