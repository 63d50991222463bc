"""The specs of this repository: valid, documented, and what each system has to prove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from generator.spec import (
    ApiKeyAuth,
    AuthMethods,
    BasicAuth,
    CursorPaginator,
    JsonLinkPaginator,
    OAuth2Auth,
    OffsetPaginator,
    Resource,
    SinglePagePaginator,
    Spec,
)

ROOT = Path(__file__).parent.parent
SYSTEMS = sorted((ROOT / "specs").glob("*.yaml"))
PEERS = sorted((ROOT / "tests" / "peers").glob("*.yaml"))
SEEDS = sorted((ROOT / "tests" / "seeds").glob("*.yaml"))
DOCUMENTED = SYSTEMS + PEERS
RETRIED = [429, 500, 502, 503, 504]


@cache
def document(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def spec(path: Path) -> Spec:
    return Spec.model_validate(document(path))


def system(name: str) -> Spec:
    return spec(ROOT / "specs" / f"{name}.yaml")


def resources(spec: Spec) -> dict[str, Resource]:
    return {resource.name: resource for resource in spec.resources}


def label(path: Path) -> str:
    return path.stem


def target(document: dict[str, Any], reference: str) -> Any:
    """What a reference within the document points to; KeyError where nothing is."""
    head, *steps = reference.split("/")
    assert head == "#", f"{reference} leaves the document"
    node: Any = document
    for step in steps:
        node = node[step]
    return node


def schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the document with its place, the nested ones included."""
    pending: list[tuple[str, Any]] = [
        (f"definitions.{name}", schema)
        for name, schema in document.get("definitions", {}).items()
    ]
    pending += [
        (f"resources.{resource['name']}.schema", resource["schema"])
        for resource in document["resources"]
        if isinstance(resource.get("schema"), dict)
    ]
    while pending:
        place, schema = pending.pop()
        yield place, schema
        for name, part in schema.get("properties", {}).items():
            pending.append((f"{place}.{name}", part))
        if "items" in schema:
            pending.append((f"{place}[]", schema["items"]))
        for number, part in enumerate(schema.get("anyOf", [])):
            pending.append((f"{place}|{number}", part))


def record_schema(document: dict[str, Any], resource: dict[str, Any]) -> Any:
    """The record schema of a resource, its reference resolved."""
    schema = resource["schema"]
    return target(document, schema) if isinstance(schema, str) else schema


