"""A generated package as data, and its manifest: what it was made from and consists of."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import normpath
from typing import Any

from generator import __version__
from generator.diagnostics import Diagnostic, Location, shown

MANIFEST = ".gen-connector.json"
"""Name of the manifest inside of the package."""
HOOKS = "hooks.py"
"""Name of the module that is written once and then the user's."""


@dataclass(frozen=True, slots=True)
class Package:
    """Everything that one spec is compiled into."""

    name: str
    """Name of the connector and of its folder."""
    files: Mapping[str, str]
    """Text of every file but the manifest, by its path in the package, with slashes."""
    resources: tuple[str, ...]
    """Names of the resources."""
    warnings: tuple[Diagnostic, ...]
    """What is suspicious about the spec."""
    inputs: Mapping[str, str]
    """SHA-256 of the spec and its schema files, by path relative to the spec's folder."""
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    """Text of the inputs by the name that warnings show; not part of the manifest."""
    hooks: tuple[str, ...] = ()
    """The functions of hooks.py that the package calls."""
    hooks_module: str = ""
    """Text of hooks.py where the package has none yet."""

    def __post_init__(self) -> None:
        """Raises ValueError where a name or path could lead out of the output folder."""
        if not (self.name.isidentifier() and is_inside(self.name)):
            raise ValueError(f"not the name of a package: {shown(self.name)}")
        for path in self.files:
            if not is_inside(path) or path in (MANIFEST, HOOKS):
                raise ValueError(f"not a path in a package: {shown(path)}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of a package on disk."""

    name: str
    version: str
    """Version of the generator that wrote the package."""
    inputs: Mapping[str, str]
    files: Mapping[str, str]
    """SHA-256 of every file but the manifest itself."""
    resources: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    """Files in their locations are named as in `inputs`."""
    hooks: tuple[str, ...] = ()


class ManifestError(Exception):
    """The text is not a manifest of ours."""


def is_inside(path: str) -> bool:
    """Whether a path of a generated file stays in the package, whatever made it up."""
    return all(_PART.fullmatch(part) and part.strip(".") for part in path.split("/"))


_PART = re.compile(r"[A-Za-z0-9_.-]+")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def manifest_text(package: Package) -> str:
    """The manifest; the same bytes wherever and whenever the package is made."""
    data = {
        "connector": package.name,
        "files": {path: digest(text.encode()) for path, text in package.files.items()},
        "generator": __version__,
        "inputs": dict(package.inputs),
        "resources": list(package.resources),
        "warnings": [_warning_data(each, package) for each in package.warnings],
    }
    if package.hooks:
        data["hooks"] = list(package.hooks)
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def read_manifest(text: str) -> Manifest:
    """The manifest of a text that `manifest_text` made; else raises ManifestError."""
    try:
        data: Any = json.loads(text)
        return Manifest(
            name=_text(data["connector"]),
            version=_text(data["generator"]),
            inputs=_texts(data["inputs"]),
            files=_files(data["files"]),
            resources=tuple(_text(each) for each in data["resources"]),
            warnings=tuple(_warning(each) for each in data["warnings"]),
            hooks=tuple(_text(each) for each in data.get("hooks", [])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ManifestError("not a manifest of gen-connector") from error


def _warning_data(warning: Diagnostic, package: Package) -> dict[str, str | int]:
    place = warning.location
    return {
        "code": warning.code,
        "column": place.column,
        "file": _input_of(place.file, package),
        "hint": warning.hint,
        "line": place.line,
        "message": warning.message,
        "width": place.width,
    }


def _input_of(file: str, package: Package) -> str:
    """The input that a message names: the user's way to it may differ the next time."""
    place = "/" + file.replace("\\", "/")
    matches = [name for name in package.inputs if place.endswith(f"/{normpath(name)}")]
    return max(matches, key=len) if matches else place.rpartition("/")[2]


def _warning(data: Any) -> Diagnostic:
    line, column, width = (int(data[key]) for key in ("line", "column", "width"))
    return Diagnostic(
        location=Location(_text(data["file"]), line, column, width),
        code=_text(data["code"]),
        message=_text(data["message"]),
        severity="warning",
        hint=_text(data["hint"]),
    )


def _files(value: Any) -> dict[str, str]:
    files = _texts(value)
    if not all(map(is_inside, files)):
        raise ValueError("a path outside of the package")
    return files


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _texts(value: Any) -> dict[str, str]:
    return {_text(key): _text(each) for key, each in value.items()}
