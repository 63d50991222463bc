"""dlt's `rest_api` configurations, as people write them, to specs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from generator.diagnostics import SpecError
from generator.importers import ImportOptions
from generator.importers.check import checked
from generator.importers.dlt import read
from generator.importers.draft import Draft, todos
from generator.importers.yamlout import to_yaml
from tests.support import compiled

HEAD = """
import dlt
from dlt.sources.rest_api import rest_api_resources, rest_api_source
"""


def drafted(folder: Path, text: str, head: str = HEAD, **options: Any) -> Draft:
    """What is made of a module."""
    module = folder / "pipeline.py"
    module.write_text(dedent(head) + dedent(text), encoding="utf-8")
    return checked(read(module, ImportOptions(**options)))


def spec_of(folder: Path, text: str, head: str = HEAD, **options: Any) -> Any:
    """The spec, which compiles."""
    draft = drafted(folder, text, head, **options)
    assert not draft.is_partial, draft.diagnostics
    (folder / "x.yaml").write_text(to_yaml(draft.spec), encoding="utf-8")
    compiled(folder / "x.yaml", folder / "out")
    return draft.spec


def one(endpoint: str, client: str = "", rest: str = "") -> str:
    """A module with one resource `items`; the arguments are parts of Python mappings."""
    return f"""
