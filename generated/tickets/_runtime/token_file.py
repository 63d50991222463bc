"""Keeps a refresh token that the server replaces in a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def token_file(path: str | Path, first: str) -> tuple[str, Callable[[str], None]]:
    """The refresh token kept at `path`, else `first`, and the callback that keeps it.

    The file has mode 0600. Delete it to start again with another `first`.
    """
    target = Path(path)

    def keep(token: str) -> None:
        import tempfile  # needed now and then only

        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(token)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave an empty file
        os.replace(name, target)

    kept = target.read_text(encoding="utf-8").strip() if target.exists() else ""
    return kept or first, keep
