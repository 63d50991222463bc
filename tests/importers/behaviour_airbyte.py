"""The same manifests through Airbyte's runtime and through imported connectors: the same records?

    python -m tests.importers.behaviour_airbyte [--differences] [NAME...]

A server on loopback answers as the manifest says; both read it, stream by stream. Compared are
the records of a stream as a multiset; as a set where the cursor has a `step`, since Airbyte asks
once for each window and this server gives every record each time. Before that, on both sides,
fields without a value are left out, times are the instants that they name, and text that Python
would read as a number, a list or a constant is that: Airbyte's templates retype so. The present
is one value: each side asks its own clock.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from generator import output, pipeline
from generator.diagnostics import SpecError
from generator.document import parse
from generator.importers import ImportOptions
from generator.importers.airbyte import Tolerant, drafted
from generator.importers.airbyte.connector import Connector
from generator.importers.airbyte.manifest import CONTROLS, plain, resolved, walked
from generator.importers.yamlout import to_yaml
from generator.plain import is_list, is_mapping

from tests.importers.airbyte_peer.copies import copied, settings
from tests.importers.airbyte_peer.server import Server, Site, serving
from tests.importers.coverage_airbyte import is_custom, manifests

REFERENCE = "airbyte-cdk==7.39.1"
_ROOT = Path(__file__).parent.parent.parent
_PEER = Path(__file__).parent / "airbyte_peer"
_NOW = "now"
_ON_PURPOSE = {
    "RecordError": "a record does not fit its schema",
    "MissingDataError": "an answer has no records' path",
    "PaginationError": "more is announced, and no cursor",
}
"""Errors of ours where Airbyte tells nothing: the reason that they are meant for."""
_NOTES = {
    "parents-joined": "a parent and its own parent are read together",
    "parent-unused": "the same request for every parent is sent once",
}
"""Changes that the importer tells of, and by which fewer records come out."""
_WINDOW = re.compile(r"stream_(slice|interval|partition)\b.*\b(start|end)_time")
_A_WHILE = 600
"""Seconds that a manifest may take; what is served is older than a few hours."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one stream."""

    manifest: str
    stream: str
    verdict: str
    """`equal`, `different`, `on purpose`, `not runnable`, or `custom`."""
    reason: str = ""
    detail: str = ""


