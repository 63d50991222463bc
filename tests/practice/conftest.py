"""Practice APIs that stop with the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from generator.practice import Options, PracticeServer
from generator.spec import Spec

from .api import Api, Start


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts practice APIs from plain specs; they stop with the test."""
    with ExitStack() as stack:

        def begin(
            raw: dict[str, Any],
            *,
            files: Mapping[str, Any] | None = None,
            **options: Any,
        ) -> Api:
            spec = Spec.model_validate(raw)
            server = PracticeServer(spec, raw, Options(**options), files=files)
            return Api(stack.enter_context(server))

        yield begin
