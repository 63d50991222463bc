"""The least that a validated load costs: no dlt, no child table, no undeclared fields.

urllib3 gets the pages, pydantic validates each in one call as TypedDicts, Arrow takes the
columns, and DuckDB reads them as they come. Nothing is retried, counted or resumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import urllib3
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from tests.benchmarks.runtime.job import Job

if TYPE_CHECKING:
    import pyarrow


class Source(TypedDict):
    type: str
    appName: str | None
    extId: str | None


class Ticket(TypedDict):
    id: str
    ticketNumber: int
    subject: str
    description: str | None
    status: str
    priority: Literal["Low", "Medium", "High"] | None
    channel: Literal["Email", "Phone", "Web"]
    assigneeId: str | None
    email: str | None
    threadCount: int
    isSpam: bool
    tags: list[str]
    source: Source
    createdTime: datetime
    modifiedTime: datetime
    closedTime: datetime | None


class Meta(TypedDict):
    total: int


class Page(TypedDict):
    meta: Meta
    data: list[Ticket]


def main(job: Job) -> None:
    job.begin()
    import duckdb
    import pyarrow

    text, integer, moment = (
        pyarrow.string(),
        pyarrow.int64(),
        pyarrow.timestamp("us", tz="UTC"),
    )
    source = pyarrow.struct([("type", text), ("appName", text), ("extId", text)])
    types = {
        "id": text,
        "ticketNumber": integer,
        "subject": text,
        "description": text,
        "status": text,
        "priority": text,
        "channel": text,
        "assigneeId": text,
        "email": text,
        "threadCount": integer,
        "isSpam": pyarrow.bool_(),
        "tags": pyarrow.list_(text),
        "source": source,
        "createdTime": moment,
        "modifiedTime": moment,
        "closedTime": moment,
    }
    schema = pyarrow.schema(list(types.items()))

    def batches() -> Iterator[pyarrow.RecordBatch]:
        for page in pages(job):
            columns = [
                pyarrow.array([row[name] for row in page], kind)  # type: ignore[literal-required]
                for name, kind in types.items()
            ]
            yield pyarrow.RecordBatch.from_arrays(columns, schema=schema)

    reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
    with duckdb.connect(str(job.database)) as connection:
        connection.execute("create schema data")
        connection.register("pages", reader)
        connection.execute("create table data.tickets as select * from pages")


def pages(job: Job) -> Iterator[list[Ticket]]:
    adapter = TypeAdapter(Page)
    pool = urllib3.PoolManager()
    offset = 0
    while True:
        fields = {"offset": str(offset), "limit": str(job.page)}
        answer = pool.request("GET", f"{job.url}/tickets", fields=fields)
        page = adapter.validate_json(answer.data)
        yield page["data"]
        offset += len(page["data"])
        if offset >= page["meta"]["total"]:
            return


if __name__ == "__main__":
    main(Job.given())