@dataclass(slots=True)
class Reader:
    """A child that reads what it is told to."""

    process: subprocess.Popen[str]

    @classmethod
    def started(cls, python: Path, script: Path, stack: ExitStack) -> Reader:
        environment = {**os.environ, "PYTHONPATH": str(_ROOT), "DO_NOT_TRACK": "1"}
        process = subprocess.Popen(
            [str(python), str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        return cls(process)

    def read(self, job: dict[str, object]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(job, default=str) + "\n")
        self.process.stdin.flush()
        made: dict[str, Any] = json.loads(self.process.stdout.readline())
        return made


# ---- comparing


def normal(value: object) -> object:
    """A value as it is compared."""
    if is_mapping(value):
        made = {key: normal(each) for key, each in value.items()}
        return {key: each for key, each in sorted(made.items()) if each is not None}
    if is_list(value):
        return [normal(each) for each in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and _is_now(value):
        return _NOW
    return value


def _is_now(seconds: float) -> bool:
    """Whether it is about now, as seconds or milliseconds."""
    now = time.time()
    return min(abs(seconds - now), abs(seconds / 1000 - now)) < _A_WHILE


def _text(text: str) -> object:
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if _is_now(moment.timestamp()):
            return _NOW
        return moment.astimezone(UTC).isoformat()
    if re.match(r"[-\d.'\"\[{(]|None$|True$|False$|$", text):
        if not text:
            return None
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text
        if isinstance(found, tuple):
            found = list(found)
        return found if isinstance(found, str) else normal(found)
    return text


def keys(rows: Iterable[object]) -> Counter[str]:
    return Counter(json.dumps(normal(row), sort_keys=True, default=str) for row in rows)


def difference(theirs: list[Any], ours: list[Any], as_set: bool) -> tuple[str, str]:
    """Why the records are not the same, and an example; empty where they are."""
    one, other = keys(theirs), keys(ours)
    if as_set:
        one, other = Counter(set(one)), Counter(set(other))
    if one == other:
        return "", ""
    missing, extra = list((one - other).elements()), list((other - one).elements())
    if one.total() != other.total():
        if set(one) == set(other):
            return "repeats", f"{one.total()} there, {other.total()} here"
        told = f"{one.total()} there, {other.total()} here"
        apart = [("missing", missing), ("more", extra)]
        shown = [f"{word} {sorted(found)[0]:.150}" for word, found in apart if found]
        return "number", "; ".join([told, *shown])
    first, second = json.loads(sorted(missing)[0]), json.loads(sorted(extra)[0])
    if is_mapping(first) and is_mapping(second):
        names = sorted(k for k in {*first, *second} if first.get(k) != second.get(k))
        shown = {k: (first.get(k), second.get(k)) for k in names[:3]}
        return "values", str(shown)
    return "values", f"{first!r:.80} / {second!r:.80}"


# ---- one manifest


def compared(path: Path, python: Path) -> list[Outcome]:
    """Every stream of a manifest."""
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        theirs = Reader.started(python, _PEER / "reference.py", stack)
        ours = Reader.started(Path(sys.executable), _PEER / "ours.py", stack)
        return _one(path, server, theirs, ours)


def batch(paths: list[Path], python: Path) -> list[Outcome]:
    """Several manifests with the same children."""
    found: list[Outcome] = []
    with ExitStack() as stack:
        server = stack.enter_context(serving())
        theirs = Reader.started(python, _PEER / "reference.py", stack)
        ours = Reader.started(Path(sys.executable), _PEER / "ours.py", stack)
        for path in paths:
            started = time.monotonic()
            try:
                found.extend(_one(path, server, theirs, ours))
            except Exception:
                traceback.print_exc()
                found.append(Outcome(path.stem, "", "different", "traceback"))
            if "--progress" in sys.argv:
                seconds = round(time.monotonic() - started, 1)
                count = Counter(o.verdict for o in found if o.manifest == path.stem)
                print(path.stem, f"{seconds} s", dict(count), file=sys.stderr)
                for each in found:
                    if each.manifest == path.stem and each.verdict in _TOLD:
                        print(*_line(each), sep=" | ", file=sys.stderr)
    return found


def _one(path: Path, server: Server, theirs: Reader, ours: Reader) -> list[Outcome]:
    text = CONTROLS.sub(" ", path.read_text("utf-8"))
    manifest = copied(yaml.load(text, _Loader), server.url)
    if not is_mapping(manifest):
        return [Outcome(path.stem, "", "not runnable", "no mapping")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy = folder / f"{path.stem}.yaml"
        copy.write_text(yaml.safe_dump(manifest, sort_keys=False), "utf-8")
        spec = manifest.get("spec")
        wanted = spec.get("connection_specification") if is_mapping(spec) else None
        config = settings(wanted, server.url, copy.read_text("utf-8"))
        try:
            _, connector = drafted(copy, ImportOptions())
        except SpecError as error:
            told = error.diagnostics[0].message
            return [Outcome(path.stem, "", "not runnable", "not read here", told)]
        listed = [
            each.part
            for each in [*connector.streams, *(s for s, _ in connector.failed)]
            if each.name not in connector.hidden
        ]
        free = [p for s, p in _streams(connector) if not is_custom(s)]
        done = [
            Outcome(path.stem, p.text("name"), "custom")
            for s, p in _streams(connector)
            if is_custom(s)
        ]
        names = [p.text("name") for p in free]
        if not listed or not free:
            return done
        document = parse(copy.read_text("utf-8"), copy.name, Tolerant())
        assert document is not None
        server.site = Site(resolved(document), config)
        server.site.reader = "theirs"
        kept = _without_custom(manifest, {o.stream for o in done})
        read = theirs.read({"manifest": kept, "config": config, "streams": names})
        server.site.reader = "ours"
        made, problem = _ours(copy, folder, ours, config, names)
        log = list(server.site.log)
        told = {s.name: {n.kind for n in s.notes.found} for s, _ in _streams(connector)}
        for part in free:
            kinds = told[part.text("name")]
            done.append(verdict(path.stem, part, read, made, problem, kinds))
        if "--log" in sys.argv:
            for each in log:
                print(*each, file=sys.stderr)
            print(read["error"], read.get("errors"), made["errors"], file=sys.stderr)
        return done


class _Loader(yaml.SafeLoader):
    """Dates stay text."""


_Loader.yaml_implicit_resolvers = {
    key: [
        (tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:timestamp"
    ]
    for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _streams(connector: Connector) -> list[tuple[Any, Any]]:
    every = [*connector.streams, *(stream for stream, _ in connector.failed)]
    return [(s, s.part) for s in every if s.name not in connector.hidden]


def _without_custom(manifest: dict[str, object], custom: set[str]) -> dict[str, object]:
    """The manifest without the streams that need Python: with them Airbyte reads none at all."""
    streams = manifest.get("streams")
    if not is_list(streams) or not custom:
        return manifest
    kept: list[object] = []
    for each in streams:
        target = each
        while is_mapping(target) and "$ref" in target or isinstance(target, str):
            text = target if isinstance(target, str) else str(target["$ref"])
            found: object = manifest
            for step in text.removeprefix("#/").split("/"):
                found = found.get(step) if is_mapping(found) else None
            target = (
                {
                    **found,
                    **(
                        {}
                        if isinstance(target, str)
                        else {k: v for k, v in target.items() if k != "$ref"}
                    ),
                }
                if is_mapping(found)
                else None
            )
        parameters = target.get("$parameters") if is_mapping(target) else None
        names = [m.get("name") for m in (target, parameters) if is_mapping(m)]
        if not custom.intersection(str(n) for n in names):
            kept.append(each)
    return {
        **manifest,
        "streams": kept,
        "check": {"type": "CheckStream", "stream_names": []},
    }


def _ours(
    copy: Path,
    folder: Path,
    reader: Reader,
    config: dict[str, object],
    names: list[str],
) -> tuple[dict[str, Any], str]:
    empty: dict[str, Any] = {"records": {}, "errors": {}, "error": ""}
    draft, connector = drafted(copy, ImportOptions())
    if not connector.streams:
        return empty, "not imported"
    spec = folder / f"{draft.spec['connector']}.yaml"
    spec = spec if spec != copy else folder / "spec.yaml"
    spec.write_text(to_yaml(draft.spec), "utf-8")
    try:
        package = pipeline.compile_spec(spec)
    except SpecError as error:
        told = [d.message for d in error.diagnostics if d.severity == "error"]
        return empty, f"not compiled: {told[0]}"
    output.write(folder / "generated", package)
    values = {
        each.name: _at(config, each.path)
        for each in connector.settings.properties.values()
        if _at(config, each.path) is not None
    }
    resources = [s.name for s in connector.streams if s.name in names]
    return (
        reader.read(
            {
                "folder": str(folder / "generated"),
                "package": package.name,
                "resources": resources,
                "values": values,
            }
        ),
        "",
    )


def _at(config: object, path: Iterable[str]) -> object:
    for key in path:
        config = config.get(key) if is_mapping(config) else None
    return config


def verdict(
    manifest: str,
    part: Any,
    theirs: Mapping[str, Any],
    ours: Mapping[str, Any],
    problem: str,
    kinds: set[str],
) -> Outcome:
    name = part.text("name")
    if theirs["error"] and theirs["status"].get(name) != "COMPLETE":
        if not theirs["status"]:
            return Outcome(manifest, name, "not runnable", *_reason(theirs["error"]))
    if theirs["status"].get(name) != "COMPLETE":
        told = theirs.get("errors", {}).get(name) or theirs["error"]
        return Outcome(manifest, name, "not runnable", *_reason(str(told)))
    rows = theirs["records"].get(name, [])
    if problem:
        return Outcome(manifest, name, "different", problem[:60])
    told = ours["errors"].get(name) or ours["error"]
    if name not in ours["records"]:
        if not told:
            return Outcome(manifest, name, "different", "not imported")
        for word, purpose in _ON_PURPOSE.items():
            if told.startswith(word):
                return Outcome(manifest, name, "on purpose", purpose, told)
        return Outcome(manifest, name, "different", "error here", told)
    if not rows and not ours["records"][name]:
        return Outcome(manifest, name, "not runnable", "no records on either side")
    # Windows of the stream, or of its parents: the same parent comes once for each of them.
    as_set = any(each.get("step") for each in walked(part))
    found = ours["records"][name]
    reason, detail = difference(rows, found, as_set)
    fields = _of_windows(part)
    if (
        reason
        and fields
        and not difference(_without(rows, fields), _without(found, fields), True)[0]
    ):
        told = "one run is one window, and a field names it"
        return Outcome(manifest, name, "on purpose", told, detail)
    for kind in kinds & set(_NOTES) if reason else ():
        if not keys(found) - keys(rows):
            return Outcome(manifest, name, "on purpose", _NOTES[kind], detail)
    if reason:
        return Outcome(manifest, name, "different", reason, detail)
    return Outcome(manifest, name, "equal")


def _of_windows(part: Any) -> set[str]:
    """The fields that are added, and say which window a record was read in."""
    return {
        str(plain(each.get("path"))[0])
        for change in part.parts("transformations")
        for each in change.parts("fields")
        if _WINDOW.search(each.text("value"))
    }


def _without(rows: list[Any], fields: set[str]) -> list[Any]:
    return [
        (
            {key: value for key, value in row.items() if key not in fields}
            if is_mapping(row)
            else row
        )
        for row in rows
    ]


def _reason(text: str) -> tuple[str, str]:
    for word, told in (
        ("ValidationError", "the manifest is refused"),
        ("Validation against", "the manifest is refused"),
        ("401", "credentials refused by the server"),
        ("404", "a request that the server does not know"),
        ("At least one job", "an export job"),
        ("CustomCodeNotPermitted", "it needs a Python component"),
        ("400", "the server could not answer"),
        ("no end", "no end in time"),
        ("UndefinedError", "a template fails"),
        ("ParserError", "a date is not read"),
        ("time data", "a date is not read"),
        ("No format", "a date is not read"),
    ):
        if word in text:
            return told, text
    return "another error", text


# ---- all of them


def table(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """The numbers, without names."""
    count = Counter(each.verdict for each in outcomes)
    ran = count["equal"] + count["different"] + count["on purpose"]

    def share(part: int) -> str:
        return f"{part} ({part / ran:.1%})" if ran else f"{part}"

    rows = [
        ("manifests", f"{len({each.manifest for each in outcomes})}"),
        ("streams without Python components", f"{len(outcomes) - count['custom']}"),
        ("  not runnable by the reference runtime", f"{count['not runnable']}"),
        *_reasons(outcomes, "not runnable"),
        ("  compared", f"{ran}"),
        ("    the same records", share(count["equal"])),
        ("    an error here, on purpose", f"{count['on purpose']}"),
        *_reasons(outcomes, "on purpose"),
        ("    different", f"{count['different']}"),
        *_reasons(outcomes, "different"),
    ]
    return rows


def _reasons(outcomes: list[Outcome], verdict: str) -> list[tuple[str, str]]:
    found = Counter(o.reason for o in outcomes if o.verdict == verdict)
    return [(f"      {reason}", f"{count}") for reason, count in found.most_common()]


def measured(paths: list[Path], python: Path, workers: int = 1) -> list[Outcome]:
    """Every manifest; with more workers the machine may be too slow for the time limits."""
    parts = [paths[i :: workers * 2] for i in range(workers * 2)]
    parts = [each for each in parts if each]
    with ProcessPoolExecutor(workers) as pool:
        made = pool.map(batch, parts, [python] * len(parts))
        return [each for found in made for each in found]


_TOLD = {"different", "on purpose", "not runnable"}


def _line(each: Outcome) -> tuple[str, ...]:
    return each.verdict, each.reason, each.manifest, each.stream, each.detail[:260]


def main() -> None:
    from tests.peers.applications import python_with

    wanted = [each for each in sys.argv[1:] if not each.startswith("--")]
    paths = manifests(wanted)
    outcomes = measured(paths, python_with(REFERENCE))
    for name, value in table(outcomes):
        print(f"{name:44} {value}")
    if "--differences" in sys.argv:
        for each in sorted(outcomes, key=lambda o: (o.verdict, o.reason, o.manifest)):
            if each.verdict in _TOLD:
                print(*_line(each), sep=" | ")


if __name__ == "__main__":
    main()
