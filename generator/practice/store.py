"""All records of the practice API, made when they are first asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any

from generator.practice.fake import Maker
from generator.practice.options import Options
from generator.practice.plan import Route
from generator.practice.records import make, possible, values
from generator.practice.schemas import Schemas
from generator.practice.shapes import as_text

Partition = tuple[str, ...]
"""The values of a parent's record that a child's request names, as text; () without parent."""


class Store:
    """Records by resource and, for children, by parent."""

    def __init__(
        self, routes: Mapping[str, Route], schemas: Schemas, options: Options
    ) -> None:
        self._routes = routes
        self._schemas = schemas
        self._options = options
        self._lock = RLock()
        self._made: dict[str, dict[Partition, list[dict[str, Any]]]] = {}

    def partitions(self, name: str) -> dict[Partition, list[dict[str, Any]]]:
        """A resource's records by partition; every parent has an entry, if an empty one."""
        with self._lock:
            if name not in self._made:
                self._made[name] = self._make(self._routes[name])
            return self._made[name]

    def all(self, name: str) -> list[dict[str, Any]]:
        """A resource's records, those of one partition after those of the other."""
        return [record for part in self.partitions(name).values() for record in part]

    def count(self, name: str) -> int:
        """How many records `all` gives; only a child's parents are made for it."""
        route = self._routes[name]
        parts = len(self._keys(route))
        wanted = parts if route.single else self._options.records
        return possible(route, self._schemas, wanted) if parts else 0

    def _make(self, route: Route) -> dict[Partition, list[dict[str, Any]]]:
        parts = self._keys(route)
        count = self.count(route.name)
        owners = [_owner(at, len(parts), route.single) for at in range(count)]
        numbers: Sequence[int] = range(count)
        if route.key_with_parent:
            numbers = _within(owners)
        # Its own, because what a maker makes next depends on what it made before.
        maker = Maker(self._schemas)
        records = make(route, self._schemas, maker, self._options, numbers)
        made: dict[Partition, list[dict[str, Any]]] = {part: [] for part in parts}
        for owner, record in zip(owners, records, strict=True):
            made[parts[owner]].append(record)
        return made

    def _keys(self, route: Route) -> list[Partition]:
        if route.values:
            return [(value,) for value in route.values]
        if route.parent is None:
            return [()]
        fields = [slot.field for slot in route.slots]
        found = [values(record, fields) for record in self.all(route.parent)]
        return list(dict.fromkeys(tuple(map(as_text, each)) for each in found))


def _owner(at: int, parents: int, single: bool) -> int:
    """Which parent has record `at`: the first has half of them, the last of many has none."""
    if single or parents < 3:
        return at % parents
    return 0 if at % 2 == 0 else 1 + (at // 2) % (parents - 2)


def _within(owners: Sequence[int]) -> list[int]:
    """The number of each record among those of its owner."""
    seen: Counter[int] = Counter()
    numbers: list[int] = []
    for owner in owners:
        numbers.append(seen[owner])
        seen[owner] += 1
    return numbers
