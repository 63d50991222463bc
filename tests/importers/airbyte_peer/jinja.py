"""Templates of a manifest by plain Jinja: what neither side's own reading of them decides."""

from __future__ import annotations

import base64
from functools import lru_cache

from jinja2 import ChainableUndefined, Environment, Template, TemplateError

_environment = Environment(undefined=ChainableUndefined)
_environment.filters["base64encode"] = lambda text: base64.b64encode(
    str(text).encode()
).decode()
_environment.filters["string"] = str


@lru_cache(5000)
def _template(text: str) -> Template:
    return _environment.from_string(text)


def rendered(text: str, **names: object) -> str | None:
    """What Jinja itself makes of a text; None where it cannot."""
    try:
        return _template(text).render(**names)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError):
        return None
