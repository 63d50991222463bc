"""How many requests of a resource the spec allows at the same time."""

from __future__ import annotations

from generator import ir

_MOST = 20
"""The connections that a client keeps to one host."""


def at_once(connector: ir.Connector, resource: ir.Resource) -> int:
    """The smaller one of the client's number and the resource's; 1 where there is none."""
    limits = (connector.rate_limit, resource.rate_limit)
    return min(
        (each.concurrent for each in limits if each and each.concurrent), default=1
    )


def pages_ahead(connector: ir.Connector, resource: ir.Resource) -> int:
    """How many requests of a resource are under way at the same time; 1: in turn."""
    return min(at_once(connector, resource), _MOST)


def is_parallel(connector: ir.Connector) -> bool:
    return any(pages_ahead(connector, each) > 1 for each in connector.resources)


def reads_together(connector: ir.Connector) -> bool:
    """The resources may be read beside each other."""
    limit = connector.rate_limit
    return limit is not None and (limit.concurrent or 1) > 1