rest_api_source({{
    "client": {{"base_url": "https://api.example.com/v1", {client}}},
    "resources": [{{"name": "items", "endpoint": {{"path": "items", {endpoint}}}, {rest}}}],
}})
"""


def item(spec: Any, name: str = "items") -> Any:
    return next(each for each in spec["resources"] if each["name"] == name)


def told(spec: Any) -> str:
    """All that is left to do."""
    return "\n".join(todos(spec))


NO_SCHEMA = "dlt infers the types when it loads: write a `schema`"
SETTLED = '"paginator": "single_page", "data_selector": "data",'


# ---- how configurations are written


def test_a_literal(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        """
        source = rest_api_source(
            {
                "client": {
                    "base_url": "https://api.example.com/v1",
                    "auth": {"type": "bearer", "token": dlt.secrets["sources.shop.token"]},
                    "paginator": {"type": "json_link", "next_url_path": "paging.next"},
                },
                "resource_defaults": {
                    "primary_key": "id",
                    "write_disposition": "merge",
                    "endpoint": {"params": {"limit": 100}, "data_selector": "data"},
                },
                "resources": [
                    "customers",
                    {"name": "orders", "endpoint": {"path": "customers/{resources.customers.id}/orders"},
                     "include_from_parent": ["id"]},
                ],
            },
            name="shop",
        )
        pipeline = dlt.pipeline("shop", destination="duckdb")
        info = pipeline.run(source)
        assert not info.has_failed_jobs
        print(info, len(pipeline.list_normalized_load_packages()))
        """,
    )
    assert spec["connector"] == "shop"
    assert spec["client"] == {
        "base_url": "https://api.example.com/v1",
        "auth": {"type": "bearer", "token": 'dlt.secrets["token"]'},
        "paginator": {"type": "json_link", "next_url_path": "paging.next"},
    }
    assert spec["resource_defaults"] == {
        "primary_key": "id",
        "write_disposition": "merge",
        "endpoint": {"params": {"limit": 100}, "data_selector": "data"},
    }
    assert item(spec, "orders")["include_from_parent"] == ["id"]
    assert {*todos(spec)} == {NO_SCHEMA}


def test_a_decorated_source_that_the_program_runs(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        """
        @dlt.source(name="github", max_table_nesting=1)
        def github_source(access_token: str = dlt.secrets.value, org="dlt-hub", size: int = dlt.config.value):
            config = {
                "client": {
                    "base_url": f"https://api.github.com/orgs/{org}",
                    "auth": {"token": access_token} if access_token else None,
                },
                "resources": [
                    {"name": name, "endpoint": {"path": name, "params": {"per_page": size},
                     "paginator": "header_link", "data_selector": "$"}}
                    for name in ("repos", "members")
                ],
            }
            yield from rest_api_resources(config)

        def load():
            dlt.pipeline("x").run(github_source())

        if __name__ == "__main__":
            load()
        """,
    )
    assert spec["connector"] == "github"
    assert spec["client"]["base_url"] == "https://api.github.com/orgs/dlt-hub"
    auth = {"type": "bearer", "token": 'dlt.secrets["access_token"]'}
    assert spec["client"]["auth"] == auth
    assert [each["name"] for each in spec["resources"]] == ["repos", "members"]
    assert item(spec, "repos")["endpoint"]["params"] == {
        "per_page": 'dlt.config["size"]'
    }
    assert spec["resource_defaults"] == {"max_table_nesting": 1}


def test_a_decorated_source_that_nothing_calls(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        """
        from typing import Optional

        @dlt.source
        def shop_source(api_key=dlt.secrets.value, *, region: str, start: Optional[str] = None):
            return rest_api_resources({
                "client": {"base_url": f"https://{region}.example.com",
                           "auth": {"type": "api_key", "name": "X-Key", "api_key": api_key}},
                "resources": [{"name": "items", "endpoint": {"params": {"since": start},
                               "data_selector": "data", "paginator": "single_page"}}],
            })
        """,
    )
    assert spec["connector"] == "shop"
    assert spec["client"]["base_url"] == "https://{{ config.region }}.example.com"
    assert spec["client"]["auth"]["api_key"] == 'dlt.secrets["api_key"]'
    assert "params" not in item(spec)["endpoint"]


def test_a_function_without_a_decorator_that_nothing_calls(tmp_path: Path) -> None:
    """As modules for schedulers and libraries have it."""
    text = """
    import os

    def helper(key):
        raise RuntimeError("not called")

    def table_source(table: str | None = None, *, api_key: str | None = None, limit: int = 100):
        table = table or os.getenv("TABLE_ID")
        if not 1 <= limit <= 100:
            raise ValueError(limit)
        source = rest_api_source({
            "client": {"base_url": "https://api.example.com",
                       "auth": {"type": "api_key", "api_key": api_key or os.getenv("API_KEY")}},
            "resources": [{"name": f"table_{table.lower()}", "endpoint": {
                "path": "query", "method": "POST", "json": {"table": table, "limit": limit},
                "data_selector": "data", "paginator": "single_page"}}],
        })
        return source.resources[f"table_{table.lower()}"]
    """
    spec = spec_of(tmp_path, text)
    assert spec["connector"] == "table"
    made = item(spec, "table_table_id")
    assert made["endpoint"]["json"] == {"table": 'dlt.config["table_id"]', "limit": 100}
    assert spec["client"]["auth"]["api_key"] == 'dlt.secrets["api_key"]'


def test_a_yaml_file_and_a_module_beside(tmp_path: Path) -> None:
    (tmp_path / "resources.yaml").write_text(
        "- {name: a, endpoint: {path: a, data_selector: rows, paginator: single_page}}\n"
        "- {name: b, endpoint: {path: b, data_selector: rows, paginator: single_page}}\n"
    )
    (tmp_path / "helpers.py").write_text(
        "from dlt.sources.rest_api import rest_api_source as make\n"
        "URL = 'https://api.example.com'\n"
        "def build(resources):\n"
        "    return make({'client': {'base_url': URL}, 'resources': resources})\n"
    )
    spec = spec_of(
        tmp_path,
        """
        import yaml
        from helpers import build
        with open("resources.yaml") as file:
            build(yaml.safe_load(file))
        """,
    )
    assert [each["name"] for each in spec["resources"]] == ["a", "b"]
    assert spec["connector"] == "example"


def test_every_name_of_the_functions(tmp_path: Path) -> None:
    text = """
    import dlt.sources.rest_api
    from dlt.sources.rest_api import rest_api

    def config(name):
        return {"client": {"base_url": "https://api.example.com"}, "resources": [
            {"name": name, "endpoint": {"paginator": "single_page", "data_selector": "$"}}]}

    rest_api_source(config("a"))
    rest_api_resources(config("b"))
    dlt.sources.rest_api.rest_api_source(config("c"), "named")
    rest_api(**config("d"))
    rest_api.clone(name="other")(**config("e"))
    """
    found = drafted(tmp_path, text, listing=True).found
    assert [each.name for each in found] == ["a", "b", "c", "d", "e"]
    assert found[2].decisions["config"] == "named"


def test_a_copy_of_rest_api_beside_the_module(tmp_path: Path) -> None:
    """As `dlt init` made it before dlt 1.0."""
    (tmp_path / "rest_api").mkdir()
    (tmp_path / "rest_api" / "__init__.py").write_text("raise RuntimeError('copied')\n")
    head = "import dlt\nfrom rest_api import RESTAPIConfig, rest_api_source\n"
    head += "from rest_api.typing import EndpointResource\n"
    assert item(spec_of(tmp_path, one(SETTLED), head=head))


# ---- secrets and settings


def test_secrets_and_settings_of_every_kind(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        """
        import os
        from os import environ, getenv
        config = dlt.config
        rest_api_source({
            "client": {
                "base_url": dlt.config["sources.base_url"],
                "headers": {
                    "X-One": dlt.secrets["one"],
                    "X-Two": f"Key {os.environ['MY_TWO']}, v2",
                    "X-Three": getenv("THREE_TOKEN") or "nothing",
                    "X-Four": environ.get("FOUR", "four"),
                    "X-Five": dlt.secrets.get("group.five", str),
                    "X-Six": dlt.secrets["group"]["one"],
                    "X-Seven": str(int(config["seven"]) > 0),
                },
            },
            "resources": [{"name": "items", "endpoint": {
                "data_selector": "data", "paginator": "single_page",
                "params": {"q": config.get("q"), "n": dlt.config.get("n", int), "flag": dlt.config.get("flag", bool)},
            }}],
        })
        """,
    )
    headers = spec["client"]["headers"]
    assert spec["client"]["base_url"] == 'dlt.config["base_url"]'
    assert headers["X-One"] == 'dlt.secrets["one"]'
    assert headers["X-Two"] == "Key {{ config.my_two }}, v2"
    assert headers["X-Three"] == 'dlt.secrets["three_token"]'
    assert headers["X-Four"] == "four"
    assert headers["X-Five"] == 'dlt.secrets["five"]'
    assert headers["X-Six"] == 'dlt.secrets["group_one"]'
    assert item(spec)["endpoint"]["params"] == {
        "q": 'dlt.config["q"]',
        "n": 'dlt.config["n"]',
        "flag": True,
    }


def test_secrets_of_this_machine_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "sesame-1234")
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text('token = "sesame-1234"\n')
    (tmp_path / ".env").write_text("LATER=sesame-1234\n")
    spec = spec_of(
        tmp_path,
        """
        import os
        for line in open(".env"):
            os.environ.setdefault(*line.strip().split("="))
        rest_api_source({
            "client": {"base_url": "https://api.example.com", "headers": {
                "X-A": os.environ["SHOP_TOKEN"], "X-B": dlt.secrets["token"],
                "X-C": os.environ["LATER"]}},
            "resources": [{"name": "items", "endpoint": {"paginator": "single_page", "data_selector": "$"}}],
        })
        """,
    )
    assert "sesame" not in to_yaml(spec)
    assert "gcStub" not in to_yaml(spec)


def test_secrets_that_are_written_in_the_module_are_not_copied(tmp_path: Path) -> None:
    spec = spec_of(
        tmp_path,
        one(
            SETTLED + '"params": {"api_key": "abc-12345678", "sort_key": "name"},'
            '"headers": {"X-Api-Key": "abc-12345678"},',
            '"auth": {"type": "bearer", "token": "ghp_12345678"},',
        ),
    )
    text = to_yaml(spec)
    assert "12345678" not in text
    assert spec["client"]["auth"] == "bearer"
    assert item(spec)["endpoint"]["params"] == {
        "api_key": 'dlt.secrets["api_key"]',
        "sort_key": "name",
    }
    assert "holds `token` as text" in text


HEADERS: list[tuple[str, Any]] = [
    (
        "f\"Bearer {dlt.secrets['t']}\"",
        {"type": "bearer", "token": 'dlt.secrets["t"]'},
    ),
    (
        "f\"Token {dlt.secrets['t']}\"",
        {"type": "api_key", "api_key": 'dlt.secrets["t"]', "prefix": "Token "},
    ),
    (
        "'Basic ' + b64encode(f\"{dlt.secrets['u']}:{dlt.secrets['p']}\".encode()).decode()",
        {
            "type": "basic",
            "username": 'dlt.secrets["u"]',
            "password": 'dlt.secrets["p"]',
        },
    ),
]


@pytest.mark.parametrize(("header", "auth"), HEADERS, ids=["bearer", "token", "basic"])
def test_auth_that_is_a_header(tmp_path: Path, header: str, auth: Any) -> None:
    client = f'"headers": {{"Authorization": {header}, "Accept": "application/json"}},'
    text = "from base64 import b64encode\n" + one(SETTLED, client)
    spec = spec_of(tmp_path, text)
    assert spec["client"]["auth"] == auth
    assert spec["client"]["headers"] == {"Accept": "application/json"}


def test_a_secret_that_the_module_changes_is_open(tmp_path: Path) -> None:
    client = '"headers": {"X-Sig": dlt.secrets["sig"].upper()},'
    spec = spec_of(tmp_path, one(SETTLED, client))
    assert spec["client"]["headers"] == {"X-Sig": 'dlt.secrets["sig"]'}
    assert "makes this of the secret `sig`" in told(spec)


# ---- objects


def test_objects_of_dlt(tmp_path: Path) -> None:
    head = """
    from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth, HttpBasicAuth
    from dlt.sources.helpers.rest_client.auth import OAuth2ClientCredentials, OAuthJWTAuth
    from dlt.sources.helpers.rest_client.paginators import *
    from dlt.sources.helpers.rest_client.paginators import HeaderCursorPaginator
    from dlt.sources.helpers.rest_client.paginators import JSONResponsePaginator

    class Eleven(OffsetPaginator):
        def __init__(self):
            super().__init__(limit=11, total_path=None)
    """
    auths = {
        "a": 'APIKeyAuth(name="X-Key", api_key=dlt.secrets["k"], location="query")',
        "b": 'HttpBasicAuth("me", dlt.secrets["p"])',
        "c": 'OAuth2ClientCredentials(access_token_url="https://api.example.com/token", client_id=dlt.secrets["id"], client_secret=dlt.secrets["cs"], access_token_request_data={"scope": "read", "audience": "x"})',
        "d": 'OAuthJWTAuth(client_id="c", private_key=dlt.secrets["pem"], auth_endpoint="https://api.example.com/t", scopes=["a", "b"])',
        "e": 'BearerTokenAuth(dlt.secrets["t"])',
    }
    paginators = {
        "a": 'HeaderLinkPaginator("nxt")',
        "b": "PageNumberPaginator(base_page=1, total_path=None, maximum_page=5)",
        "c": 'JSONResponseCursorPaginator("meta.next", cursor_param="after")',
        "d": 'OffsetPaginator(50, has_more_path="more")',
        "e": "Eleven()",
        "f": "JSONLinkPaginator()",
        "g": 'HeaderCursorPaginator(cursor_key="x-next")',
        "h": "SinglePagePaginator()",
        "i": 'JSONResponseCursorPaginator(cursor_body_path="page.after")',
    }
    resources = [
        f'{{"name": "{name}", "endpoint": {{"path": "{name}", "data_selector": "$", '
        f'"method": "POST", "json": {{}}, "paginator": {text}, "auth": {auths.get(name)}}}}},'
        for name, text in paginators.items()
    ]
    text = f'rest_api_source({{"client": {{"base_url": "https://api.example.com"}}, "resources": [{" ".join(resources)}]}})\n'
    spec = spec_of(tmp_path, dedent(head) + text)
    found = {each["name"]: each["endpoint"]["paginator"] for each in spec["resources"]}
    assert found == {
        "a": {"type": "header_link", "links_next_key": "nxt"},
        "b": {"type": "page_number", "base_page": 1, "maximum_page": 5},
        "c": {"type": "cursor", "cursor_path": "meta.next", "cursor_param": "after"},
        "d": {
            "type": "offset",
            "total_path": "total",
            "limit": 50,
            "has_more_path": "more",
            "stop_after_empty_page": True,
        },
        "e": {"type": "offset", "limit": 11},
        "f": {"type": "json_link", "next_url_path": "next"},
        "g": {
            "type": "header_cursor",
            "cursor_key": "x-next",
            "cursor_param": "cursor",
        },
        "h": "single_page",
        "i": {
            "type": "cursor",
            "cursor_path": "cursors.next",
            "cursor_body_path": "page.after",
        },
    }
    auth = {
        each["name"]: each["endpoint"]["auth"]
        for each in spec["resources"]
        if "auth" in each["endpoint"]
    }
    assert auth == {
        "a": {
            "type": "api_key",
            "api_key": 'dlt.secrets["k"]',
            "name": "X-Key",
            "location": "query",
        },
        "b": {"type": "basic", "username": "me", "password": 'dlt.secrets["p"]'},
        "c": {
            "type": "oauth2",
            "token_url": "https://api.example.com/token",
            "client_id": 'dlt.secrets["id"]',
            "client_secret": 'dlt.secrets["cs"]',
            "access_token_request_data": {"audience": "x"},
            "scopes": "read",
        },
        "d": {
            "type": "jwt_bearer",
            "token_url": "https://api.example.com/t",
            "client_id": "c",
            "private_key": 'dlt.secrets["pem"]',
            "scopes": "a b",
        },
        "e": {"type": "bearer", "token": 'dlt.secrets["t"]'},
    }


def test_incremental_objects_and_mappings(tmp_path: Path) -> None:
    text = """
    from datetime import datetime, timezone
    rest_api_source({"client": {"base_url": "https://api.example.com"}, "resources": [
        {"name": "a", "endpoint": {"data_selector": "$", "paginator": "single_page", "params": {
            "since": dlt.sources.incremental("updated_at", initial_value="2024-01-01", lag=3600),
        }}},
        {"name": "b", "endpoint": {"data_selector": "$", "paginator": "single_page", "params": {
            "since": {"type": "incremental", "cursor_path": "at", "initial_value": datetime(2024, 1, 1, tzinfo=timezone.utc), "convert": lambda x: int(x)},
        }}},
        {"name": "c", "endpoint": {"data_selector": "$", "paginator": "single_page",
            "params": {"q": "after:{incremental.start_value} {{x}}"},
            "incremental": {"cursor_path": "at", "initial_value": 1, "last_value_func": min,
                            "on_cursor_value_missing": "include", "row_order": "asc"},
        }},
    ]})
    """
    spec = spec_of(tmp_path, text)
    assert item(spec, "a")["endpoint"]["params"]["since"] == {
        "type": "incremental",
        "cursor_path": "updated_at",
        "initial_value": "2024-01-01",
        "lag": 3600,
    }
    assert item(spec, "b")["endpoint"]["params"]["since"] == {
        "type": "incremental",
        "cursor_path": "at",
        "initial_value": "2024-01-01T00:00:00Z",
        "convert": "bound_of_b",
    }
    assert "write `bound_of_b` in hooks.py: what `lambda x: int(x)` (pipe" in told(spec)
    c = item(spec, "c")["endpoint"]
    assert c["params"] == {"q": "after:{incremental.start_value} {{ '{' }}x}"}
    assert c["incremental"] == {
        "cursor_path": "at",
        "initial_value": 1,
        "last_value_func": "min",
        "row_order": "asc",
        "on_cursor_value_missing": "include",
    }


def test_what_has_no_place_is_told_of(tmp_path: Path) -> None:
    text = """
    from requests import Session
    from dlt.sources.helpers.rest_client.auth import AuthConfigBase, OAuth2ClientCredentials
    from dlt.sources.helpers.rest_client.paginators import BasePaginator, PageNumberPaginator
    from dlt.sources.rest_api.config_setup import register_auth, register_paginator

    class Signature(AuthConfigBase):
        def __call__(self, request):
            return request

    class Basic(OAuth2ClientCredentials):
        def build_access_token_request(self):
            return {}

    class Days(BasePaginator):
        def update_state(self, response, data=None): ...
        def update_request(self, request): ...

    class Half(PageNumberPaginator):
        def update_state(self, response, data=None): ...

    register_paginator("days", Days)
    register_auth("signed", Signature)

    @dlt.resource
    def own():
        yield {"id": 1}

    def fix_encoding(response, *args, **kwargs):
        return response

    rest_api_source({
        "client": {"base_url": "https://api.example.com", "auth": Signature(), "session": Session()},
        "resources": [
            {"name": "a", "table_name": lambda row: row["kind"], "endpoint": {"data_selector": "$", "paginator": "days", "auth": "signed"}},
            {"name": "b", "endpoint": {"data_selector": "$", "paginator": Half(total_path=None),
             "auth": Basic(access_token_url="https://api.example.com/t", client_id="c", client_secret=dlt.secrets["s"])}},
            {"name": "c", "endpoint": {"data_selector": "rows", "paginator": "single_page", "response_actions": [
                fix_encoding,
                {"status_code": 404, "action": "ignore"},
                {"status_code": 500, "action": fix_encoding},
                {"status_code": 403, "action": "retry"},
            ]}},
            own,
        ],
    })
    """
    draft = drafted(tmp_path, text)
    assert not draft.is_partial, draft.diagnostics
    spec: Any = draft.spec
    open_ = told(spec)

    def at(words: str) -> str:
        lines = (tmp_path / "pipeline.py").read_text().split("\n")
        return f"(pipeline.py:{1 + next(n for n, each in enumerate(lines) if words in each)})"

    assert spec["client"]["auth"] == "none"
    assert spec["client"]["hooks"] == {"request": "signature"}
    assert (
        f"write `signature` in hooks.py: what Signature {at('class Signature')} did"
        in open_
    )
    assert "its own `session`" in open_
    a, b, c = spec["resources"]
    assert a["endpoint"]["paginator"] == {"type": "hook", "function": "days"}
    assert a["endpoint"]["auth"] == "none"
    assert a["hooks"] == {"request": "signature"}
    assert f"`days` in hooks.py: the next request, as Days {at('class Days')}" in open_
    assert "`table_name` is calculated by `lambda row: row['kind']`" in open_
    assert b["endpoint"]["paginator"] == {"type": "page_number", "base_page": 0}
    assert (
        f"Half {at('class Half')} changes update_state of dlt's `page_number`" in open_
    )
    assert f"Basic {at('class Basic')} has its own build_access_token_request" in open_
    assert c["hooks"] == {"response": "fix_encoding"}
    assert c["endpoint"]["response_actions"] == [
        {"status_code": 404, "action": "ignore"}
    ]
    assert "it gives the records, at 'rows'" in open_
    assert "is called for answers with status 500: write a rule" in open_
    assert "dlt does nothing for the action 'retry'" in to_yaml(spec)
    warned = [each.message for each in draft.diagnostics]
    assert warned == ["the resource 'own' is a function of Python: it is left out"]


def test_paginators_of_ones_own_become_hooks(tmp_path: Path) -> None:
    text = """
    from dlt.sources.helpers.rest_client.paginators import BasePaginator
    from dlt.sources.rest_api.config_setup import register_paginator

    class Days(BasePaginator):
        def __init__(self, step, name="day", token="k3y-123456"):
            super().__init__()
            self.step, self._name, self.token = step, name, token
        def update_state(self, response, data=None): ...
        def update_request(self, request): ...

    register_paginator("days", Days)
    paginators = [Days(7), Days(1), Days(7), "days", {"type": "days", "step": 1}, Days]
    rest_api_source({"client": {"base_url": "https://api.example.com"}, "resources": [
        {"name": f"r{n}", "endpoint": {"data_selector": "$", "paginator": paginator}}
        for n, paginator in enumerate(paginators)
    ]})
    """
    spec = spec_of(tmp_path, text)
    names = [each["endpoint"]["paginator"]["function"] for each in spec["resources"]]
    assert names == ["days", "days_2", "days", "days_3", "days_4", "days_3"]
    open_ = told(spec)
    assert "as Days (pipeline.py:8) with step=7, name='day' made it" in open_
    assert "write `days_4` in hooks.py: the next request, as Days" in open_
    assert "k3y" not in to_yaml(spec)
    hooks = next((tmp_path / "out").rglob("hooks.py")).read_text()
    assert "def days_2(\n    request: Request, response: Response" in hooks


def test_steps(tmp_path: Path) -> None:
    text = """
    def lower_title(record):
        return record

    def is_new(record):
        return True

    source = rest_api_source({"client": {"base_url": "https://api.example.com"}, "resources": [
        {"name": "items", "endpoint": {"data_selector": "$", "paginator": "single_page"}, "processing_steps": [
            {"filter": lambda row: row["id"] > 10 and row["state"] not in ["old", "gone"]},
            {"map": lower_title},
            {"filter": lambda row: row["title"].startswith("x")},
            {"filter": is_new, "yield_map": lambda row: row["lines"]},
        ]},
    ]})
    source.items.add_map(lambda row: {**row, "a": 1})
    source.resources["items"].apply_hints(primary_key="id", write_disposition="merge")
    source.items.add_limit(10)
    source.with_resources("items")
    """
    spec = spec_of(tmp_path, text)
    assert item(spec)["processing_steps"] == [
        {"filter": "record['id'] > 10 and record['state'] not in ['old', 'gone']"},
        {"map": "lower_title"},
        {"filter": "keep_items"},
        {"filter": "is_new"},
        {"yield_map": "split_items"},
        {"map": "change_items"},
    ]
    assert item(spec)["primary_key"] == "id"
    assert "what `lambda row: row['title'].startswith('x')` (pipeline.py:" in told(spec)
    assert ".add_limit" in told(spec)
    hooks = next((tmp_path / "out").rglob("hooks.py")).read_text()
    for name in ("lower_title", "keep_items", "is_new", "split_items", "change_items"):
        assert f"def {name}(" in hooks


def test_columns_of_a_model_are_the_schema(tmp_path: Path) -> None:
    text = """
    from typing import Optional
    from pydantic import BaseModel

    class Owner(BaseModel):
        name: str

    class Item(BaseModel):
        id: int
        owner: Optional[Owner] = None
    """
    spec = spec_of(tmp_path, dedent(text) + one(SETTLED, rest='"columns": Item,'))
    assert item(spec)["schema"] == "#/definitions/Item"
    assert spec["definitions"]["Item"]["properties"]["id"]["type"] == "integer"
    models = next((tmp_path / "out").rglob("models.py")).read_text()
    assert "class Item(" in models and "owner: Owner | None" in models


# ---- what dlt leaves to chance, and what its defaults are


def test_detection_is_asked_for(tmp_path: Path) -> None:
    text = """
    rest_api_source({"client": {"base_url": "https://api.example.com", "paginator": "auto"}, "resources": [
        "items", {"name": "one", "endpoint": {"path": "items/{resources.items.id}"}},
    ]})
    """
    spec = spec_of(tmp_path, text)
    assert "paginator" not in spec["client"]
    assert "paginator" not in item(spec)["endpoint"]
    assert "dlt looks for the paginator in the first answer" in told(spec)
    assert "dlt looks for the first list in the answer" in told(spec)
    assert item(spec, "one")["endpoint"] == {
        "path": "items/{resources.items.id}",
        "data_selector": "$",
        "paginator": "single_page",
    }


PAGINATORS: list[tuple[str, Any, str]] = [
    (
        '"page_number"',
        {"type": "page_number", "base_page": 0, "total_path": "total"},
        "`total`, which dlt reads unless told otherwise, has to count pages: write "
        "`total_is: rows` if it counts records",
    ),
    (
        '{"type": "page_number", "base_page": 1, "total_path": "total_pages"}',
        {"type": "page_number", "base_page": 1, "total_path": "total_pages"},
        "",
    ),
    (
        '{"type": "offset", "limit": 5}',
        {"type": "offset", "total_path": "total", "limit": 5},
        "",
    ),
    (
        '{"type": "offset", "limit": 5, "offset": 3, "total_path": "n"}',
        {
            "type": "offset",
            "total_path": "n",
            "limit": 5,
            "offset": 3,
            "total": "ignore",
        },
        "",
    ),
    (
        '{"type": "offset", "limit": dlt.config.get("size", int), "total_path": None}',
        "offset",
        '`limit` is dlt.config["size"]: write the number itself',
    ),
    (
        '{"type": "cursor"}',
        {"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "cursor"},
        "",
    ),
    (
        '{"type": "json_response", "next_url_path": "\'@odata.nextLink\'"}',
        {"type": "json_link", "next_url_path": "'@odata.nextLink'"},
        "",
    ),
    (
        '{"type": "json_link", "next_url_path": "links[?rel=next].href"}',
        "single_page",
        "`next_url_path` of dlt's `json_link` is 'links[?rel=next].href': write keys "
        "with dots between, quoted keys as ['a.b'], [0] for an index and * for all items",
    ),
]


def test_defaults_of_paginators(tmp_path: Path) -> None:
    listed = [
        f'{{"name": "r{number}", "endpoint": {{"data_selector": "$", "paginator": {given}}}}},'
        for number, (given, _, _) in enumerate(PAGINATORS)
    ]
    client = '"client": {"base_url": "https://api.example.com"}'
    text = f'rest_api_source({{{client}, "resources": [{"".join(listed)}]}})'
    spec = spec_of(tmp_path, text)
    for number, (_, written, left) in enumerate(PAGINATORS):
        made = item(spec, f"r{number}")
        assert made["endpoint"]["paginator"] == written
        assert {*todos(made)} == {NO_SCHEMA, left} - {""}


def test_a_merge_without_a_key_is_what_dlt_makes_of_it(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, one(SETTLED, rest='"write_disposition": "merge",'))
    assert item(spec)["write_disposition"] == "append"
    assert "dlt is told to merge, and appends" in told(spec)


def test_headers_of_the_defaults_are_replaced_not_joined(tmp_path: Path) -> None:
    text = """
    rest_api_source({"client": {"base_url": "https://api.example.com"},
        "resource_defaults": {"endpoint": {"headers": {"X-A": "1"}, "data_selector": "$", "paginator": "single_page"}},
        "resources": ["a", {"name": "b", "endpoint": {"headers": {"X-B": "2"}}}]})
    """
    spec = spec_of(tmp_path, text)
    assert item(spec, "a")["endpoint"]["headers"] == {"X-A": "1"}
    assert item(spec, "b")["endpoint"]["headers"] == {"X-B": "2"}


def test_moments_that_the_module_calculates_stay_calculated(tmp_path: Path) -> None:
    text = """
    import pendulum
    from datetime import datetime, timedelta
    ago = pendulum.now("UTC").subtract(days=7)
    rest_api_source({"client": {"base_url": "https://api.example.com"}, "resources": [
        {"name": "items", "endpoint": {"data_selector": "$", "paginator": "single_page", "params": {
            "day": ago.to_date_string(),
            "moment": ago.to_iso8601_string(),
            "midnight": pendulum.today("UTC").subtract(days=30),
            "fixed": "2024-01-01",
            "hours": pendulum.now("UTC").subtract(hours=5).to_iso8601_string(),
        }}},
    ]})
    """
    spec = spec_of(tmp_path, text)
    params = item(spec)["endpoint"]["params"]
    assert params["day"] == "{{ day_delta(-7, '%Y-%m-%d') }}"
    assert params["moment"] == "{{ day_delta(-7, '%Y-%m-%dT%H:%M:%SZ') }}"
    assert params["midnight"] == "{{ day_delta(-30, '%Y-%m-%dT00:00:00Z') }}"
    assert params["fixed"] == "2024-01-01"
    hours = datetime.fromisoformat(params["hours"])
    assert abs(datetime.now(UTC) - hours - timedelta(hours=5)) < timedelta(minutes=5)
    assert "(pipeline.py:" in told(spec)
    assert "this is the value of the import" in told(spec)


def test_braces_and_odd_texts_stay_what_they_are(tmp_path: Path) -> None:
    text = """
    rest_api_source({"client": {"base_url": "https://dlt.example.com/v1"}, "resources": [
        {"name": "items", "endpoint": {"path": "a/:batch", "data_selector": "$", "paginator": "single_page",
         "method": "POST", "json": {"query": "{{ items {{ id }} }}", "n": "{{x}}", "w": "<id>"},
         "params": {"fields": "a,b", "t": "dlt.secrets['x']"}}},
    ]})
    """
    spec = spec_of(tmp_path, text)
    client = next((tmp_path / "out").rglob("client.py")).read_text()
    for wanted in (
        "https://dlt.example.com/v1",
        "a/:batch",
        "{ items { id } }",
        '"{x}"',
        "<id>",
    ):
        assert wanted in client
    assert spec["client"]["auth"] == "none"
    assert spec["connector"] == "dlt_api"
    assert "credentials" not in client


# ---- several configurations

TWO = """
for name, paths in (("shop", ["a", "b"]), ("crm", ["c"])):
    rest_api_source({"client": {"base_url": f"https://{name}.example.com"}, "resources": [
        {"name": path, "endpoint": {"paginator": "single_page", "data_selector": "$"}} for path in paths
    ]}, name=name)
