"""Refuses `dlt.secrets[…]` and `dlt.config[…]` where the language has plain text: it would be sent."""

from __future__ import annotations

import re

from generator.document import Pointer
from generator.lowering.context import Context
from generator.plain import is_list, is_mapping

_REFERENCE = re.compile(r"\bdlt\.(secrets|config)\b|\{\{\s*(secrets|config)\b")
_FREE = frozenset({"definitions", "description", "docs", "schema", "silence"})
"""Keys whose texts only people read, or whose text is the API's data."""
_TEMPLATES = frozenset("""
    access_token access_token_request_data access_token_url add api_key auth_endpoint
    base_url body claims client_id client_secret cursor_value data end_datetime
    end_value environments filter form headers initial_value json json_body lookback
    lookback_window params password
    path private_key private_key_passphrase processing_steps record_filter refresh_token request_body_json
    request_headers request_parameters
    secret_key start_datetime step stop_condition token token_headers token_url url username window
    """.split())
"""Keys whose texts may hold references; what is wrong with those is reported where they are read."""
_LISTS = frozenset({"for_each", "values"})
"""Keys of values that are a list of plain text, or one reference."""


def check_references(context: Context) -> None:
    """Reports every reference in a place of plain text, such as a parameter's name."""
    _check(context, context.document.data, ())


def _check(context: Context, value: object, pointer: Pointer) -> None:
    if is_mapping(value):
        for key, inner in value.items():
            if key in _LISTS:
                _check_lists(context, inner, (*pointer, key))
            elif key not in _FREE and key not in _TEMPLATES:
                _check(context, inner, (*pointer, key))
    elif is_list(value):
        for index, inner in enumerate(value):
            _check(context, inner, (*pointer, index))
    elif isinstance(value, str) and _REFERENCE.search(value):
        key = next(step for step in reversed(pointer) if isinstance(step, str))
        context.error(
            pointer,
            "reference",
            f"`{key}` is plain text: it can hold no secret and no config value",
            "write the text itself",
        )


def _check_lists(context: Context, value: object, pointer: Pointer) -> None:
    if is_mapping(value):
        for name, inner in value.items():
            _check_lists(context, inner, (*pointer, name))
    elif is_list(value):
        _check(context, value, pointer)
