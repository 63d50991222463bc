"""Every spec that the cases draw from, as the resources of one connector."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from hypothesis import strategies as st

from .behaviours import Behaviour, Paging

LIMIT = 3
RETRIES = 2
Total = Literal["none", "exact", "at_least", "ignore", "pages"]
Single = Literal["declared", "undeclared"]


@dataclass(frozen=True)
class Spec:
    """One resource; its paging need not be that of the API."""

    paging: Paging = "offset"
    total: Total = "none"
    flag: bool = False
    """`has_more_path`"""
    stop: bool = False
    """A stop condition that takes a short page for the last one."""
    empty: bool | None = None
    """`stop_after_empty_page`"""
    key: bool = True
    start: int = 0
    """The first offset or page."""
    wrong_place: bool = False
    """The cursor is looked for where the API does not put it."""
    declared: bool = True
    """Of a single page."""
    max_pages: int | None = None
    missing_empty: bool = False

    @property
    def name(self) -> str:
        """What it is made of, besides the defaults."""
        plain = vars(Spec())
        odd = {k: v for k, v in vars(self).items() if k != "paging" and v != plain[k]}
        return "_".join([self.paging, *(f"{k}_{v}".lower() for k, v in odd.items())])

    @property
    def checked(self) -> bool:
        """A total of rows is compared with what came."""
        return self.total in ("exact", "at_least")

    def resource(self) -> dict[str, Any]:
        """As YAML has it."""
        endpoint: dict[str, Any] = {"path": "rows", "data_selector": "data"}
        if self.missing_empty:
            endpoint["missing_data"] = "empty"
        if self.paging == "body_cursor":
            endpoint["method"] = "POST"
        if self.paging != "single":
            endpoint["paginator"] = self.paginator()
        elif self.declared:
            endpoint["paginator"] = "single_page"
        resource: dict[str, Any] = {"name": self.name, "endpoint": endpoint}
        if self.key:
            resource["primary_key"] = "id"
        return resource

    def paginator(self) -> dict[str, Any]:
        paginator = self._kind()
        paginator["limit"] = LIMIT
        if self.paging == "body_cursor":
            paginator["limit_body_path"] = "limit"
        elif self.paging != "offset":
            paginator["limit_param"] = "limit"
        if self.total == "pages":
            paginator["total_path"] = "pages"
        elif self.total != "none":
            paginator |= {"total_path": "total", "total": self.total}
        if self.flag:
            paginator["has_more_path"] = "more"
        if self.stop:
            paginator["stop_condition"] = f"last_page_size < {LIMIT}"
        if self.empty is not None:
            paginator["stop_after_empty_page"] = self.empty
        if self.max_pages is not None:
            paginator["max_pages"] = self.max_pages
        return paginator

    def _kind(self) -> dict[str, Any]:
        place = "meta.following" if self.wrong_place else "meta.next"
        match self.paging:
            case "offset":
                return {"type": "offset", "offset": self.start}
            case "page":
                return {"type": "page_number", "base_page": self.start}
            case "header_cursor":
                return {"type": "header_cursor", "cursor_key": "X-Next"}
            case "last_id":
                place = {"cursor_path": "last_record.id", "cursor_param": "since_id"}
                return {"type": "cursor", **place}
            case "link" | "relative_link":
                return {"type": "json_link", "next_url_path": "links.next"}
            case "link_header":
                return {"type": "header_link"}
            case "body_cursor":
                return {
                    "type": "cursor",
                    "cursor_path": place,
                    "cursor_body_path": "cursor",
                }
            case _:
                return {
                    "type": "cursor",
                    "cursor_path": place,
                    "cursor_param": "cursor",
                }


def _all() -> Iterator[Spec]:
    both = (True, False)
    totals: tuple[Total, ...] = ("none", "at_least", "exact", "ignore")
    ends = [(False, False), (True, False), (False, True)]
    for key, (flag, stop) in itertools.product(both, ends):
        base = Spec(key=key, flag=flag, stop=stop)
        for total, start in itertools.product(totals, (0, 1)):
            yield _with(base, paging="offset", total=total, start=start)
        for pages, start in itertools.product(("none", "pages"), (0, 1)):
            yield _with(base, paging="page", total=pages, start=start)
        for paging in ("cursor", "link", "link_header"):
            yield _with(base, paging=paging)
            yield _with(base, paging=paging, empty=True)
        for paging in ("body_cursor", "header_cursor", "last_id"):
            yield _with(base, paging=paging)
    for key in both:
        yield Spec("single", key=key)
        yield Spec("single", key=key, declared=False)
        yield Spec("cursor", key=key, wrong_place=True)
        yield Spec("offset", key=key, flag=True, empty=True)
        yield Spec("offset", "exact", key=key, flag=True, stop=True)
        yield Spec("page", "pages", key=key, flag=True, stop=True)
        yield Spec("page", key=key, flag=True, empty=True, start=1)
        yield Spec("page", key=key, flag=True, empty=False, start=1)
        for paging in ("offset", "page", "cursor"):
            yield Spec(paging, key=key, max_pages=4)
            yield Spec(paging, key=key, missing_empty=True)


def _with(spec: Spec, **changes: Any) -> Spec:
    return Spec(**{**vars(spec), **changes})


ALL = tuple(dict.fromkeys(_all()))


def text(at_once: int | None = None) -> str:
    """The connector of all specs; `at_once` requests are allowed."""
    auth = {"type": "oauth2", "token_url": "/token"}
    document = {
        "connector": "honesty",
        "silence": [
            "no-schema",
            "no-primary-key",
            "no-paginator",
            "duplicate-path",
            "limit-not-sent",
        ],
        "client": {
            "base_url": "https://api.example.com",
            "auth": auth,
            "error_handler": {"max_retries": RETRIES, "backoff_factor": 0},
            **({"rate_limit": {"concurrent": at_once}} if at_once else {}),
        },
        "resources": [each.resource() for each in ALL],
    }
    return yaml.safe_dump(document, sort_keys=False)


def specs_for(behaviour: Behaviour) -> st.SearchStrategy[Spec]:
    """Mostly specs that mean the API's way of paging."""
    paging = "link" if behaviour.paging == "relative_link" else behaviour.paging
    right = st.sampled_from([each for each in ALL if each.paging == paging])
    return st.one_of(right, right, right, st.sampled_from(ALL))
