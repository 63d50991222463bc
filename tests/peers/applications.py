"""Applications that others wrote: installed once, started on loopback, called."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

INSTALL_SECONDS = 300
START_SECONDS = 60

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Peer:
    """A running application and what it holds."""

    spec: Path
    base_url: str
    credentials: Mapping[str, str]
    settings: Mapping[str, str]
    """Arguments of the source besides the credentials."""
    rows: Mapping[str, Sequence[Row]]
    """Resource to its records, as the application answers them, by id."""


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gen-connector" / "peers"


def python_with(*requirements: str) -> Path:
    """Python of an environment that holds the packages; made once, kept in the cache.

    Skips the test where the application cannot be installed.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    name = "-".join(each.replace("==", "-") for each in requirements)
    ready = cache_folder() / f"{name}-py{version}"
    if not ready.exists():
        ready.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=ready.parent))
        try:
            install(requirements, draft)
            # Another test process may have been faster: then its environment is used.
            draft.rename(ready)
        except OSError:
            if not ready.exists():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return ready / "bin" / "python"


WHOLE = "GEN_CONNECTOR_WHOLE" in os.environ
"""`make peers`: the applications that need node as well."""


def node_with(*packages: str) -> Path:
    """A folder below whose `node_modules` the packages are; made once, kept in the cache.

    Skips the test where they cannot be installed.
    """
    name = "-".join(each.replace("@", "-") for each in packages)
    ready = cache_folder() / f"node-{name}"
    if not WHOLE:
        pytest.skip(f"{name}: run by `make peers`")
    if not ready.exists():
        if shutil.which("npm") is None:
            pytest.skip(f"{name} needs node and npm")
        ready.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=ready.parent))
        npm = ["npm", "install", "--prefix", str(draft), "--no-audit", "--no-fund"]
        try:
            attempt([*npm, *packages], name)
            draft.rename(ready)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return ready


def install(requirements: Sequence[str], folder: Path) -> None:
    pip = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--retries",
        "1",
    ]
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [*pip, "--disable-pip-version-check", *requirements],
    ):
        attempt(command, ", ".join(requirements))


def attempt(command: Sequence[str], what: str) -> None:
    """Runs an installer; skips the test if it fails."""
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what}: not installed within {INSTALL_SECONDS} s")
    except subprocess.CalledProcessError as error:
        lines = str(error.stderr or error.stdout).strip().splitlines()
        pytest.skip(f"{what} cannot be installed: {lines[-1:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def call(method: str, url: str, body: object = None, user: str = "") -> Any:
    """The JSON answer of a request; `user` is `name:password`."""
    request = urllib.request.Request(url, method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if user:
        token = base64.b64encode(user.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


@contextmanager
def running(
    command: Sequence[str], folder: Path, probe: str, seconds: int = START_SECONDS
) -> Generator[None, None, None]:
    """Runs an application until the test is over; returns once `probe` answers."""
    log = folder / "log.txt"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=folder, stdout=sink, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + seconds
        while not answers(probe):
            stopped = process.poll() is not None
            if stopped or time.monotonic() > deadline:
                pytest.fail(f"{command} does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    try:
        call("GET", url)
    except urllib.error.HTTPError as error:
        return error.code == 401
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True
