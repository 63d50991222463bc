"""Packages against the disk: what is written, kept, refused, and what a kill leaves."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import swap
from generator.diagnostics import Diagnostic, Location
from generator.output import (
    HandEdited,
    OutputError,
    connector_name,
    diff,
    is_current,
    status,
    write,
)
from generator.package import (
    MANIFEST,
    ManifestError,
    Package,
    digest,
    is_inside,
    manifest_text,
    read_manifest,
)

WARNING = Diagnostic(
    Location("some/where/tickets.yaml", 3, 5, 7),
    "no-primary-key",
    "no key",
    "warning",
    "h",
)
SPEC = b"connector: tickets\n"


def package(**changes: str | None) -> Package:
    """A package; changes name a file by its stem, None leaves it out."""
    files = {
        "__init__.py": "from .client import Client\n",
        "client.py": "class Client: ...\n",
        "_runtime/http.py": "HTTP = 1\n",
        "py.typed": "",
    }
    for stem, text in changes.items():
        path = "_runtime/http.py" if stem == "http" else f"{stem}.py"
        if text is None:
            del files[path]
        else:
            files[path] = text
    return Package(
        name="tickets",
        files=files,
        resources=("tickets", "agents"),
        warnings=(WARNING,),
        inputs={"tickets.yaml": digest(SPEC)},
        sources={"some/where/tickets.yaml": SPEC.decode()},
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def expected(made: Package) -> dict[str, bytes]:
    files = {path: text.encode() for path, text in made.files.items()}
    return {**files, MANIFEST: manifest_text(made).encode()}


# ---- the manifest


def test_manifest_is_the_same_for_the_same_package_in_any_order() -> None:
    made = package()
    turned = dataclasses.replace(
        made, files=dict(sorted(made.files.items(), reverse=True))
    )
    assert manifest_text(turned) == manifest_text(made)
    data = json.loads(manifest_text(made))
    assert (
        data["files"]["client.py"] == hashlib.sha256(b"class Client: ...\n").hexdigest()
    )
    assert "some/where" not in manifest_text(made)


def test_manifest_is_read_as_it_was_written() -> None:
    made = package()
    manifest = read_manifest(manifest_text(made))
    assert manifest.name == "tickets"
    assert manifest.resources == made.resources
    assert manifest.inputs == made.inputs
    place = dataclasses.replace(WARNING.location, file="tickets.yaml")
    assert manifest.warnings == (dataclasses.replace(WARNING, location=place),)


def test_warnings_name_the_input_that_they_are_about() -> None:
    made = dataclasses.replace(
        package(),
        inputs={"a.yaml": "1", "./x/ticket.json": "2", "ticket.json": "3"},
        warnings=tuple(
            dataclasses.replace(WARNING, location=Location(file))
            for file in (
                "specs/a.yaml",
                "/abs/x/ticket.json",
                "specs/ticket.json",
                "/b/c",
            )
        ),
    )
    warnings = read_manifest(manifest_text(made)).warnings
    found = [each.location.file for each in warnings]
    assert found == ["a.yaml", "./x/ticket.json", "ticket.json", "c"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "x", '"x"', "[" * 100_000]
    + [
        manifest_text(package()).replace('"client.py"', path)
        for path in ('"../client.py"', '"/etc/passwd"', '"a//b"', '"."', '"a\\\\b"')
    ]
    + [manifest_text(package()).replace('"tickets"', "3")],
)
def test_other_texts_are_no_manifest(text: str) -> None:
    with pytest.raises(ManifestError):
        read_manifest(text)


@pytest.mark.parametrize("path", ["a", "_runtime/a.py", ".gen", "a..b", "py.typed"])
def test_paths_inside(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize(
    "path",
    ["", "/a", "a/", "..", "a/../b", ".", "a b", "a\\b", "a\n", "\u00e9", "a\x00"],
)
def test_paths_outside(path: str) -> None:
    assert not is_inside(path)


# ---- writing


def test_a_package_is_written_and_then_unchanged(tmp_path: Path) -> None:
    made = package()
    written = write(tmp_path / "out" / "deep", made)
    target = tmp_path / "out" / "deep" / "tickets"
    assert tree(target) == expected(made)
    assert written.new == tuple(sorted(made.files))
    assert not written.changed and not written.unchanged and not written.is_current
    before = {path: path.stat().st_ino for path in target.rglob("*")}
    again = write(tmp_path / "out" / "deep", made)
    assert again.is_current and again.unchanged == tuple(sorted(made.files))
    assert {path: path.stat().st_ino for path in target.rglob("*")} == before
    assert [each.name for each in target.parent.iterdir()] == ["tickets"]


def test_changes_are_written_stale_files_removed_and_others_kept(
    tmp_path: Path,
) -> None:
    write(tmp_path, package(old="OLD = 1\n"))
    target = tmp_path / "tickets"
    (target / "hooks.py").write_text("mine\n")
    (target / "notes").mkdir()
    (target / "notes" / "a.txt").write_text("mine too\n")
    (target / "link").symlink_to("notes")
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "client.pyc").write_text("stale")
    made = package(client="class Client: pass\n", new="NEW = 1\n")
    written = write(tmp_path, made)
    assert written.new == ("new.py",)
    assert written.changed == ("client.py",)
    assert written.removed == ("old.py",)
    assert written.unchanged == ("__init__.py", "_runtime/http.py", "py.typed")
    assert os.readlink(target / "link") == "notes"
    (target / "link").unlink()
    assert tree(target) == {
        **expected(made),
        "hooks.py": b"mine\n",
        "notes/a.txt": b"mine too\n",
    }
    assert [each.name for each in tmp_path.iterdir()] == ["tickets"]


def test_modes_are_kept_and_follow_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(tmp_path, package())
        target = tmp_path / "tickets"
        assert stat.S_IMODE(target.stat().st_mode) == 0o750
        assert stat.S_IMODE((target / "client.py").stat().st_mode) == 0o640
        target.chmod(0o755)
        (target / "client.py").chmod(0o664)
        write(tmp_path, package(client="class Client: pass\n"))
    finally:
        os.umask(old)
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert stat.S_IMODE((target / "client.py").stat().st_mode) == 0o664


def test_a_file_deleted_by_hand_comes_back(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / "client.py").unlink()
    assert write(tmp_path, package()).new == ("client.py",)
    assert tree(tmp_path / "tickets") == expected(package())


# ---- files edited by hand


def test_edited_files_are_all_reported_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, package(old="OLD = 1\n"))
    target = tmp_path / "tickets"
    for name in ("client.py", "old.py", "py.typed"):
        (target / name).write_text("edited\n")
    before = tree(target)
    with pytest.raises(HandEdited) as caught:
        write(tmp_path, package(new="NEW = 1\n"))
    edited = tuple(target / name for name in ("client.py", "old.py", "py.typed"))
    assert caught.value.paths == edited
    assert tree(target) == before
    write(tmp_path, package(new="NEW = 1\n"), force=True)
    assert tree(target) == expected(package(new="NEW = 1\n"))


def test_an_edit_that_is_what_the_spec_gives_now_is_none(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / "client.py").write_text("class Client: pass\n")
    made = package(client="class Client: pass\n")
    assert write(tmp_path, made).edited == ()
    assert tree(tmp_path / "tickets") == expected(made)


def test_a_file_of_the_users_where_one_is_to_be_is_an_edit(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / "new.py").write_text("mine\n")
    with pytest.raises(HandEdited, match=r"new\.py"):
        write(tmp_path, package(new="NEW = 1\n"))


# ---- what is refused


def test_somebody_elses_folder_is_refused_with_force_too(tmp_path: Path) -> None:
    target = tmp_path / "tickets"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work\n")
    for force in (False, True):
        with pytest.raises(OutputError, match=r"did not write \(thesis\.txt\)"):
            write(tmp_path, package(), force=force)
    assert tree(target) == {"thesis.txt": b"years of work\n"}
    assert len(list(tmp_path.iterdir())) == 1


def test_an_empty_folder_or_one_with_the_same_files_is_taken(tmp_path: Path) -> None:
    (tmp_path / "tickets").mkdir()
    write(tmp_path, package())
    (tmp_path / "tickets" / MANIFEST).unlink()
    write(tmp_path, package())
    assert tree(tmp_path / "tickets") == expected(package())


def test_a_broken_manifest_is_refused_and_forced(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / MANIFEST).write_text("<<<<<<< ours\n")
    with pytest.raises(OutputError, match="not a manifest"):
        write(tmp_path, package())
    write(tmp_path, package(), force=True)
    assert tree(tmp_path / "tickets") == expected(package())


@pytest.mark.parametrize("place", ["tickets", "tickets/_runtime", "tickets/client.py"])
@pytest.mark.parametrize("force", [False, True])
def test_symbolic_links_are_refused(tmp_path: Path, place: str, force: bool) -> None:
    outside = tmp_path / "outside"
    write(outside, package())
    inside = tmp_path / "out"
    write(inside, package())
    swap.discard(inside / place)
    (inside / place).unlink(missing_ok=True)
    (inside / place).symlink_to(outside / place)
    before = tree(outside)
    made = package(client="changed\n", http="changed\n")
    with pytest.raises(OutputError, match="symbolic link"):
        write(inside, made, force)
    with pytest.raises(OutputError, match="symbolic link"):
        diff(inside, made)
    assert tree(outside) == before


def test_an_output_folder_that_is_a_link_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", package())
    assert tree(tmp_path / "real" / "tickets") == expected(package())


@pytest.mark.parametrize("place", ["out", "out/tickets"])
def test_a_file_where_the_folder_should_be(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("a file\n")
    for act in (write, status, diff):
        with pytest.raises(OutputError, match=r"folder") as caught:
            act(tmp_path / "out", package())
        assert str(tmp_path / place) in str(caught.value)
    assert (tmp_path / place).read_text() == "a file\n"


def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / "new.py").mkdir()
    with pytest.raises(OutputError, match=r"new\.py is where a file"):
        write(tmp_path, package(new="NEW = 1\n"))


def test_an_output_folder_that_cannot_be_made() -> None:
    with pytest.raises(OutputError, match="no output: /proc/"):
        write(Path("/proc/nothing/out"), package())


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT]
)
def test_a_full_or_unwritable_disk_is_one_message_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write(tmp_path, package())
    real = Path.write_bytes
    written: list[Path] = []

    def fails(self: Path, data: bytes) -> int:
        written.append(self)
        if self.name == MANIFEST:
            raise OSError(code, os.strerror(code))
        return real(self, data)

    monkeypatch.setattr(Path, "write_bytes", fails)
    with pytest.raises(OutputError, match=os.strerror(code)) as caught:
        write(tmp_path, package(new="NEW = 1\n"))
    monkeypatch.undo()
    assert written and str(tmp_path / "tickets") in str(caught.value)
    assert tree(tmp_path / "tickets") == expected(package())
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_an_unwritable_folder_is_one_message(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        write(tmp_path, package())


@pytest.mark.parametrize("path", ["../a.py", "/a.py", "a/../../b.py", MANIFEST, "a\n"])
def test_a_package_cannot_name_a_path_outside_of_itself(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        dataclasses.replace(package(), files={path: ""})
    with pytest.raises(ValueError, match="not the name"):
        dataclasses.replace(package(), name=f"x{path}")


# ---- the diff


def test_no_difference_is_an_empty_diff(tmp_path: Path) -> None:
    write(tmp_path, package())
    assert diff(tmp_path, package()) == ""
    assert status(tmp_path, package()).is_current


def test_the_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    old = package(old="OLD = 1\n", http="no newline \u00e9")
    write(tmp_path / "out", old)
    made = package(client="class Client: pass\n", new="NEW = 1\n", empty="")
    text = diff(tmp_path / "out", made)
    assert text == diff(tmp_path / "out", made)
    assert "--- a/tickets/old.py\n+++ /dev/null\n" in text
    assert "--- /dev/null\n+++ b/tickets/new.py\n" in text
    assert "--- /dev/null\n+++ b/tickets/empty.py\n" in text
    (tmp_path / "patch").write_text(
        text.replace("--- /dev/null\n+++ b/tickets/empty.py\n", ""), encoding="utf-8"
    )
    command = ["git", "apply", "--unsafe-paths", "--directory", "out", "../patch"]
    subprocess.run(
        [*command[:2], "-p1", str(tmp_path / "patch")], cwd=tmp_path / "out", check=True
    )
    (tmp_path / "out" / "tickets" / "empty.py").write_text("")
    assert tree(tmp_path / "out" / "tickets") == expected(made)


def test_a_difference_in_the_manifest_alone_is_one(tmp_path: Path) -> None:
    write(tmp_path, package())
    other = dataclasses.replace(package(), inputs={"tickets.yaml": digest(b"other")})
    assert not status(tmp_path, other).is_current
    assert MANIFEST in diff(tmp_path, other)


def test_undecodable_bytes_on_disk_are_shown(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets" / "client.py").write_bytes(b"\xff\xfe")
    assert "\\xff\\xfe" in diff(tmp_path, package())


# ---- recognising what is current


@pytest.fixture
def current(tmp_path: Path) -> tuple[Path, Path]:
    """An output folder that is current, and its spec."""
    spec = tmp_path / "specs" / "tickets.yaml"
    spec.parent.mkdir()
    spec.write_bytes(SPEC)
    write(tmp_path / "out", package())
    return tmp_path / "out", spec


def test_unchanged_input_and_output_are_current(current: tuple[Path, Path]) -> None:
    folder, spec = current
    manifest = is_current(folder, "tickets", spec)
    assert manifest is not None and manifest.resources == ("tickets", "agents")


def _append(path: str) -> Callable[[Path, Path], None]:
    def change(folder: Path, spec: Path) -> None:
        place = folder / "tickets" / path
        place.write_bytes(place.read_bytes() + b"\n")

    return change


def _edit_spec(folder: Path, spec: Path) -> None:
    spec.write_bytes(SPEC + b"\n")


def _remove_spec(folder: Path, spec: Path) -> None:
    spec.unlink()


def _remove_file(folder: Path, spec: Path) -> None:
    (folder / "tickets" / "py.typed").unlink()


def _age_manifest(folder: Path, spec: Path) -> None:
    os.utime(folder / "tickets" / MANIFEST, (1, 1))


def _other_version(folder: Path, spec: Path) -> None:
    place = folder / "tickets" / MANIFEST
    data = json.loads(place.read_text())
    place.write_text(json.dumps({**data, "generator": "0.0.0"}))


def _break_manifest(folder: Path, spec: Path) -> None:
    (folder / "tickets" / MANIFEST).write_text("{")


@pytest.mark.parametrize(
    "change",
    [
        _append("client.py"),
        _append("_runtime/http.py"),
        _append("py.typed"),
        _edit_spec,
        _remove_spec,
        _remove_file,
        _age_manifest,
        _other_version,
        _break_manifest,
    ],
)
def test_any_change_is_noticed(
    current: tuple[Path, Path], change: Callable[[Path, Path], None]
) -> None:
    folder, spec = current
    change(folder, spec)
    assert is_current(folder, "tickets", spec) is None


def test_another_spec_of_the_same_text_is_not_current(
    current: tuple[Path, Path],
) -> None:
    folder, spec = current
    other = spec.with_name("other.yaml")
    spec.rename(other)
    assert is_current(folder, "tickets", other) is None
    assert is_current(folder, "other", other) is None


def test_a_run_that_changes_nothing_makes_an_old_manifest_current(
    current: tuple[Path, Path],
) -> None:
    folder, spec = current
    _age_manifest(folder, spec)
    write(folder, package())
    assert is_current(folder, "tickets", spec) is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("connector: shop\n", "shop"),
        ("version: 1\nconnector:   'shop'  # a\n", "shop"),
        ('{"connector": "shop"}', "shop"),
        ('{\n  "connector": "shop"\n}', "shop"),
        ("resources: []\n", "spec"),
        ("", "spec"),
        ("\x00\x00", "spec"),
    ],
)
def test_the_connectors_name_is_found_without_a_parser(
    tmp_path: Path, text: str, name: str
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text(text)
    assert connector_name(spec) == name


# ---- runs that are killed

WRITER = """
import sys
from pathlib import Path
from generator import output, swap
from generator.package import Package
if sys.argv[2] == "fallback":
    swap._exchange = lambda one, other: False
