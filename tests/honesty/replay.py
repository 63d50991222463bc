"""An API that answers as it did before, however the requests are ordered."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from typing import Literal

from .behaviours import Behaviour
from .server import Answer, Api, Asked

Beyond = Literal["404", "500", "html", "reset", "empty", "rows", "total"]
"""What is said to a request that nobody sent before."""

_BEYOND = {
    "404": Answer(404, b'{"error": "no such page"}'),
    "500": Answer(500, b'{"error": "out of range"}'),
    "html": Answer(200, b"<html>", "text/html"),
    "reset": Answer(200, b"", fault="reset"),
    "empty": Answer(200, b'{"data": [], "total": 0, "pages": 0}'),
    "rows": Answer(200, b'{"data": [{"id": -1}, {"id": -2}, {"id": -3}]}'),
    "total": Answer(200, b'{"data": [{"id": -1}], "total": 9999, "pages": 999}'),
}


class Recorded(Api):
    """Keeps what each request was answered, in order."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.answers: defaultdict[str, list[Answer]] = defaultdict(list)

    def answer(self, asked: Asked) -> Answer:
        answer = super().answer(asked)
        self.answers[_key(asked)].append(answer)
        return answer


class Replayed(Api):
    """Answers each request as before, the last answer again and again."""

    def __init__(self, before: Recorded, beyond: Beyond) -> None:
        super().__init__(before.behaviour)
        self.wasted = self.running = self.most = 0
        self._answers = before.answers
        self._beyond = _BEYOND[beyond]
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        key = _key(asked)
        with self._lock:
            self.requests += 1
            answers = self._answers.get(key)
            if answers is None:
                self.wasted += 1
                return self._beyond
            number = self._asked[key]
            self._asked[key] += 1
            return answers[min(number, len(answers) - 1)]


def _key(asked: Asked) -> str:
    return json.dumps([asked.url, asked.parameters], sort_keys=True)
