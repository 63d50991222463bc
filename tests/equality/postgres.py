"""A PostgreSQL server of its own for a test, on the loopback interface."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def installed() -> bool:
    return bool(_program("initdb") and _program("postgres"))


def _program(name: str) -> str | None:
    places = os.pathsep.join([*map(str, _FOLDERS), os.environ.get("PATH", "")])
    return shutil.which(name, path=places)


@contextmanager
def running() -> Generator[str, None, None]:
    """The URL of an empty database while the block lasts; nobody else's are touched.

    Its password says nothing: whoever reaches the port is let in.
    """
    user = pwd.getpwnam("nobody").pw_name if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    process = None
    try:
        if user:  # it refuses to run as root
            shutil.chown(folder, user)
        data = folder / "data"
        made = ["-D", data, "-U", "test", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _run(["initdb", *map(str, made), "--locale=C"], user, folder)
        port = _free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
        }
        given = [f"-c{name}={value}" for name, value in options.items()]
        process = subprocess.Popen(
            [_program("postgres") or "", "-D", str(data), f"-p{port}", *given],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        _await(port, process, folder / "log")
        yield f"postgresql://test:none@127.0.0.1:{port}/postgres"
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], user: str | None, folder: Path) -> None:
    program = _program(command[0]) or ""
    done = subprocess.run(
        [program, *command[1:]], user=user, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"PostgreSQL did not start: {log.read_text()[-1000:]}")
