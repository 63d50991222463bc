"""Whole pipelines from the API into DuckDB: the connector's, and dlt's own source.

dlt's are configured as its documentation of `rest_api` shows it, with the paginator named
instead of detected. Everything that is imported after dlt belongs to the work.
"""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, Any

import dlt
from dlt.common.runtime.collector import NullCollector

from tests.benchmarks.runtime.job import Job

if TYPE_CHECKING:
    from dlt.sources.rest_api.typing import EndpointResource, RESTAPIConfig


def connector(job: Job) -> Any:
    from helpdesk import helpdesk_source

    return helpdesk_source(base_url=job.url)


def rest_api(job: Job) -> Any:
    return _rest_api(job)


def rest_api_parquet(job: Job) -> Any:
    return _rest_api(job, file_format="parquet")


def rest_api_model(job: Job) -> Any:
    """dlt's way to validate; it keeps objects and lists as JSON, without child tables,
    and leaves out fields that the model does not have."""
    from tests.benchmarks.runtime.model import Ticket

    return _rest_api(job, file_format="parquet", columns=Ticket)


def _rest_api(job: Job, **options: Any) -> Any:
    from dlt.sources.rest_api import rest_api_source

    tickets: EndpointResource = {
        "name": "tickets",
        "primary_key": "id",
        "endpoint": {"path": "tickets", "data_selector": "data"},
    }
    config: RESTAPIConfig = {
        "client": {
            "base_url": job.url,
            "paginator": {
                "type": "offset",
                "limit": job.page,
                "total_path": "meta.total",
            },
        },
        "resources": [{**tickets, **options}],  # type: ignore[list-item]
    }
    return rest_api_source(config)


WAYS = {
    each.__name__: each
    for each in (connector, rest_api, rest_api_parquet, rest_api_model)
}


class Watched(NullCollector):
    """Notes the memory when the load begins."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def _start(self, step: str) -> None:
        if step.startswith("Load"):
            self._job.read(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main(job: Job) -> None:
    job.begin()
    pipeline = dlt.pipeline(
        "helpdesk",
        destination=dlt.destinations.duckdb(str(job.database)),
        dataset_name="data",
        pipelines_dir=str(job.folder / "pipelines"),
        progress=Watched(job),
    )
    pipeline.run(WAYS[job.way](job))


if __name__ == "__main__":
    main(Job.given())