"""


def test_of_several_configurations_one_is_chosen(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as failed:
        drafted(tmp_path, TWO)
    (problem,) = failed.value.diagnostics
    assert problem.code == "several-configs"
    assert "'shop' (pipeline.py:" in problem.message and ": a, b)" in problem.message
    assert "--include shop" in problem.hint
    listed = drafted(tmp_path, TWO, listing=True)
    assert [(e.name, e.decisions["config"]) for e in listed.found] == [
        ("a", "shop"),
        ("b", "shop"),
        ("c", "crm"),
    ]
    assert spec_of(tmp_path, TWO, include=("crm",))["connector"] == "crm"
    chosen = spec_of(tmp_path, TWO, include=("shop",), exclude=("a",))
    assert [each["name"] for each in chosen["resources"]] == ["b"]


def test_a_loop_over_days_is_one_configuration(tmp_path: Path) -> None:
    text = """
    for day in range(1, 4):
        rest_api_source({"client": {"base_url": "https://api.example.com"}, "resources": [
            {"name": "a", "endpoint": {"paginator": "single_page", "data_selector": "$", "params": {"day": f"2024-01-{day}"}}}
        ]})
    """
    draft = drafted(tmp_path, text)
    (warning,) = draft.diagnostics
    assert (
        "loads this 3 times, with another `resources[0].endpoint.params.day`"
        in warning.message
    )
    assert "window" in warning.hint


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = to_yaml(drafted(tmp_path, TWO, include=("shop",)).spec)
    assert to_yaml(drafted(tmp_path, TWO, include=("shop",)).spec) == first
