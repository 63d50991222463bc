"""The JSON Schema of the language, for editors that complete and check while one types."""

from __future__ import annotations

from typing import Any

from generator.spec.document import Spec


def language_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a spec file; every spelling of a key is in it."""
    schema = Spec.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gen-connector spec",
        **schema,
    }
