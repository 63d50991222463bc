"""Query parameters and fields of bodies that are no paging: fixed ones, secrets, open ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.importers.draft import Section
from generator.importers.openapi_question import Paging
from generator.importers.openapi_slots import leaf_name
from generator.importers.openapi_words import (
    BACKWARD,
    LAST_RECORD,
    OFFSETS,
    PAGES,
    TOKENS,
    is_size,
)
from generator.importers.samples.auth import is_secret, secret
from generator.importers.samples.endpoints import Listing
from generator.importers.samples.shape import formats_of
from generator.naming import snake
from generator.plain import is_list, is_mapping

_PLAIN = re.compile(r"(?!.*[{}])(?!dlt\.)[\x20-\x7e]{0,200}")
"""Text that is nothing but itself in a spec."""


def put_params(
    endpoint: Section, listing: Listing, paging: Paging, keys: Iterable[str]
) -> None:
    """Writes the query parameters of a list that are not for paging.

    `keys` are those that the auth of the client sends.
    """
    taken = {v for v in paging.paginator.values() if isinstance(v, str)} | {*keys}
    params = Section(dict(paging.fixed))
    exchanges = listing.exchanges
    names = dict.fromkeys(name for each in exchanges for name, _ in each.query)
    for name in names:
        leaf = leaf_name(name)
        if name in taken or leaf in OFFSETS | PAGES | TOKENS | LAST_RECORD | BACKWARD:
            continue
        values = [dict(each.query).get(name) for each in exchanges]
        everywhere = None not in values
        value = values[0] or ""
        if is_size(leaf) and "limit" in paging.paginator:
            continue
        if not everywhere and _is_linked(paging):
            continue  # The next URL has it.
        if len(set(values)) > 1:
            params.todo(name, f"`{name}` was sent with different values: left out")
        elif is_secret(name, value):
            params.put(name, secret(name), "looks like a credential")
        elif formats_of(value) & {"date", "date-time", "local-date-time"}:
            todo = (
                f"`{name}` was sent with a time: left out; it may serve `incremental`"
            )
            params.todo(name, todo)
        elif not _PLAIN.fullmatch(value) or not snake(name):
            params.todo(name, f"`{name}` was sent with a value that is left out")
        else:
            params.put(name, value, f"in {_all(len(exchanges))}")
    if params or params.notes:
        endpoint["params"] = params


def _is_linked(paging: Paging) -> bool:
    """Whether the server hands out whole URLs."""
    paginator = paging.paginator
    if paginator["type"] in ("json_link", "header_link"):
        return True
    return paginator["type"] == "cursor" and not any(
        key.startswith("cursor_") and key != "cursor_path" for key in paginator
    )


def put_body(endpoint: Section, listing: Listing, paging: Paging) -> None:
    """Writes the fields of the body of a POST that every request has alike."""
    bodies = [each.body for each in listing.exchanges if is_mapping(each.body)]
    paths = {str(v) for k, v in paging.paginator.items() if k.endswith("_body_path")}
    body = Section()
    for name in dict.fromkeys(key for each in bodies for key in each):
        if any(path == name or path.startswith(f"{name}.") for path in paths):
            continue
        values = [each.get(name) for each in bodies]
        value = values[0]
        if any(each != value for each in values):
            body.todo(name, f"`{name}` was sent with different values: left out")
        elif is_secret(name):
            body.put(name, secret(name), "looks like a credential")
        elif is_mapping(value) or is_list(value):
            body.todo(
                name, f"`{name}` was sent with more than a single value: left out"
            )
        elif isinstance(value, str) and not _PLAIN.fullmatch(value):
            body.todo(name, f"`{name}` was sent with a value that is left out")
        else:
            body.put(name, value, f"in {_all(len(bodies))}")
    if body or body.notes:
        endpoint["json"] = body


def _all(count: int) -> str:
    return "the only request" if count == 1 else f"all {count} requests"
