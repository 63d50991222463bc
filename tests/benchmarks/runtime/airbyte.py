"""Airbyte's runtime on a manifest of the same API; its messages go to standard output.

Run by the Python of its own environment, which has airbyte-cdk and nothing of this project.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from airbyte_cdk.cli.source_declarative_manifest import run

from tests.benchmarks.runtime.job import Job

_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_MOMENT = {"type": "string", "format": "date-time"}
_SCHEMA = {
    "type": "object",
    "$schema": "http://json-schema.org/draft-07/schema#",
    "additionalProperties": True,
    "properties": {
        "id": _TEXT,
        "ticketNumber": {"type": "integer"},
        "subject": _TEXT,
        "description": _MAYBE,
        "status": _TEXT,
        "priority": _MAYBE,
        "channel": _TEXT,
        "assigneeId": _MAYBE,
        "email": _MAYBE,
        "threadCount": {"type": "integer"},
        "isSpam": {"type": "boolean"},
        "tags": {"type": "array", "items": _TEXT},
        "source": {
            "type": "object",
            "properties": {"type": _TEXT, "appName": _MAYBE, "extId": _MAYBE},
        },
        "createdTime": _MOMENT,
        "modifiedTime": _MOMENT,
        "closedTime": {**_MOMENT, "type": ["string", "null"]},
    },
}


def manifest(job: Job) -> dict[str, Any]:
    option = {"type": "RequestOption", "inject_into": "request_parameter"}
    stream = {
        "type": "DeclarativeStream",
        "name": "tickets",
        "primary_key": ["id"],
        "retriever": {
            "type": "SimpleRetriever",
            "requester": {
                "type": "HttpRequester",
                "url_base": job.url,
                "path": "tickets",
                "http_method": "GET",
            },
            "record_selector": {
                "type": "RecordSelector",
                "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
            },
            "paginator": {
                "type": "DefaultPaginator",
                "page_token_option": {**option, "field_name": "offset"},
                "page_size_option": {**option, "field_name": "limit"},
                "pagination_strategy": {
                    "type": "OffsetIncrement",
                    "page_size": job.page,
                    "inject_on_first_request": True,
                },
            },
        },
        "schema_loader": {"type": "InlineSchemaLoader", "schema": _SCHEMA},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["tickets"]},
        "streams": [stream],
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "properties": {}},
        },
    }


def main(job: Job) -> None:
    job.begin()
    config, catalog = job.folder / "config.json", job.folder / "catalog.json"
    config.write_text(json.dumps({"__injected_declarative_manifest": manifest(job)}))
    chosen = {
        "stream": {
            "name": "tickets",
            "json_schema": _SCHEMA,
            "supported_sync_modes": ["full_refresh"],
        },
        "sync_mode": "full_refresh",
        "destination_sync_mode": "append",
    }
    catalog.write_text(json.dumps({"streams": [chosen]}))
    sys.argv[1:] = ["read", "--config", str(config), "--catalog", str(catalog)]
    run()


if __name__ == "__main__":
    main(Job.given())
