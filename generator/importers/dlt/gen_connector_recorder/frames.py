"""Which line of the user's own code is running."""

from __future__ import annotations

import inspect
import os
import sysconfig
from types import FrameType
from typing import Optional

_OWN = os.path.dirname(os.path.abspath(__file__))
_FOREIGN = tuple(
    os.path.join(os.path.realpath(path), "")
    for path in {
        _OWN,
        os.path.dirname(os.__file__),
        *(sysconfig.get_paths().get(key, _OWN) for key in ("purelib", "platlib")),
    }
)


def is_users(file: str) -> bool:
    """Whether a file is none of Python's, of an installed package's, or ours."""
    if file.startswith("<"):
        return False
    real = os.path.realpath(file)
    installed = os.sep + "site-packages" + os.sep in real
    return not installed and not real.startswith(_FOREIGN)


def user_frame(frame: Optional[FrameType] = None) -> Optional[FrameType]:
    """The innermost frame of the user's code."""
    current = frame or inspect.currentframe()
    while current is not None and not is_users(current.f_code.co_filename):
        current = current.f_back
    return current


def place() -> "list[object]":
    """File and line of the user's code that is running; line 0 where there is none."""
    frame = user_frame()
    if frame is None:
        return ["", 0]
    return [frame.f_code.co_filename, frame.f_lineno]