def package(letter):
    files = {f"{letter}{i}.py": letter * 2000 for i in range(20)}
    files["both.py"] = letter
    return Package("tickets", files, (), (), {})
folder = Path(sys.argv[1])
output.write(folder, package("a"), force=True)
print("ready", flush=True)
while True:
    output.write(folder, package("b"))
    output.write(folder, package("a"))
"""


@pytest.mark.parametrize("way", ["exchange", "fallback"])
def test_a_killed_run_leaves_one_package_or_the_other(tmp_path: Path, way: str) -> None:
    chance = random.Random(7)
    target = tmp_path / "tickets"
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), way], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        (target / "hooks.py").write_text("mine\n") if target.exists() else None
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        if way == "fallback":
            swap.recover(target)
        manifest = read_manifest((target / MANIFEST).read_text())
        found = {path: digest(content) for path, content in tree(target).items()}
        del found[MANIFEST]
        found.pop("hooks.py", None)
        assert found == manifest.files and len(found) == 21
    subprocess.run(
        [sys.executable, "-c", WRITER.split("print")[0], str(tmp_path), way], check=True
    )
    assert [each.name for each in tmp_path.iterdir()] == ["tickets"]


def test_a_run_that_finds_only_the_old_folder_puts_it_back(tmp_path: Path) -> None:
    write(tmp_path, package())
    (tmp_path / "tickets").rename(tmp_path / ".tickets.0123abcd.old")
    (tmp_path / ".tickets.4567abcd.tmp").mkdir()
    (tmp_path / ".tickets.mine.tmp").mkdir()
    (tmp_path / ".other.4567abcd.tmp").mkdir()
    assert write(tmp_path, package()).is_current
    names = sorted(each.name for each in tmp_path.iterdir())
    assert names == [".other.4567abcd.tmp", ".tickets.mine.tmp", "tickets"]


def test_without_exchange_a_failed_rename_puts_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, package())
    monkeypatch.setattr(swap, "_exchange", lambda one, other: False)  # pyright: ignore
    real = Path.rename

    def fails(self: Path, target: Path) -> Path:
        if self.suffix == ".tmp":
            raise OSError(errno.EIO, "input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OutputError, match="input/output error"):
        write(tmp_path, package(new="NEW = 1\n"))
    assert tree(tmp_path / "tickets") == expected(package())
    assert len(list(tmp_path.iterdir())) == 1


def test_two_runs_at_once_wait_for_each_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER.replace("while True", "for _ in range(30)")]
    runs = [
        subprocess.Popen(
            [*command, str(tmp_path), "exchange"], stdout=subprocess.DEVNULL
        )
        for _ in range(2)
    ]
    assert [run.wait() for run in runs] == [0, 0]
    assert [each.name for each in tmp_path.iterdir()] == ["tickets"]


def test_nothing_heavy_is_imported_to_recognise_what_is_current() -> None:
    code = (
        "import sys\nimport generator.output\n"
        "heavy = {'pydantic', 'jinja2', 'yaml', 'black', 'shutil', 'ctypes'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
