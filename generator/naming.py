"""Python names from spec text: folded to ASCII, never reserved, each taken once per namespace."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from generator.diagnostics import Collector, Location, shown

PYDANTIC_ATTRIBUTES = frozenset("""
    construct copy dict from_orm json model_computed_fields model_config model_construct
    model_copy model_dump model_dump_json model_extra model_fields model_fields_set
    model_json_schema model_parametrized_name model_post_init model_rebuild model_validate
    model_validate_json model_validate_strings mro parse_file parse_obj parse_raw register
    schema schema_json update_forward_refs validate
    """.split())
"""Attributes of `pydantic.BaseModel` and of its metaclass, which a field must not hide."""

_SHADOWING = frozenset(
    "bool bytes dict float frozenset int list object property self set str super tuple".split()
)
"""Names that annotations or methods of a generated class read."""

_RESERVED = frozenset(keyword.kwlist) | PYDANTIC_ATTRIBUTES | _SHADOWING

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])")
_SIGNED = re.compile(r"\s*([+-])(?=\d)")
_SIGNS = {"+": "plus ", "-": "minus "}
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")


def _words(text: str) -> list[str]:
    """ASCII words of any text; accents are dropped, what has no ASCII form separates words."""
    folded = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    signed = _SIGNED.match(plain)
    if signed:
        plain = _SIGNS[signed[1]] + plain[signed.end() :]
    words = [
        word
        for run in _NOT_WORD.split(plain)
        for word in _BOUNDARY.sub(" ", run).split()
    ]
    if words and words[0][0].isdigit():
        words.insert(0, "n")
    return words


def snake(text: str) -> str | None:
    """`text` as `[a-z][a-z0-9_]*`: "userId" is `user_id`, "1st" is `n_1st`.

    Unicode is folded by compatibility (NFKD), so texts that Python would take for the same
    identifier give the same name. None where nothing is left.
    """
    return "_".join(_words(text)).lower() or None


def pascal(text: str) -> str | None:
    """`text` as `[A-Z][A-Za-z0-9]*`: "ticket_field" is `TicketField`; None if nothing is left."""
    return "".join(word[0].upper() + word[1:] for word in _words(text)) or None


def python_name(text: str) -> str | None:
    """`snake`, with a `_` behind keywords and behind names that a model or an annotation needs."""
    name = snake(text)
    return f"{name}_" if name in _RESERVED else name


_SAME = frozenset("""
    access address alias analysis analytics atlas axis basis bias bonus bus business canvas
    campus census class chess compass congress consensus corpus corps cosmos data details
    diabetes dns express focus gas gps gross https lens logistics loss mass media metrics_data
    metadata nexus news os pass plus pos press process progress radius redis resources_data
    saas salesforce series settings sales sms species statistics status success summons
    thesis tls virus vps wireless always previous ios aws css js sts
    """.split())
_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "indices": "index",
    "vertices": "vertex",
    "matrices": "matrix",
    "analyses": "analysis",
    "axes": "axis",
    "bases": "base",
    "crises": "crisis",
    "criteria": "criterion",
    "theses": "thesis",
    "aliases": "alias",
    "statuses": "status",
    "buses": "bus",
    "bonuses": "bonus",
    "campuses": "campus",
    "canvases": "canvas",
    "viruses": "virus",
    "lenses": "lens",
    "movies": "movie",
    "cookies": "cookie",
    "caches": "cache",
    "leaves": "leaf",
    "shelves": "shelf",
    "quizzes": "quiz",
    "heroes": "hero",
    "potatoes": "potato",
    "echoes": "echo",
    "taxes": "tax",
}
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("zzes", "zz"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)


def singular(word: str) -> str:
    """The singular of a snake-case English plural, last word only: `order_lines` to `order_line`.

    Plain rules and a short table of exceptions; a word that is no plural stays as it is.
    """
    head, underscore, last = word.rpartition("_")
    lower = last.lower()
    if lower in _IRREGULAR:
        return head + underscore + _IRREGULAR[lower]
    if lower not in _SAME and len(lower) > 4 - lower.endswith("s"):
        for ending, replacement in _ENDINGS:
            if lower.endswith(ending):
                stem = last[: len(last) - len(ending)]
                return head + underscore + stem + replacement
    return word


@dataclass(slots=True)
class Scope:
    """One namespace of the generated code: who took which name, and where.

    `hint` tells a person how to give another name, such as "name one of them with `model:`".
    """

    namespace: str
    collector: Collector
    hint: str
    _taken: dict[str, tuple[Location, str]] = field(
        default_factory=dict[str, tuple[Location, str]]
    )
    _reserved: dict[str, str] = field(default_factory=dict[str, str])

    def reserve(self, names: Iterable[str], reason: str) -> None:
        """Keeps `names` from being taken; `reason` ends the message "'x' is ..."."""
        self._reserved.update(dict.fromkeys(names, reason))

    def claim(self, name: str, location: Location, what: str) -> bool:
        """Takes `name` for `what`; false after reporting `name-collision` if it is gone."""
        message = ""
        if name in self._reserved:
            message = f"{what} cannot be called {name!r}: {self._reserved[name]}"
        elif name in self._taken:
            place, other = self._taken[name]
            message = (
                f"{what} and {other} ({place}) both give the {self.namespace} {name!r}"
            )
        if message:
            self.collector.error(location, "name-collision", message, self.hint)
            return False
        self._taken[name] = (location, what)
        return True

    def __contains__(self, name: object) -> bool:
        return name in self._taken or name in self._reserved


def quoted(what: str, text: str) -> str:
    """`what` and the spec text that it is called, for messages: "property 'userId'"."""
    return f"{what} {shown(text)}"
