"""The commands: what they print, write and refuse, and the code they end with."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from generator import __version__, cli, pipeline
from generator.diagnostics import Diagnostic, Location, Severity, SpecError
from generator.output import is_current
from generator.package import MANIFEST, Package, digest


def fake_compile(spec: Path) -> Package:
    """Compiles `connector: x` with `warning`, `error` and `bug` lines, as the pipeline would."""
    try:
        text = spec.read_text(encoding="utf-8")
    except OSError as error:
        missing = Diagnostic(Location(str(spec)), "unreadable", str(error.strerror))
        raise SpecError([missing]) from None
    found: dict[Severity, list[Diagnostic]] = {"error": [], "warning": []}
    name = spec.stem
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = line.partition(": ")
        place = Location(str(spec), number, 1, len(key))
        for severity in found:
            if key == severity:
                problem = Diagnostic(place, value, "a message", severity, "a hint")
                found[severity].append(problem)
        if key == "bug":
            raise RecursionError(value)
        elif key == "connector":
            name = value
    if found["error"]:
        raise SpecError([*found["error"], *found["warning"]], {str(spec): text})
    return Package(
        name=name,
        files={"client.py": f"TEXT = {text!r}\n", "models.py": "", "py.typed": ""},
        resources=("tickets",),
        warnings=tuple(found["warning"]),
        inputs={spec.name: digest(text.encode())},
        sources={str(spec): text},
    )


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Command = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one good spec, `tickets.yaml`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tickets.yaml").write_text("connector: tickets\n")
    return tmp_path


@pytest.fixture
def real_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """The command in this process."""

    def command(*words: str | Path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["gen-connector", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in captured.err
        return Ran(ended.value.code, captured.out, captured.err)

    return command


@pytest.fixture
def run(real_run: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process, over the fake pipeline."""
    monkeypatch.setattr(pipeline, "compile_spec", fake_compile)
    return real_run


def files(folder: Path) -> Mapping[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


# ---- words


@pytest.mark.parametrize("words", [["tickets.yaml"], ["generate", "tickets.yaml"]])
def test_generate_is_the_default_command(
    run: Command, folder: Path, words: list[str]
) -> None:
    ran = run(*words)
    place = os.path.join("generated", "tickets")
    assert ran == Ran(0, f"tickets: 1 resource, 3 files (3 new) -> {place}\n", "")
    assert sorted(files(folder / "generated")) == [
        f"tickets/{name}" for name in (MANIFEST, "client.py", "models.py", "py.typed")
    ]


@pytest.mark.parametrize(
    "words", [["-o", "out", "tickets.yaml"], ["tickets.yaml", "--output", "out"]]
)
def test_options_may_stand_on_either_side(
    run: Command, folder: Path, words: list[str]
) -> None:
    assert run(*words).code == 0
    assert (folder / "out" / "tickets" / MANIFEST).exists()


def test_a_commands_name_wins_over_a_file(run: Command, folder: Path) -> None:
    (folder / "lint").write_text("connector: lint\n")
    assert run("lint").code == 2
    assert run("./lint").code == 0


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("lnt", "'lint'"),
        ("tikets.yaml", "'tickets.yaml'"),
        ("specs/ticket.yaml", "'specs/tickets.yaml'"),
        ("qqqqqqqq", ""),
        ("nowhere/tickets.yaml", ""),
        ("\x1b[31m\u202e\n", ""),
    ],
)
def test_an_unknown_word_is_a_usage_error(
    run: Command, folder: Path, word: str, hint: str
) -> None:
    (folder / "specs").mkdir()
    (folder / "specs" / "tickets.yaml").write_text("")
    ran = run(word)
    assert ran.code == 2 and not ran.out
    assert "neither a command nor a file" in ran.err
    assert ("did you mean" in ran.err) == bool(hint) and hint in ran.err
    assert "\x1b" not in ran.err and "\u202e" not in ran.err
    assert not (folder / "generated").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--unknown", "tickets.yaml"],
        ["tickets.yaml", "--format", "xml"],
        ["tickets.yaml", "--check", "--stdout"],
        ["tickets.yaml", "--stdout", "--format", "json"],
        ["generate"],
        ["lint"],
        ["serve"],
        ["schema", "extra"],
        ["completion", "csh"],
        ["serve", "tickets.yaml", "--fail-rate", "2"],
    ],
)
def test_wrong_usage_exits_with_2(run: Command, folder: Path, words: list[str]) -> None:
    ran = run(*words)
    assert ran.code == 2 and ran.err.startswith("Usage: gen-connector")
    assert not (folder / "generated").exists()


