"""The API that is read, in a process of its own: it sends slices of one file, and no more.

`/TOTAL/MILLISECONDS/tickets?offset=&limit=` answers after that time with a page of the
first TOTAL records. They are written as JSON before the server starts, so that a page
costs it a few system calls.
"""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
import threading
import time
from array import array
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import BinaryIO

from tests.benchmarks.runtime.records import line

_TARGET = re.compile(rb"GET /(\d+)/(\d+)/tickets\?(\S*) HTTP/1\.1")
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


class Pages:
    """All records in one file, and where each of them begins."""

    def __init__(self, records: int, file: BinaryIO) -> None:
        self.descriptor = file.fileno()
        self._starts = array("Q", [0])
        end = 0
        for number in range(records):
            end += file.write(line(number).encode() + b",")
            self._starts.append(end)
        file.flush()

    def slice(self, start: int, stop: int) -> tuple[int, int]:
        """Where these records begin in the file, and how many bytes they are."""
        begin = self._starts[start]
        # Without the comma after the last one.
        return begin, max(self._starts[stop] - begin - 1, 0)


class Server(ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100
    pages: Pages


class Connection(StreamRequestHandler):
    """One thread for each connection, which is kept."""

    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        while asked := self.rfile.readline():
            while self.rfile.readline() not in (b"\r\n", b""):
                pass
            found = _TARGET.match(asked)
            assert found, asked
            total, milliseconds = int(found[1]), int(found[2])
            query = dict(pair.split(b"=") for pair in found[3].split(b"&"))
            start = min(int(query.get(b"offset", 0)), total)
            stop = min(start + int(query[b"limit"]), total)
            if milliseconds:
                time.sleep(milliseconds / 1000)
            self._page(total, *self.server.pages.slice(start, stop))

    def _page(self, total: int, begin: int, size: int) -> None:
        opening, closing = b'{"meta":{"total":%d},"data":[' % total, b"]}"
        length = len(opening) + size + len(closing)
        connection: socket.socket = self.connection
        connection.sendall(_HEAD % length + opening)
        end = begin + size
        while begin < end:
            begin += os.sendfile(
                connection.fileno(), self.server.pages.descriptor, begin, end - begin
            )
        connection.sendall(closing)


def main(records: int) -> None:
    """Prints the port once it listens, and ends with its standard input."""
    with tempfile.TemporaryFile() as file:
        with Server(("127.0.0.1", 0), Connection) as server:
            server.pages = Pages(records, file)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print(server.server_address[1], flush=True)
            sys.stdin.read()
            server.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
