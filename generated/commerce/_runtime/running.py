"""`load()`: runs a source, and compares what was read with what dlt loaded."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Concatenate, ParamSpec

import dlt
from dlt.common.pipeline import LoadInfo
from dlt.sources import DltSource

from .errors import AccountingError
from .leftovers import put_away
from .rejects import OWN

logger = logging.getLogger(__name__)

P = ParamSpec("P")


def loader(
    source: Callable[P, DltSource],
) -> Callable[Concatenate[dlt.Pipeline, P], list[LoadInfo]]:
    """A function that loads the source; it takes the pipeline and the source's arguments."""

    def load(
        pipeline: dlt.Pipeline, /, *args: P.args, **kwargs: P.kwargs
    ) -> list[LoadInfo]:
        """What a run before left, then the source; an error if records got lost."""
        return [*pending(pipeline), run(pipeline, source(*args, **kwargs))]

    return load


def pending(pipeline: dlt.Pipeline) -> list[LoadInfo]:
    """Restores the state and loads what a run before left, which would hinder the next."""
    tidied = put_away(pipeline)
    info = pipeline.run()
    if info:
        info.raise_on_failed_jobs()
    if info or tidied:
        # Its state may be there only: a run that was killed has not kept it here.
        pipeline.sync_destination()
    return [info] if info else []


def run(pipeline: dlt.Pipeline, source: DltSource) -> LoadInfo:
    """One run; of each table dlt has to have as many rows as it was given."""
    info: LoadInfo = pipeline.run(source)
    info.raise_on_failed_jobs()
    trace = pipeline.last_trace
    normalized = trace.last_normalize_info if trace else None
    if normalized is None:
        logger.warning("dlt keeps no trace: what it loaded is not compared")
        return info
    given: Counter[str] = Counter()
    read: dict[str, list[str]] = {}
    for name, resource in source.selected_resources.items():
        if name in OWN or resource.has_dynamic_table_name:
            continue
        table = str(resource.table_name)
        table = source.schema.naming.normalize_table_identifier(table)
        amounts = resource.custom_metrics
        given[table] += amounts["extracted"]
        read.setdefault(table, []).append(
            f"{name}: {amounts['yielded']} records were read,"
            f" {amounts['extracted']} given to dlt"
        )
    for table, texts in read.items():
        loaded = normalized.row_counts.get(table, 0)
        if loaded != given[table]:
            raise AccountingError(
                f"{'; '.join(texts)}; dlt loaded {loaded} into {table}"
            )
    return info
