"""A package against the disk: what differs, what was edited by hand, and writing it."""

from __future__ import annotations

import ast
import io
import os
import re
import stat
from codecs import BOM_UTF8
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from generator import __version__, swap
from generator.package import (
    HOOKS,
    MANIFEST,
    Manifest,
    ManifestError,
    Package,
    digest,
    manifest_text,
    read_manifest,
)
from generator.templates import FOLDER


class OutputError(Exception):
    """The output cannot be read or written; the message is for the user."""


class HandEdited(OutputError):
    """Files were changed by hand since they were generated; nothing was written."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        super().__init__(f"changed by hand: {', '.join(map(str, paths))}")


@dataclass(frozen=True, slots=True)
class Status:
    """The files of a package, but not its manifest, against those on disk."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    """Of the package on disk, but no longer generated."""
    unchanged: tuple[str, ...]
    edited: tuple[str, ...]
    """Those changed or removed that are not as a run of the generator left them."""
    is_current: bool
    """Whether the disk has exactly what is generated, the manifest included."""
    lacking: tuple[str, ...] = ()
    """Functions that the package calls and the user's hooks.py does not have."""


Written = Status
"""What a run did: the state that it found."""


def status(folder: Path, package: Package) -> Status:
    """Compares the package with `folder/<name>`; raises OutputError."""
    with _reported(folder / package.name):
        return _Target(folder, package).status()


def diff(folder: Path, package: Package) -> str:
    """What writing the package would change, as a unified diff."""
    with _reported(folder / package.name):
        return "".join(_Target(folder, package).diff())


def write(folder: Path, package: Package, force: bool = False) -> Written:
    """Makes `folder/<name>` the package, wholly or not at all.

    Files of the previous package that are no longer generated are removed, files of
    the user's own are kept. Raises HandEdited unless `force`, and OutputError where
    the folder cannot be written or is somebody else's.
    """
    with _reported(folder / package.name):
        folder.mkdir(parents=True, exist_ok=True)
        with swap.locked(folder):
            swap.recover(folder / package.name)
            target = _Target(folder, package)
            found = target.status()
            target.refuse_what_is_not_ours(force)
            if found.edited and not force:
                raise HandEdited(tuple(target.path / path for path in found.edited))
            if found.is_current:
                target.mark_as_current()
            else:
                target.write()
            return found


def connector_name(spec: Path) -> str:
    """The name that a spec most likely gives its connector, found without a parser."""
    with open(spec, encoding="utf-8", errors="replace") as file:
        start = file.read(1 << 16)
    match = _CONNECTOR.search(start)
    return match["name"] if match else spec.stem


_CONNECTOR = re.compile(
    r"""^[ {]*["']?connector["']?\s*:\s*["']?(?P<name>[A-Za-z0-9_]+)""", re.MULTILINE
)


def is_current(folder: Path, name: str, spec: Path) -> Manifest | None:
    """The manifest of `folder/<name>` if a run with this spec would change nothing.

    Compares hashes of the spec, its schema files and every generated file, and asks
    whether the generator changed since, which in a checkout its version does not tell.
    """
    target = folder / name
    try:
        manifest_path = target / MANIFEST
        manifest = read_manifest(manifest_path.read_text(encoding="utf-8"))
        if (manifest.version, manifest.name) != (__version__, name):
            return None
        if manifest.hooks:
            return None  # hooks.py is the user's, so a hash tells nothing of it
        if spec.name not in manifest.inputs:
            return None
        for path, expected in manifest.inputs.items():
            content = (spec.parent / path).read_bytes().removeprefix(BOM_UTF8)
            if digest(content) != expected:
                return None
        for path, expected in manifest.files.items():
            place = target / path
            if place.is_symlink() or digest(place.read_bytes()) != expected:
                return None
        if _changed_since(manifest_path.stat().st_mtime_ns):
            return None
        return manifest
    except (OSError, ValueError, ManifestError):
        return None


def _changed_since(nanoseconds: int) -> bool:
    return any(
        entry.stat().st_mtime_ns >= nanoseconds
        for folder in (os.path.dirname(__file__), FOLDER)
        for entry in _files_below(folder)
    )


def _files_below(folder: str) -> Iterator[os.DirEntry[str]]:
    for entry in os.scandir(folder):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files_below(entry.path)
        else:
            yield entry


