"""Reads manifests by Airbyte's runtime: a job as a line of JSON in, its records out.

Run by the Python of an environment of its own, which has airbyte-cdk and nothing of this project.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import sys
import time
from typing import Any

_SECONDS = 40


def _read(job: dict[str, Any], results: Any) -> None:
    from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer
    from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
        ConcurrentDeclarativeSource,
    )

    # Waits between tries are not what is compared.
    time.sleep = lambda seconds, wait=time.sleep: wait(min(seconds, 0.02))
    done: dict[str, Any] = {"records": {}, "status": {}, "error": "", "errors": {}}
    try:
        streams = [
            {
                "stream": {
                    "name": name,
                    "json_schema": {},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "full_refresh",
                "destination_sync_mode": "append",
            }
            for name in job["streams"]
        ]
        catalog = ConfiguredAirbyteCatalogSerializer.load({"streams": streams})
        config = {**job["config"], "__injected_declarative_manifest": job["manifest"]}
        source = ConcurrentDeclarativeSource(
            config=config,
            catalog=catalog,
            state=[],
            source_config=job["manifest"],
        )
        deadline = time.monotonic() + _SECONDS
        for message in source.read(logging.getLogger("airbyte"), config, catalog, []):
            if time.monotonic() > deadline:
                # A stream that never ends leaves the others as they are.
                done["error"] = "no end in time"
                break
            if message.record is not None:
                rows = done["records"].setdefault(message.record.stream, [])
                rows.append(message.record.data)
            elif message.trace is not None and message.trace.stream_status is not None:
                status = message.trace.stream_status
                name = status.stream_descriptor.name
                done["status"][name] = str(status.status.value)
            elif message.trace is not None and message.trace.error is not None:
                error = message.trace.error
                named = error.stream_descriptor.name if error.stream_descriptor else ""
                done["errors"][named] = (error.internal_message or error.message)[:300]
    except BaseException as error:
        done["error"] = f"{type(error).__name__}: {error}"[:400]
    results.send(json.dumps(done, default=str))
    results.close()


def main() -> None:
    import airbyte_cdk.sources.declarative.concurrent_declarative_source  # noqa: F401

    logging.disable(logging.CRITICAL)
    context = multiprocessing.get_context("fork")
    for line in sys.stdin:
        job = json.loads(line)
        mine, its = context.Pipe(False)
        process = context.Process(target=_read, args=(job, its), daemon=True)
        process.start()
        its.close()
        answer = json.dumps({"records": {}, "status": {}, "error": "no end in time"})
        try:
            if mine.poll(_SECONDS + 10):
                answer = mine.recv()
        except EOFError:
            answer = json.dumps({"records": {}, "status": {}, "error": "it died"})
        process.kill()
        process.join()
        sys.__stdout__.write(answer + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    sys.stdout = sys.stderr
    main()
