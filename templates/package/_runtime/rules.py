"""The spec's rules about answers: the first one that fits says what is done."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from .errors import DataEnd, ExpressionError, ResponseError
from .request import Response
from .retrying import Verdict
from .values import JSON


class Ended(DataEnd):
    """A rule says that an answer means that there is no more."""


class Ignored(DataEnd):
    """A rule says to go on without an answer."""

    event = "answers ignored"
    skips_page = True


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with an answer that fits every criterion that is given."""

    action: Literal["retry", "ignore", "fail", "refresh_auth", "end"]
    statuses: Collection[int] = ()
    contains: str = ""
    """Text in the body."""
    when: Callable[[Response, JSON], object] | None = None
    """A condition over the answer and its body as JSON, null where it is none."""
    message: str = ""

    def fits(self, response: Response) -> bool:
        if self.statuses and response.status not in self.statuses:
            return False
        if self.contains.encode() not in response.body:
            return False
        try:
            return self.when is None or bool(self.when(response, _json(response)))
        except ArithmeticError as error:
            raise ExpressionError(f"a rule's condition: {error}") from None


def rules(*found: Rule) -> Callable[[Response], Verdict | None]:
    """What the first of the rules that fits an answer says."""

    def judge(response: Response) -> Verdict | None:
        fitting = (rule for rule in found if rule.fits(response))
        rule = next(fitting, None)
        if rule is None:
            return None
        if rule.action == "end":
            raise Ended
        if rule.action == "ignore":
            raise Ignored(f"status {response.status} is ignored by a rule")
        return Verdict(rule.action, rule.message)

    return judge


def _json(response: Response) -> JSON:
    try:
        return response.json
    except ResponseError:
        return None
