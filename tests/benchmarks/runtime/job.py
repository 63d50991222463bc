"""What every measured process is told, and what it notes of itself."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

NOTE = "note.json"


class Job(NamedTuple):
    """The arguments of a process."""

    way: str
    url: str
    """The API; paths are relative to it."""
    page: int
    """Records of a page."""
    folder: Path
    """Where it writes whatever it writes."""

    @classmethod
    def given(cls) -> Job:
        way, url, page, folder = sys.argv[1:]
        return cls(way, url, int(page), Path(folder))

    @property
    def database(self) -> Path:
        return self.folder / "loaded.duckdb"

    def begin(self) -> None:
        """The work begins: what the process took until now was Python and imports."""
        self._note(cpu=time.process_time(), at=time.monotonic())

    def read(self, peak: int) -> None:
        """Everything is read and is going to be loaded; `peak` as the kernel counts it."""
        self._note(read=peak)

    def end(self, records: int) -> None:
        """The number of records that were read, where no database tells it."""
        self._note(records=records)

    def _note(self, **values: float) -> None:
        path = self.folder / NOTE
        known = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**known, **values}))
