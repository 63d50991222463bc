"""The file that everything is written to, line by line: what is in it survives a crash."""

from __future__ import annotations

import json
import os
from typing import Any

_MOST = 20_000_000
"""Bytes of all lines."""


class Sink:
    def __init__(self, path: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._file = os.open(path, flags, 0o600)
        self._written = 0

    def write(self, kind: str, **values: Any) -> None:
        """One line; what goes beyond the limit is left out, and that is said."""
        line = json.dumps({"kind": kind, **values}, allow_nan=False) + "\n"
        data = line.encode("ascii")
        if self._written + len(data) > _MOST:
            data = b'{"kind": "problem", "type": "", "text": "the configuration is too large", "place": ["", 0]}\n'
        self._written += len(data)
        os.write(self._file, data)
