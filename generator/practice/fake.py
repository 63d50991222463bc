"""Values made up from a JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Collection
from random import Random
from typing import Any

from faker import Faker

from generator.practice.patterns import fits, positions
from generator.practice.schemas import Schemas, alternatives, nullable, types
from generator.practice.shapes import is_list, is_object
from generator.practice.words import FORMATS, word

_LEFT_OUT = 0.1
"""How often an optional property is left out, and a nullable one is null."""
_DEEP = 4
"""From this depth on only what is required is made: schemas can hold themselves."""
_TOO_DEEP = 12
_FALLBACKS = ("uuid", "date", "date-time", "time", "email", "uri", "ipv4", "hostname")


class Maker:
    """Makes values; `begin` fixes what comes next, whatever was made before."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.fake = Faker("en_US", use_weighting=False)
        self.random: Random = self.fake.random

    def begin(self, seed: str) -> None:
        """Starts the sequence that belongs to `seed`."""
        self.fake.seed_instance(seed)
        self.random = self.fake.random

    def value(self, schema: Any, document: str, name: str, depth: int = 0) -> Any:
        """A value that the schema allows; `name` is the property's."""
        flat, document = self._schemas.flat(schema, document)
        if depth > _TOO_DEEP:
            return None
        options = alternatives(flat)
        if options:
            return self._alternative(flat, options, document, name, depth)
        if "const" in flat:
            return flat["const"]
        if nullable(flat) and self._seldom():
            return None
        enum = flat.get("enum")
        if is_list(enum) and enum:
            return self.random.choice(
                [each for each in enum if each is not None] or [None]
            )
        kinds = types(flat)
        kind = kinds[0] if kinds else "null"
        match kind:
            case "object":
                return self.record(flat, document, (), depth)
            case "array":
                return self._array(flat, document, name, depth)
            case "integer":
                return self._integer(flat)
            case "number":
                return self._number(flat)
            case "boolean":
                return self.random.random() < 0.5
            case "null":
                return None
            case _:
                return self.text(flat, name)

    def record(
        self,
        flat: dict[str, Any],
        document: str,
        forced: Collection[str],
        depth: int = 0,
    ) -> dict[str, Any]:
        """An object; the properties of `forced` are there like the required ones."""
        made: dict[str, Any] = {}
        needed = {*flat.get("required", ()), *forced}
        for name, schema in flat.get("properties", {}).items():
            if name in needed or (depth < _DEEP and not self._seldom()):
                made[name] = self.value(schema, document, name, depth + 1)
        extra = flat.get("additionalProperties")
        if is_object(extra) and extra and not made:
            made["key"] = self.value(extra, document, "key", depth + 1)
        return made

    def text(self, flat: dict[str, Any], name: str) -> str:
        """A string of the schema's format, pattern and length."""
        form = str(flat.get("format", ""))
        pattern = flat.get("pattern")
        if isinstance(pattern, str):
            made = self._matching(pattern)
            if made:
                return made
        made = word(self.fake, name, form)
        if form in FORMATS:
            return made
        made = made.ljust(flat.get("minLength", 0), "x")
        return made[: flat.get("maxLength", len(made))]

    def _matching(self, pattern: str) -> str:
        """A text that the pattern finds, "" if it is none of the simple ones."""
        made = "".join(map(self.random.choice, positions(pattern)))
        usual = (FORMATS[form](self.fake) for form in _FALLBACKS)
        return made or next((each for each in usual if fits(pattern, each)), "")

    def _alternative(
        self,
        flat: dict[str, Any],
        options: list[Any],
        document: str,
        name: str,
        depth: int,
    ) -> Any:
        """One member of a union: any of the objects, else the first that is not null."""
        members = [self._schemas.flat(each, document) for each in options]
        real = [each for each in members if each[0].get("type") != "null"]
        if len(real) < len(members) and self._seldom():
            return None
        objects = [each for each in real if "properties" in each[0]]
        if real and len(objects) == len(real):
            chosen, place = self.random.choice(objects)
        else:
            chosen, place = (real or members)[0]
        common = {
            key: value for key, value in flat.items() if key not in ("oneOf", "anyOf")
        }
        return self.value({"allOf": [common, chosen]}, place, name, depth + 1)

    def _array(
        self, flat: dict[str, Any], document: str, name: str, depth: int
    ) -> list[Any]:
        fewest = int(flat.get("minItems", 0))
        most = max(fewest, min(3, flat.get("maxItems", 3)))
        count = fewest if depth >= _DEEP else self.random.randint(fewest, most)
        items = flat.get("items", {})
        made = [self.value(items, document, name, depth + 1) for _ in range(count)]
        if flat.get("uniqueItems"):
            made = [each for at, each in enumerate(made) if each not in made[:at]]
        return made

    def _integer(self, flat: dict[str, Any]) -> int:
        low, high = limits(flat, 1)
        step = int(flat.get("multipleOf", 1)) or 1
        first, last = math.ceil(low / step), math.floor(high / step)
        return self.random.randint(first, max(first, last)) * step

    def _number(self, flat: dict[str, Any]) -> float:
        low, high = limits(flat, 0.01)
        step = float(flat.get("multipleOf", 0))
        if step:
            first, last = math.ceil(low / step), math.floor(high / step)
            return round(self.random.randint(first, max(first, last)) * step, 9)
        return min(max(round(self.random.uniform(low, high), 2), low), high)

    def _seldom(self) -> bool:
        return self.random.random() < _LEFT_OUT


def limits(flat: dict[str, Any], inward: float) -> tuple[float, float]:
    """Smallest and largest value, 0 to 1000 as far as the schema leaves it open.

    An exclusive limit, in the form of draft 4 or draft 6, is moved by `inward`.
    """
    low, high = flat.get("minimum"), flat.get("maximum")
    above, below = flat.get("exclusiveMinimum"), flat.get("exclusiveMaximum")
    if isinstance(above, bool):
        low = low + inward if above and low is not None else low
    elif above is not None:
        low = above + inward
    if isinstance(below, bool):
        high = high - inward if below and high is not None else high
    elif below is not None:
        high = below - inward
    if low is None:
        low = 0 if high is None or high >= 0 else high - 1000
    return low, low + 1000 if high is None else high