def as_list(value: str | Sequence[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def has_cursor(resource: Resource) -> bool:
    endpoint = resource.endpoint
    return not isinstance(endpoint, str | None) and endpoint.incremental is not None


def endpoint_path(resource: Resource) -> str | None:
    endpoint = resource.endpoint
    return endpoint if isinstance(endpoint, str | None) else endpoint.path


@pytest.mark.parametrize("path", DOCUMENTED + SEEDS, ids=label)
def test_is_a_spec(path: Path) -> None:
    assert resources(spec(path))


@pytest.mark.parametrize("path", DOCUMENTED + SEEDS, ids=label)
def test_names_the_schema_for_editors(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    named = (path.parent / first.removeprefix(prefix)).resolve()
    assert named == ROOT / "docs" / "spec.schema.json"


@pytest.mark.parametrize("path", DOCUMENTED + SEEDS, ids=label)
def test_is_named_after_its_file(path: Path) -> None:
    assert spec(path).connector == path.stem


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_schemas_are_valid(path: Path) -> None:
    found = list(schemas(document(path)))
    assert found
    for _, schema in found:
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_every_resource_has_a_closed_list_of_documented_fields(path: Path) -> None:
    text = document(path)
    for resource in text["resources"]:
        assert resource["description"]
        assert len(record_schema(text, resource)["properties"]) >= 3, resource["name"]


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_references_resolve_and_definitions_are_used(path: Path) -> None:
    text = document(path)
    used = {schema["$ref"] for _, schema in schemas(text) if "$ref" in schema}
    used |= {r["schema"] for r in text["resources"] if isinstance(r["schema"], str)}
    for reference in used:
        target(text, reference)
    assert used == {f"#/definitions/{name}" for name in text["definitions"]}


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_every_property_is_described(path: Path) -> None:
    silent = [
        f"{place}.{name}"
        for place, schema in schemas(document(path))
        for name, part in schema.get("properties", {}).items()
        if not part.get("description", "").endswith(".")
    ]
    assert silent == []


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_required_fields_are_declared(path: Path) -> None:
    for place, schema in schemas(document(path)):
        missing = set(schema.get("required", [])) - set(schema.get("properties", {}))
        assert missing == set(), place


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_nullable_enums_list_null(path: Path) -> None:
    for place, schema in schemas(document(path)):
        if "enum" in schema:
            assert ("null" in schema["type"]) == (None in schema["enum"]), place


@pytest.mark.parametrize("path", DOCUMENTED, ids=label)
def test_keys_and_cursors_are_required_fields_that_are_never_null(path: Path) -> None:
    text = document(path)
    defaults = text["resource_defaults"]
    shared = defaults.get("endpoint", {}).get("incremental", {})
    for resource in text["resources"]:
        record = record_schema(text, resource)
        names = as_list(resource.get("primary_key", defaults.get("primary_key")))
        assert names, resource["name"]
        incremental = resource["endpoint"].get("incremental", shared)
        if incremental:
            names = [*names, incremental["cursor_path"]]
        parents = [f"_{parent}" for parent in resources(spec(path))]
        for name in names:
            if any(name.startswith(parent) for parent in parents):
                continue
            assert name in record["required"], f"{resource['name']}.{name}"
            assert isinstance(record["properties"][name]["type"], str)


def test_the_five_systems_exist() -> None:
    names = ["accounting", "commerce", "site_analytics", "tickets", "web_analytics"]
    assert [path.stem for path in SYSTEMS] == names
    assert [path.stem for path in SEEDS] == [f"seed_{n:03}" for n in range(5)]
    assert [path.stem for path in PEERS] == ["datasette", "kinto"]


@pytest.mark.parametrize("path", SYSTEMS, ids=label)
def test_every_system_retries(path: Path) -> None:
    handler = spec(path).client.error_handler
    assert handler is not None
    only_429 = path.stem == "site_analytics"
    assert handler.retry_on_status_codes == ([429] if only_429 else RETRIED)
    assert (handler.max_retries, handler.backoff_factor) == (3, 2.0)


def test_accounting() -> None:
    found = system("accounting")
    auth = found.client.auth
    assert isinstance(auth, OAuth2Auth)
    assert auth.token_url == "https://auth.example.com/getAccess"
    assert auth.client_secret == 'dlt.secrets["secret_key"]'
    assert found.client.paginator == OffsetPaginator(type="offset", limit=100)
    named = resources(found)
    full = {n for n, r in named.items() if r.write_disposition == "replace"}
    assert full == {"businesses", "connections", "accounts", "items"}
    incremental = {n for n, r in named.items() if has_cursor(r)}
    assert incremental == {"customers", "vendors", "invoices", "bills"}
    assert endpoint_path(named["invoice_lines"]) == (
        "/v1/invoices/{resources.invoices.id}/lines"
    )


def test_web_analytics() -> None:
    found = system("web_analytics")
    auth = found.client.auth
    assert isinstance(auth, OAuth2Auth)
    assert auth.token_url == "https://oauth2.googleapis.com/token"
    assert found.client.paginator == OffsetPaginator(type="offset", limit=100)
    named = resources(found)
    assert {"website_overview", "daily_active_users", "traffic_sources"} <= set(named)
    for resource in named.values():
        assert as_list(resource.primary_key)[:2] == ["date", "property_id"]


def test_commerce() -> None:
    found = system("commerce")
    client = found.client
    assert client.environments is not None
    assert list(client.environments) == ["production", "sandbox"]
    assert isinstance(client.auth, AuthMethods)
    oauth, header, query = client.auth.methods.values()
    assert isinstance(oauth, OAuth2Auth) and oauth.token_url == "/oauth2/token"
    assert isinstance(header, ApiKeyAuth) and header.location == "header"
    assert isinstance(query, ApiKeyAuth) and query.location == "query"
    stop = "{{ 'cursor' not in response }}"
    paginator = client.paginator
    assert isinstance(paginator, CursorPaginator)
    assert (paginator.cursor_param, paginator.stop_condition) == ("cursor", stop)
    assert (paginator.limit, paginator.limit_param) == (100, "limit")
    shifts = resources(found)["shifts"].endpoint
    assert shifts is not None and not isinstance(shifts, str)
    assert (shifts.method, shifts.path) == ("POST", "/labor/shifts/search")
    search = shifts.paginator
    assert isinstance(search, CursorPaginator)
    assert (search.cursor_body_path, search.limit_body_path) == ("cursor", "limit")
    assert search.stop_condition == stop
    closed = [
        place
        for place, s in schemas(document(ROOT / "specs/commerce.yaml"))
        if s.get("additionalProperties") is False
    ]
    assert closed == []


def test_tickets() -> None:
    found = system("tickets")
    auth = found.client.auth
    assert isinstance(auth, OAuth2Auth)
    assert auth.token_url == 'dlt.secrets["token_refresh_endpoint"]'
    assert auth.refresh_token == 'dlt.secrets["refresh_token"]'
    assert found.client.paginator == OffsetPaginator(type="offset", limit=50)
    named = resources(found)
    assert {"organizations", "agents", "tickets"} <= set(named)
    assert [n for n, r in named.items() if has_cursor(r)] == ["tickets"]


def test_site_analytics() -> None:
    found = system("site_analytics")
    assert found.client.paginator == CursorPaginator(
        type="cursor",
        cursor_path="links.next",
        stop_condition="not response.get('links', {}).get('next')",
    )
    handler = found.client.error_handler
    assert handler is not None and handler.error_message == "Rate limits hit"
    named = resources(found)
    assert {"users", "user_groups", "tracker_settings"} <= set(named)
    settings = named["tracker_settings"].endpoint
    assert settings is not None and not isinstance(settings, str)
    assert settings.paginator == SinglePagePaginator(type="single_page")


def test_peers() -> None:
    kinto = spec(ROOT / "tests/peers/kinto.yaml").client
    assert isinstance(kinto.auth, BasicAuth)
    assert isinstance(kinto.paginator, CursorPaginator)
    assert kinto.paginator.cursor_param is None
    datasette = spec(ROOT / "tests/peers/datasette.yaml").client
    assert datasette.auth is None
    assert isinstance(datasette.paginator, JsonLinkPaginator)


@pytest.mark.parametrize("path", SEEDS, ids=label)
def test_seeds_stay_as_they_were_written(path: Path) -> None:
    text = document(path)
    assert text["resource_defaults"] == {
        "primary_key": "id",
        "write_disposition": "merge",
    }
    assert text["client"]["base_url"] == "https://api.example.com"
    assert len(text["resources"]) == 3
    assert set(text) == {"connector", "client", "resource_defaults", "resources"}
    assert all(set(r) == {"name", "endpoint"} for r in text["resources"])