class _Target:
    """The folder of one package: what is in it, and what is to be in it."""

    def __init__(self, folder: Path, package: Package) -> None:
        self.path = folder / package.name
        self._files = {path: text.encode() for path, text in package.files.items()}
        self._hooks = package.hooks
        hooks_file = _read(self.path, HOOKS) if package.hooks else None
        if package.hooks and hooks_file is None:
            self._files[HOOKS] = package.hooks_module.encode()
        self._hooks_file = hooks_file
        self._manifest = manifest_text(package).encode()
        self._found_manifest = _read(self.path, MANIFEST)
        self._is_readable = True
        self._previous = self._previous_files()
        self._found = {
            path: content
            for path in sorted({*self._files, *self._previous})
            if (content := _read(self.path, path)) is not None
        }

    def _previous_files(self) -> Mapping[str, str]:
        if self._found_manifest is None:
            return {}
        try:
            return read_manifest(self._found_manifest.decode()).files
        except (ManifestError, UnicodeDecodeError):
            self._is_readable = False
            return {}

    def status(self) -> Status:
        same = {
            p for p, content in self._files.items() if self._found.get(p) == content
        }
        changed = self._found.keys() & self._files.keys() - same
        removed = self._found.keys() - self._files.keys()
        edited = (
            path
            for path in changed | removed
            if digest(self._found[path]) != self._previous.get(path)
        )
        return Status(
            new=tuple(sorted(self._files.keys() - self._found.keys())),
            changed=tuple(sorted(changed)),
            removed=tuple(sorted(removed)),
            unchanged=tuple(sorted(same)),
            edited=tuple(sorted(edited)),
            is_current=self._found == self._files
            and self._found_manifest == self._manifest,
            lacking=tuple(self._lacking()),
        )

    def _lacking(self) -> Iterator[str]:
        """Hooks that the user's file defines under no name at its top level."""
        if self._hooks_file is not None:
            names = _names_in(self._hooks_file)
            yield from (each for each in self._hooks if each not in names)

    def diff(self) -> Iterator[str]:
        before = dict(self._found)
        if self._found_manifest is not None:
            before[MANIFEST] = self._found_manifest
        after = {**self._files, MANIFEST: self._manifest}
        for path in sorted(before.keys() | after.keys()):
            if before.get(path) != after.get(path):
                name = f"{self.path.name}/{path}"
                yield from _diff(name, before.get(path), after.get(path))

    def refuse_what_is_not_ours(self, force: bool) -> None:
        if not self._is_readable and not force:
            raise OutputError(
                f"{self.path / MANIFEST} is not a manifest of gen-connector;"
                " --force replaces it"
            )
        if self._found_manifest is not None:
            return
        foreign = [
            path
            for path in self._users_files()
            if path != HOOKS
            and (path not in self._files or self._found.get(path) != self._files[path])
        ]
        if foreign:
            listed = ", ".join(foreign[:3]) + (", ..." if len(foreign) > 3 else "")
            raise OutputError(
                f"{self.path} holds files that gen-connector did not write ({listed});"
                " choose another folder with --output"
            )

    def mark_as_current(self) -> None:
        """Tells `is_current` that the generator, though newer, changes nothing."""
        with suppress(OSError):
            os.utime(self.path / MANIFEST)

    def write(self) -> None:
        staging = swap.make_staging(self.path)
        try:
            self._fill(staging)
            swap.replace(self.path, staging)
        except BaseException:
            swap.discard(staging)
            raise

    def _fill(self, staging: Path) -> None:
        if self.path.exists():
            staging.chmod(stat.S_IMODE(self.path.stat().st_mode))
        for path, content in self._files.items():
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            if self._found.get(path) == content:
                _carry(self.path / path, staging / path)
                continue
            (staging / path).write_bytes(content)
            if path in self._found:
                mode = (self.path / path).stat().st_mode
                (staging / path).chmod(stat.S_IMODE(mode))
        (staging / MANIFEST).write_bytes(self._manifest)
        for path in self._users_files():
            if path not in self._files and path not in self._previous:
                (staging / path).parent.mkdir(parents=True, exist_ok=True)
                _carry(self.path / path, staging / path)

    def _users_files(self) -> Iterator[str]:
        """Every file of the folder but the manifest and byte code; links to folders too."""
        for root, folders, files in os.walk(self.path):
            links = [each for each in folders if os.path.islink(Path(root, each))]
            folders[:] = sorted({*folders} - {*links, "__pycache__"})
            for name in sorted([*files, *links]):
                path = Path(root, name).relative_to(self.path).as_posix()
                if path != MANIFEST:
                    yield path


def _names_in(module: bytes) -> set[str]:
    """The names at the top level of a Python file; none where it does not parse."""
    try:
        tree = ast.parse(module)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(each.id for each in targets if isinstance(each, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Import(names=found) | ast.ImportFrom(names=found):
                names.update(each.asname or each.name for each in found)
            case _:
                pass
    return names


def _carry(old: Path, new: Path) -> None:
    """The same file under a new name; a copy where the file system has no links."""
    try:
        os.link(old, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        import shutil

        shutil.copy2(old, new, follow_symlinks=False)


def _read(root: Path, path: str) -> bytes | None:
    """A file below the root, None if there is none; a link on the way is refused."""
    place = root
    for part in ("", *path.split("/")):
        place = place / part
        try:
            mode = place.lstat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            raise OutputError(f"{place} is a symbolic link; gen-connector follows none")
        if place == root / path:
            if not stat.S_ISREG(mode):
                raise OutputError(f"{place} is where a file is to be, and is none")
        elif not stat.S_ISDIR(mode):
            raise OutputError(f"{place} is where a folder is to be, and is none")
    return place.read_bytes()


def _diff(name: str, before: bytes | None, after: bytes | None) -> Iterator[str]:
    import difflib

    source = "/dev/null" if before is None else f"a/{name}"
    target = "/dev/null" if after is None else f"b/{name}"
    old, new = _lines(before), _lines(after)
    if not old and not new:
        yield f"--- {source}\n+++ {target}\n"
    for line in difflib.unified_diff(old, new, source, target):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode(errors="backslashreplace")
    return io.StringIO(text, newline="\n").readlines()


@contextmanager
def _reported(target: Path) -> Generator[None, None, None]:
    """Turns every error of the file system into one message."""
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        place = error.filename or target
        raise OutputError(f"no output: {place} is not a folder") from error
    except OSError as error:
        place = error.filename or target
        raise OutputError(f"no output: {place}: {error.strerror}") from error
