"""Runs the user's module in a process of its own, for a limited time, with hardly any environment."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from threading import Thread
from typing import IO

from generator.importers.dlt.recording import Recording, Unreadable, read_recording

SECONDS = 120
"""Time that a module has."""
_SHOWN = 16_000
"""Bytes of its output that are shown."""
_MOST = 50_000_000
_KEPT = frozenset("""
    PATH HOME LANG LC_ALL LC_CTYPE TZ TMPDIR TEMP TMP SYSTEMROOT VIRTUAL_ENV PYTHONPATH
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH
    """.split())
"""Variables that the process gets: none that may hold a secret."""
_START = (
    "import sys; module, answer, folder = sys.argv[1:]; sys.path.insert(0, folder); "
    "from gen_connector_recorder.run import main; sys.path.remove(folder); main(module, answer)"
)


def record(module: Path, python: str) -> Recording:
    """What the module passes to dlt; raises OSError where the Python cannot be started."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer")
        recorder = str(Path(__file__).parent)
        kept = {key: text for key, text in os.environ.items() if key in _KEPT}
        environment = {
            **kept,
            "DLT_DATA_DIR": folder,
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONUNBUFFERED": "1",
        }
        process = subprocess.Popen(
            [python, "-c", _START, str(module.resolve()), str(answer), recorder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        assert process.stdout is not None
        reader = _Reader(process.stdout)
        reader.start()
        ended = ""
        try:
            code = process.wait(SECONDS)
            if code:
                ended = f"it ended its process with the code {code}"
        except subprocess.TimeoutExpired:
            ended = f"it did not end within {SECONDS} seconds"
        finally:
            _stop(process)
        reader.join(5)
        if not reader.is_alive():
            process.stdout.close()
        recording = _answer(answer)
    recording.output = reader.text()
    if not recording.done:
        recording.ended = ended or "it ended its process"
    return recording


def _answer(path: Path) -> Recording:
    if path.exists() and path.stat().st_size > _MOST:
        raise Unreadable("it is too large")
    return read_recording(path)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and what it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


class _Reader(Thread):
    """Reads all output, so that the module is never held up, and keeps the beginning."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._kept = b""
        self._more = 0

    def run(self) -> None:
        while chunk := os.read(self._stream.fileno(), 65536):
            room = _SHOWN - len(self._kept)
            self._kept += chunk[:room]
            self._more += max(0, len(chunk) - room)

    def text(self) -> str:
        """What was printed, made safe for a terminal."""
        lines = self._kept.decode("utf-8", "replace").splitlines()
        shown = ["".join(c if c.isprintable() else " " for c in line) for line in lines]
        if self._more:
            shown.append(f"... and {self._more:,} bytes more")
        return "\n".join(shown)