@pytest.mark.parametrize("words", [["--help"], ["-h"], []])
def test_help_is_one_screen(run: Command, words: list[str]) -> None:
    ran = run(*words)
    text = ran.out or ran.err
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80
    for word in (
        "SPEC...",
        "--output",
        "--check",
        "--force",
        "lint",
        "serve",
        "schema",
    ):
        assert word in text


@pytest.mark.parametrize(
    "command", ["generate", "lint", "schema", "serve", "completion"]
)
def test_every_command_has_help(run: Command, command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0 and f"gen-connector {command}" in ran.out
    assert len(ran.out.splitlines()) <= 24


def test_version(run: Command) -> None:
    assert run("--version") == Ran(0, f"gen-connector, version {__version__}\n", "")


# ---- results


def test_warnings_are_printed_and_counted_the_second_time_too(
    run: Command, folder: Path
) -> None:
    (folder / "specs").mkdir()
    spec = folder / "specs" / "shop.yaml"
    spec.write_text("connector: shop\nwarning: no-primary-key\n")
    first = run("specs/shop.yaml")
    assert first.code == 0
    assert first.out.endswith(
        f"1 resource, 3 files (3 new), 1 warning -> {os.path.join('generated', 'shop')}\n"
    )
    assert "specs/shop.yaml:2:1: warning[no-primary-key]: a message\n" in first.err
    assert "  2 | warning: no-primary-key\n    | ^^^^^^^\n  hint: a hint\n" in first.err
    assert is_current(folder / "generated", "shop", spec)
    second = run("specs/shop.yaml")
    assert second.err == first.err
    assert "(3 unchanged), 1 warning" in second.out


def test_an_unchanged_spec_is_not_compiled(
    run: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("tickets.yaml")

    def fails(spec: Path) -> Package:
        raise AssertionError("compiled")

    monkeypatch.setattr(pipeline, "compile_spec", fails)
    assert "(3 unchanged)" in run("tickets.yaml").out
    for words in (["--check"], ["--stdout"]):
        assert "internal" in run("tickets.yaml", *words).err


def test_changes_are_counted(run: Command, folder: Path) -> None:
    run("tickets.yaml")
    (folder / "tickets.yaml").write_text("connector: tickets\n# changed\n")
    assert "3 files (1 changed, 2 unchanged)" in run("tickets.yaml").out


def test_strict_makes_warnings_errors(run: Command, folder: Path) -> None:
    (folder / "tickets.yaml").write_text("connector: tickets\nwarning: a-code\n")
    ran = run("tickets.yaml", "--strict")
    assert ran.code == 1 and "error[a-code]" in ran.err and not ran.out
    assert not (folder / "generated").exists()
    run("tickets.yaml")
    assert run("tickets.yaml", "--strict").code == 1


def test_a_spec_with_errors_writes_nothing_and_does_not_stop_the_others(
    run: Command, folder: Path
) -> None:
    (folder / "bad.yaml").write_text("connector: bad\nerror: one\nerror: two\n")
    (folder / "worse.yaml").write_text("error: three\n")
    ran = run("bad.yaml", "tickets.yaml", "missing.yaml", "worse.yaml")
    assert ran.code == 1
    for code in ("error[one]", "error[two]", "error[three]", "error[unreadable]"):
        assert code in ran.err
    assert sorted(each.name for each in (folder / "generated").iterdir()) == ["tickets"]
    assert ran.out.count("\n") == 1


def test_two_specs_with_one_connectors_name_are_errors(
    run: Command, folder: Path
) -> None:
    (folder / "other.yaml").write_text("connector: tickets\n#\n")
    for _ in range(2):
        ran = run("tickets.yaml", "other.yaml")
        assert ran.code == 1 and ran.err.count("error[duplicate-connector]") == 2
        assert "also that of other.yaml" in ran.err
        assert not (folder / "generated").exists()


def test_the_same_spec_twice_is_one(run: Command, folder: Path) -> None:
    assert run("tickets.yaml", "tickets.yaml").out.count("\n") == 1


def test_a_bug_is_one_message_and_does_not_stop_the_others(
    run: Command, folder: Path
) -> None:
    (folder / "deep.yaml").write_text("bug: too\x07 deep\n")
    ran = run("deep.yaml", "tickets.yaml")
    assert ran.code == 1 and "tickets: 1 resource" in ran.out
    assert "deep.yaml: error[internal]: RecursionError: too\\x07 deep" in ran.err


def test_lint_writes_nothing(run: Command, folder: Path) -> None:
    (folder / "bad.yaml").write_text("error: one\n")
    assert run("lint", "tickets.yaml") == Ran(0, "tickets: 1 resource, 3 files\n", "")
    ran = run("lint", "tickets.yaml", "bad.yaml")
    assert ran.code == 1 and "error[one]" in ran.err
    assert not (folder / "generated").exists()


def test_stdout_prints_every_file_and_writes_nothing(
    run: Command, folder: Path
) -> None:
    ran = run("tickets.yaml", "--stdout")
    assert ran.code == 0
    assert ran.out == (
        "# ---- tickets/client.py\nTEXT = 'connector: tickets\\n'\n"
        "# ---- tickets/models.py\n# ---- tickets/py.typed\n"
    )
    assert ran.err == "tickets: 1 resource, 3 files\n"
    assert not (folder / "generated").exists()


# ---- --check


def test_check_exits_with_3_and_a_diff_until_it_is_written(
    run: Command, folder: Path
) -> None:
    ran = run("tickets.yaml", "--check")
    assert ran.code == 3 and "out of date" in ran.err
    assert "--- /dev/null\n+++ b/tickets/client.py\n" in ran.out
    assert not (folder / "generated").exists()
    run("tickets.yaml")
    ran = run("tickets.yaml", "--check")
    assert ran.code == 0 and not ran.out and "(3 unchanged)" in ran.err
    (folder / "generated" / "tickets" / "client.py").write_text("edited\n")
    before = files(folder)
    ran = run("tickets.yaml", "--check")
    assert ran.code == 3 and "-edited\n" in ran.out
    assert files(folder) == before


def test_check_of_a_spec_with_errors_exits_with_1(run: Command, folder: Path) -> None:
    (folder / "bad.yaml").write_text("error: one\n")
    assert run("bad.yaml", "tickets.yaml", "--check").code == 1


# ---- hand-edited and unwritable output


def test_hand_edited_files_are_all_reported_and_kept_until_forced(
    run: Command, folder: Path
) -> None:
    run("tickets.yaml")
    for name in ("client.py", "models.py"):
        (folder / "generated" / "tickets" / name).write_text("edited\n")
    before = files(folder)
    ran = run("tickets.yaml")
    assert ran.code == 3 and not ran.out and files(folder) == before
    for name in ("client.py", "models.py"):
        place = os.path.join("generated", "tickets", name)
        assert f"{place}: error[hand-edited]: " in ran.err
    assert "--force" in ran.err
    assert run("tickets.yaml", "--force").code == 0
    assert run("tickets.yaml", "--check").code == 0


def test_output_that_cannot_be_written_is_one_message(
    run: Command, folder: Path
) -> None:
    (folder / "file").write_text("")
    ran = run("tickets.yaml", "-o", "file")
    assert ran == Ran(
        1, "", "tickets.yaml: error[output]: no output: file is not a folder\n"
    )
    ran = run("tickets.yaml", "-o", "/proc/nothing")
    assert ran.code == 1 and ran.err.count("\n") == 1
    (folder / "generated" / "tickets").mkdir(parents=True)
    (folder / "generated" / "tickets" / "thesis.txt").write_text("")
    ran = run("tickets.yaml", "--force")
    assert ran.code == 1 and "did not write (thesis.txt)" in ran.err


# ---- JSON


def test_json_holds_diagnostics_and_packages(run: Command, folder: Path) -> None:
    (folder / "shop.yaml").write_text("connector: shop\nwarning: a-code\n")
    (folder / "bad.yaml").write_text("error: one\n")
    ran = run("shop.yaml", "bad.yaml", "--format", "json")
    assert ran.code == 1 and not ran.err
    data = json.loads(ran.out)
    assert data["diagnostics"] == [
        {
            "file": file,
            "line": line,
            "column": 1,
            "width": width,
            "severity": severity,
            "code": code,
            "message": "a message",
            "hint": "a hint",
        }
        for file, line, width, severity, code in (
            ("shop.yaml", 2, 7, "warning", "a-code"),
            ("bad.yaml", 1, 5, "error", "one"),
        )
    ]
    assert data["packages"] == [
        {
            "spec": "shop.yaml",
            "connector": "shop",
            "resources": ["tickets"],
            "folder": os.path.join("generated", "shop"),
            "new": ["client.py", "models.py", "py.typed"],
            "changed": [],
            "removed": [],
            "unchanged": [],
        }
    ]


def test_json_of_check_holds_the_diff(run: Command, folder: Path) -> None:
    ran = run("tickets.yaml", "--check", "--format", "json")
    [found] = json.loads(ran.out)["packages"]
    assert ran.code == 3 and found["out_of_date"] and "+++ b/tickets" in found["diff"]
    ran = run("lint", "tickets.yaml", "--format", "json")
    assert json.loads(ran.out)["packages"][0]["connector"] == "tickets"


# ---- the other commands


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(run: Command, shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0 and "_GEN_CONNECTOR_COMPLETE" in ran.out


def completed(words: str, current: str, folder: Path) -> str:
    environment = {
        **os.environ,
        "_GEN_CONNECTOR_COMPLETE": "fish_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": current,
    }
    command = [sys.executable, "-m", "generator"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_completion_knows_commands_options_and_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(cli.__file__).parents[1]))
    assert "plain,lint" in completed("gen-connector li", "li", folder)
    assert "file,tick" in completed("gen-connector tick", "tick", folder)
    assert "--check" in completed("gen-connector tickets.yaml --ch", "--ch", folder)
    assert "file,tick" in completed("gen-connector lint tick", "tick", folder)


# ---- whole processes

STUB = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from generator import pipeline
from test_cli import fake_compile
pipeline.compile_spec = fake_compile
from generator.cli import main
main()
"""


def start(folder: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", STUB, *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(cli.__file__).parents[1]),
            **environment,
        },
    )


def test_a_reader_that_goes_away_is_no_traceback(folder: Path) -> None:
    (folder / "tickets.yaml").write_text("connector: tickets\n" + "# text\n" * 100_000)
    process = start(folder, "tickets.yaml", "--stdout")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1 and error == b""


def test_ctrl_c_is_one_line_and_130(folder: Path) -> None:
    os.mkfifo(folder / "slow.yaml")
    process = start(folder, "slow.yaml")
    writer = os.open(folder / "slow.yaml", os.O_WRONLY)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    os.close(writer)
    assert process.returncode == 130
    assert (out, error.strip()) == (b"", b"interrupted")
    assert not (folder / "generated").exists()


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C.UTF-8"},
    ],
)
def test_output_does_not_depend_on_the_locale(
    folder: Path, environment: dict[str, str]
) -> None:
    text = "connector: tickets\n# \u00e9\u20ac\U0001f600\nwarning: w\u00e9\n"
    (folder / "tickets.yaml").write_text(text, encoding="utf-8")
    process = start(folder, "tickets.yaml", "--stdout", **environment)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 0 and b"Traceback" not in error
    assert "\u00e9\u20ac\U0001f600" in out.decode()


def test_a_progress_bar_only_on_a_terminal(folder: Path) -> None:
    import pty

    for number in range(5):
        (folder / f"s{number}.yaml").write_text("")
    words = [f"s{number}.yaml" for number in range(5)]
    plain = start(folder, *words)
    assert plain.communicate(timeout=30)[1] == b""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", STUB, *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=child,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 1000)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(parent)
    assert process.wait() == 0
    assert b"100%" in shown


# ---- over the real pipeline

SMALL = """\
connector: small
client:
  base_url: https://api.example.com
  paginator: single_page
resource_defaults:
  primary_key: id
resources:
  - name: things
    endpoint: /things
    schema:
      type: object
      required: [id]
      properties:
        id: {type: integer}
"""


def _big(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100_000_000)


BAD_INPUT: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "empty": lambda path: path.write_text(""),
    "not YAML": lambda path: path.write_text("{{{{"),
    "a list": lambda path: path.write_text("- a\n"),
    "a number": lambda path: path.write_text("3\n"),
    "a directory": lambda path: path.mkdir(),
    "100 MB": _big,
    "not text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "nothing in it": lambda path: path.write_text("{}\n"),
    "a broken link": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
}


@pytest.mark.parametrize("kind", BAD_INPUT)
def test_bad_input_is_a_clear_message(
    real_run: Command, folder: Path, kind: str
) -> None:
    BAD_INPUT[kind](folder / "spec.yaml")
    before = sorted(folder.iterdir())
    ran = real_run("generate", "spec.yaml")
    assert ran.code == 1 and not ran.out
    assert ran.err.startswith("spec.yaml") and "error[" in ran.err
    assert "internal" not in ran.err
    assert sorted(folder.iterdir()) == before


def test_a_spec_is_compiled_recognised_checked_and_printed(
    real_run: Command, folder: Path
) -> None:
    (folder / "small.yaml").write_text(SMALL)
    first = real_run("small.yaml")
    assert first.code == 0 and first.out.startswith("small: 1 resource, ")
    written = files(folder / "generated")
    assert "unchanged)" in real_run("small.yaml").out
    assert real_run("small.yaml", "--check").code == 0
    printed = real_run("small.yaml", "--stdout").out
    for path, content in written.items():
        if not path.endswith(MANIFEST):
            assert f"# ---- {path}\n{content.decode()}" in printed
    assert files(folder / "generated") == written


def test_what_is_unchanged_is_recognised_without_the_compiler(
    real_run: Command, folder: Path
) -> None:
    (folder / "small.yaml").write_text(SMALL)
    assert real_run("small.yaml").code == 0
    code = (
        "import atexit, sys\n"
        "sys.argv = ['gen-connector', 'small.yaml']\n"
        "heavy = {'pydantic', 'jinja2', 'yaml', 'black', 'generator.pipeline'}\n"
        "atexit.register(lambda: print(sorted(heavy & set(sys.modules))))\n"
        "from generator.cli import main\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
        check=True,
    )
    assert "unchanged" in done.stdout and done.stdout.endswith("\n[]\n")


def test_the_same_bytes_from_any_folder_hash_seed_and_locale(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "small.yaml").write_text(
        SMALL.replace("primary_key: id", "{}")
    )
    found: list[Mapping[str, bytes]] = []
    for number, (working, spec) in enumerate(
        [
            (".", "specs/small.yaml"),
            ("specs", "small.yaml"),
            ("/", str(tmp_path / "specs")),
        ]
    ):
        spec = spec if spec.endswith(".yaml") else os.path.join(spec, "small.yaml")
        subprocess.run(
            [sys.executable, "-m", "generator", spec, "-o", tmp_path / f"out{number}"],
            cwd=tmp_path / working,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(cli.__file__).parents[1]),
                "PYTHONHASHSEED": str(number),
                "LC_ALL": ["C", "C.UTF-8", "POSIX"][number],
            },
            check=True,
            capture_output=True,
        )
        found.append(files(tmp_path / f"out{number}"))
    assert found[0] == found[1] == found[2]
    assert str(tmp_path).encode() not in b"".join(found[0].values())


def test_schema_prints_a_json_schema(real_run: Command) -> None:
    ran = real_run("schema")
    assert ran.code == 0 and "properties" in json.loads(ran.out)


def test_serve_answers_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "serve", "small.yaml", "--port", "0"]
        + ["--records", "7"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
    )
    assert process.stdout is not None
    found = re.search(rb"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert found is not None
    with urlopen(f"{found[0].decode()}/things", timeout=30) as answer:
        assert b'"id"' in answer.read()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert b"Traceback" not in error and process.returncode in (0, 130)


def test_serve_of_a_bad_spec_or_a_taken_port_is_a_message(
    real_run: Command, folder: Path
) -> None:
    ran = real_run("serve", "missing.yaml")
    assert ran.code == 1 and "missing.yaml: error[" in ran.err
    (folder / "small.yaml").write_text(SMALL)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = real_run("serve", "small.yaml", "--port", port)
    assert ran.code == 1 and ran.err.startswith(f"no server on port {port}: ")
