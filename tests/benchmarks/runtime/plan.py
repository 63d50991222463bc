"""What is compared with what, and what is aimed at."""

from __future__ import annotations

from typing import Literal, NamedTuple

IN_FLIGHT = 10


class Way(NamedTuple):
    """One way to read the API, or to import something."""

    name: str
    """In tables."""
    module: str = ""
    """Of this package, run with the way's key."""
    code: str = ""
    """Run instead of a module."""
    loads: bool = False
    """Whether there is a database afterwards."""
    tags: bool = False
    """Whether lists become a child table."""
    undeclared: bool = False
    """Whether fields that the schema does not name are kept."""


WAYS = {
    "connector": Way(
        "the connector", "pipelines", loads=True, tags=True, undeclared=True
    ),
    "rest_api": Way(
        "`rest_api_source`", "pipelines", loads=True, tags=True, undeclared=True
    ),
    "rest_api_parquet": Way(
        '`rest_api_source`, `file_format="parquet"`',
        "pipelines",
        loads=True,
        tags=True,
        undeclared=True,
    ),
    "rest_api_model": Way(
        "`rest_api_source`, `columns=Model`, parquet", "pipelines", loads=True
    ),
    "floor": Way("urllib3, TypedDict, Arrow, no dlt", "floor", loads=True),
    "client": Way("the connector's client", "clients"),
    "rest_client": Way("`RESTClient.paginate`, not validated", "clients"),
    "sockets": Way("the server alone", "clients"),
    "airbyte": Way("`airbyte-cdk` to its standard output", "airbyte"),
    "import_client": Way("`import tickets.client`", code="import tickets.client"),
    "import_dlt": Way("`import dlt`", code="import dlt"),
}


class Run(NamedTuple):
    """What one process does."""

    way: str
    records: int = 0
    page: int = 1000
    latency: int = 0
    """Milliseconds before each page."""
    in_flight: int = 1
    """Pages that are asked for at once."""


class Aim(NamedTuple):
    """`at least`: the other's figure is so many times ours. `at most`: ours is so much
    of the other's."""

    figure: Literal["CPU", "memory", "wall time"]
    bound: Literal["at least", "at most"]
    times: float
    means: str = ""
    """What the figure stands for, where it is another one."""


class Comparison(NamedTuple):
    what: str
    against: str
    ours: Run
    other: Run
    aims: tuple[Aim, ...]


class Group(NamedTuple):
    """Comparisons whose runs alternate."""

    comparisons: tuple[Comparison, ...]
    once: tuple[Run, ...] = ()
    """Too slow to be repeated."""
    extra: tuple[Run, ...] = ()
    """Measured, and compared with nothing."""


_WHOLE = "whole pipeline into DuckDB, {:,} records, validated, with child tables"
_AS_SHOWN = "`rest_api_source` as its documentation shows it"


def _whole(
    records: int, way: str, *aims: Aim, against: str = "", what: str = ""
) -> Comparison:
    return Comparison(
        what or _WHOLE.format(records),
        against or WAYS[way].name,
        Run("connector", records),
        Run(way, records),
        aims,
    )


GROUPS = {
    "medium": Group(
        (
            _whole(
                20_000,
                "rest_api",
                Aim("CPU", "at least", 15),
                Aim("memory", "at most", 0.15),
                against=_AS_SHOWN,
            ),
        ),
    ),
    "large": Group(
        (
            _whole(
                200_000,
                "rest_api",
                Aim("CPU", "at least", 25),
                Aim("memory", "at most", 0.1),
                against=f"{_AS_SHOWN} (one run)",
            ),
            _whole(200_000, "rest_api_parquet", Aim("CPU", "at least", 4.5)),
            _whole(
                200_000,
                "rest_api_model",
                Aim("CPU", "at least", 4),
                against=f"{WAYS['rest_api_model'].name}: validated, no child tables",
            ),
            _whole(
                200_000,
                "floor",
                Aim("CPU", "at most", 1.3),
                against="the floor: urllib3, TypedDict, Arrow into one table, no dlt",
            ),
            _whole(
                200_000,
                "airbyte",
                Aim("CPU", "at least", 4, "rows per CPU second"),
                against="`airbyte-cdk`, an equal manifest, to its standard output",
            ),
        ),
        once=(Run("rest_api", 200_000),),
    ),
    "small": Group(
        (
            _whole(
                100,
                "rest_api",
                Aim("CPU", "at most", 1.1),
                against=_AS_SHOWN,
            ),
        ),
    ),
    "client": Group(
        (
            Comparison(
                "the client alone, `Iterator[Ticket]`, validated, pages of 100",
                WAYS["rest_client"].name,
                Run("client", 100_000, 100),
                Run("rest_client", 100_000, 100),
                (Aim("CPU", "at least", 2, "rows per CPU second"),),
            ),
        ),
        extra=(Run("sockets", 100_000, 100),),
    ),
    "latency": Group(
        (
            Comparison(
                f"40 pages by offset, 50 ms each, {IN_FLIGHT} in flight",
                "one after the other",
                Run("client", 4_000, 100, 50, IN_FLIGHT),
                Run("client", 4_000, 100, 50),
                (Aim("wall time", "at most", 0.2),),
            ),
        ),
    ),
    "million": Group(
        (
            _whole(
                1_000_000,
                "connector",
                what="whole pipeline into DuckDB, 1,000,000 records",
                against="itself, 100,000 records",
            )._replace(
                other=Run("connector", 100_000),
                aims=(Aim("CPU", "at most", 11), Aim("memory", "at most", 1.2)),
            ),
        ),
    ),
    "import": Group(
        (
            Comparison(
                WAYS["import_client"].name,
                WAYS["import_dlt"].name,
                Run("import_client"),
                Run("import_dlt"),
                (Aim("CPU", "at most", 0.35),),
            ),
        ),
    ),
}


def runs(group: Group) -> list[Run]:
    """In the order in which they take turns, each once."""
    compared = [run for each in group.comparisons for run in (each.ours, each.other)]
    return list(dict.fromkeys([*compared, *group.extra]))


def shortened(group: Group) -> Group:
    """The same with so few records that it only shows whether everything works.

    They are enough for the connector to make Arrow tables, from the first page on.
    """

    def short(run: Run) -> Run:
        return run._replace(records=1_000, page=500) if run.records else run

    return Group(
        tuple(
            each._replace(ours=short(each.ours), other=short(each.other))
            for each in group.comparisons
        ),
        extra=tuple(map(short, group.extra)),
    )
