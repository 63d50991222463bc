"""What both runtimes are given: a copy of a manifest for a server on loopback, and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from generator.plain import is_list, is_mapping

PAGE = 2
"""Records a page, where the manifest says a number."""
START = (datetime.now(UTC) - timedelta(days=2)).replace(
    hour=0, minute=0, second=0, microsecond=0
)
"""What is read begins here."""

_URL = re.compile(r"https?://", re.IGNORECASE)
_LOOSE = re.compile(r"^(https?:|\s*['\"]https?:)", re.IGNORECASE)
_DATES = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S.%fZ",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S+00:00",
    "%m/%d/%Y",
    "%Y%m%d",
    "%s",
)
_KEPT = frozenset(
    {"connection_specification", "schema", "schemas", "advanced_auth", "$schema"}
)


def copied(value: object, server: str, key: str = "") -> object:
    """The manifest with every URL of a request below the server, and with small pages."""
    if key in _KEPT:
        return value
    if is_mapping(value):
        return {name: copied(each, server, name) for name, each in value.items()}
    if is_list(value):
        return [copied(each, server, key) for each in value]
    if isinstance(value, str):
        return _URL.sub(f"{server}/h/", value)
    if key == "page_size" and isinstance(value, int) and value > PAGE:
        return PAGE
    return value


def settings(specification: object, server: str, texts: str) -> dict[str, object]:
    """A configuration that fits the connection's specification."""
    made = _value("", specification, server, texts)
    return made if is_mapping(made) else {}


def _value(name: str, schema: object, server: str, texts: str) -> object:
    if not is_mapping(schema):
        return "word"
    if "const" in schema:
        return schema["const"]
    made: dict[str, object] = {}
    for word in ("oneOf", "anyOf", "allOf"):
        options = schema.get(word)
        if is_list(options) and options:
            first = _value(name, options[0], server, texts)
            if not is_mapping(first):
                return first
            made.update(first)
    properties = schema.get("properties")
    if is_mapping(properties):
        wanted = schema.get("required")
        required = wanted if is_list(wanted) else []
        for key, inner in properties.items():
            is_left_out = _is_end(key) and _is_date(key, inner)
            if key not in required:
                is_left_out |= _is_end(key) or _is_choice(key, inner, texts)
            if not is_left_out:
                made.setdefault(key, _value(key, inner, server, texts))
        return made
    if made:
        return made
    enum = schema.get("enum")
    if is_list(enum) and enum:
        default = schema.get("default")
        return default if default in enum else enum[0]
    return _leaf(name, schema, server, texts)


def _is_choice(name: str, schema: object, texts: str) -> bool:
    """Whether a setting is a list by which records are chosen: none of those served would be."""
    if not is_mapping(schema) or schema.get("type") != "array":
        return False
    router = (
        rf"values: ['\">\s|-]*\{{\{{\s*config[^}}]{{0,12}}['\".]{re.escape(name)}\b"
    )
    return not re.search(router, texts)


def _leaf(name: str, schema: dict[str, object], server: str, texts: str) -> object:
    kind = schema.get("type")
    if is_list(kind):
        kind = next((each for each in kind if each != "null"), "string")
    default = schema.get("default")
    match kind:
        case "boolean":
            return default if isinstance(default, bool) else False
        case "integer" | "number":
            least = schema.get("minimum")
            return default if default is not None else least if least else 5
        case "array":
            return [_value("", schema.get("items"), server, texts)]
        case "object":
            return {}
        case _:
            pass
    if _heads_url(name, texts):
        return f"{server}/h/{name}"
    if _is_date(name, schema):
        return _date(schema)
    if isinstance(default, str) and default and not _URL.match(default):
        return default
    return _word(name, schema)


def _heads_url(name: str, texts: str) -> bool:
    """Whether the setting holds the scheme of a URL."""
    pattern = rf"(url_base|url|token_refresh_endpoint): ['\">\s|-]*\{{\{{\s*config[^}}]{{0,12}}['\".]{re.escape(name)}\b"
    return bool(re.search(pattern, texts))


def _is_end(name: str) -> bool:
    return bool(re.search(r"(^|_)(end|until|to|before)(_|$|date)", name.lower()))


def _is_date(name: str, schema: object) -> bool:
    if not is_mapping(schema) or schema.get("type") not in ("string", None, ["string"]):
        return False
    return (
        schema.get("format") in {"date", "date-time"}
        or bool(re.search(r"(^|_)date(_|$)|start_time|from_date", name.lower()))
        and not re.search(r"format", name.lower())
    )


def _date(schema: dict[str, object]) -> str:
    pattern = schema.get("pattern")
    forms = [*_DATES]
    if schema.get("format") == "date":
        forms.insert(0, "%Y-%m-%d")
    for form in forms:
        text = str(int(START.timestamp())) if form == "%s" else START.strftime(form)
        if not isinstance(pattern, str) or _fits(pattern, text):
            return text
    return START.strftime(forms[0])


def _word(name: str, schema: dict[str, object]) -> str:
    """Text that fits the pattern, and that no one would take for a number."""
    pattern = schema.get("pattern")
    given = schema.get("examples")
    choices = [f"w{re.sub('[^a-z]', '', name.lower())}", *_texts(given), "5", "1,2"]
    for each in choices:
        if not isinstance(pattern, str) or _fits(pattern, each):
            return each
    return choices[0]


def _texts(value: object) -> Iterator[str]:
    for each in value if is_list(value) else ():
        if isinstance(each, str):
            yield each


def _fits(pattern: str, text: str) -> bool:
    try:
        return bool(re.search(pattern, text))
    except re.error:
        return True
