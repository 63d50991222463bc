"""No network and no further processes: by audit hooks, which nothing can take away again."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_REFUSED = {
    "socket.connect": "the network",
    "socket.bind": "the network",
    "socket.getaddrinfo": "the network",
    "socket.gethostbyname": "the network",
    "socket.gethostbyaddr": "the network",
    "socket.sendto": "the network",
    "socket.sendmsg": "the network",
    "subprocess.Popen": "another program",
    "os.system": "another program",
    "os.exec": "another program",
    "os.posix_spawn": "another program",
    "os.spawn": "another program",
    "os.fork": "another process",
    "os.forkpty": "another process",
    "os.kill": "another process",
    "os.killpg": "another process",
    "pty.spawn": "another program",
}


class Refused(RuntimeError):
    """No OSError, for libraries try those again."""


def install() -> None:
    """From here on everything in the table is an error."""

    def hook(event: str, arguments: object) -> None:
        del arguments
        what = _REFUSED.get(event)
        if what is not None:
            raise Refused(f"{what} is out of reach while a module is imported")

    def refused(*arguments: object) -> None:
        hook("subprocess.Popen", arguments)

    sys.addaudithook(hook)
    try:
        forks: Any = importlib.import_module("_posixsubprocess")
    except ImportError:
        return
    # multiprocessing starts processes by it, and nothing is audited.
    forks.fork_exec = refused
