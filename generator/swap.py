"""Replaces a folder by another in one step, and cleans up after runs that were killed."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Waits for other runs that write to the folder; a killed run holds no lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems have no locks.
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def make_staging(target: Path) -> Path:
    """A new, hidden folder beside the target."""
    staging = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    staging.mkdir()
    return staging


def replace(target: Path, staging: Path) -> None:
    """Puts the staging folder in the target's place; what was there is deleted."""
    if not target.exists():
        staging.rename(target)
    elif _exchange(staging, target):
        discard(staging)
    else:
        old = staging.with_suffix(".old")
        target.rename(old)
        try:
            staging.rename(target)
        except BaseException:
            old.rename(target)
            raise
        discard(old)


def recover(target: Path) -> None:
    """Undoes what a killed run left half-done; to be called under the lock."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.(tmp|old)")
    left = sorted(
        each for each in target.parent.iterdir() if pattern.fullmatch(each.name)
    )
    for each in left:
        if each.suffix == ".old" and not target.exists():
            each.rename(target)
        else:
            discard(each)


def discard(folder: Path) -> None:
    """Deletes the folder; what cannot be deleted is left for the next run."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two names in one step; False where the system has no such call (not Linux)."""
    import ctypes

    at_current_folder, rename_exchange = -100, 2
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    paths = os.fsencode(one), os.fsencode(other)
    if not call(
        at_current_folder, paths[0], at_current_folder, paths[1], rename_exchange
    ):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
