"""One request as the practice API reads it, and the way to refuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug import Request

from generator.practice.plan import Place
from generator.practice.shapes import as_text, lookup, parse


class Refused(Exception):
    """The request is answered with an error; the message says what is wrong with it."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Call:
    """A request with the values of its path."""

    request: Request
    variables: Mapping[str, str]
    body: Any
    """The JSON body, None without one."""

    def read(self, place: Place) -> str | None:
        """The text that the request carries at a place, None where it carries none."""
        match place.kind:
            case "path":
                return self.variables[place.name]
            case "query":
                return self.request.args.get(place.name)
            case "header":
                return self.request.headers.get(place.name)
            case "form":
                return self.request.form.get(place.name)
            case "body":
                value = lookup(self.body, parse(place.name))
                return None if value is None else as_text(value)

    def number(self, place: Place, default: int, least: int) -> int:
        """A whole number that the request carries; refuses other text and smaller ones."""
        text = self.read(place)
        if text is None:
            return default
        if place.around is not None:
            found = re.fullmatch(place.around, text, re.DOTALL)
            text = found[1] if found else text
        if not text.isdecimal() or int(text) < least:
            raise Refused(400, f"{place.name!r} is {text!r}, not a number from {least}")
        return int(text)
