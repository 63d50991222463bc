"""Whether an answer without the cursor that the spec names says elsewhere that there is more."""

from __future__ import annotations

from .announced import announces_more
from .errors import PaginationError
from .request import Response
from .values import JSON, get

_ABSENT: JSON = {}


def check_end(response: Response, name: str, *path: str | int) -> None:
    """An error where the answer has no `name` and announces more in another place.

    A null at `path`, such as `{"next": null}`, is the API's own word for the end.
    """
    if path and get(response.json, *path, default=_ABSENT) is not _ABSENT:
        return
    announced = announces_more(response)
    if announced is not None:
        raise PaginationError(
            f"the answer has no {name}, but announces more ({announced}): is the cursor"
            " there? If this is the end, a stop_condition in the spec says so"
        )
