"""The five systems: every resource, all pages, through dlt into DuckDB, equal to the server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.practice import Options, PracticeServer
from generator.spec import Spec
from tests.support import ROOT, SPECS, imported, part, run, source_of, table

SYSTEMS = ("accounting", "commerce", "site_analytics", "tickets", "web_analytics")
SINGLE = {"site_analytics": frozenset({"tracker_settings"})}


def server(name: str, **options: Any) -> PracticeServer:
    raw = yaml.safe_load((SPECS / f"{name}.yaml").read_text(encoding="utf-8"))
    single = SINGLE.get(name, frozenset[str]())
    return PracticeServer(
        Spec.model_validate(raw), raw, Options(single=single, **options)
    )


def snake(name: str) -> str:
    """A column's name as dlt writes it."""
    from dlt.common.normalizers.naming.snake_case import NamingConvention

    return NamingConvention().normalize_identifier(name)


def equal(held: Any, loaded: Any) -> bool:
    """Whether a value in DuckDB is the one that the server holds."""
    if isinstance(loaded, datetime):
        return loaded == datetime.fromisoformat(held)
    if isinstance(loaded, date):
        return loaded == date.fromisoformat(held)
    return bool(held == loaded)


def differences(
    held: Mapping[str, Any], row: Mapping[str, Any], above: str = ""
) -> list[str]:
    """Scalar fields of a record whose value in the table is another, or missing."""
    found: list[str] = []
    for name, value in held.items():
        column = f"{above}{snake(name)}"
        if isinstance(value, dict):
            found += differences(value, row, f"{column}__")
        elif value is not None and not isinstance(value, list):
            if column not in row:
                found.append(f"{column} is no column")
            elif not equal(value, row[column]):
                found.append(f"{column}: {value!r} is {row[column]!r}")
    return found


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_record_is_loaded_as_the_server_holds_it(
    name: str, tmp_path: Path
) -> None:
    with server(name, records=130) as api:
        module = imported(SPECS / f"{name}.yaml", tmp_path)
        source = source_of(
            module, api.url, token_url=api.token_url, credentials=api.credentials
        )
        keys = {name: r.compute_table_schema() for name, r in source.resources.items()}
        pipeline = run(source, tmp_path)
        for resource, records in api.records.items():
            rows = table(pipeline, resource)
            assert len(rows) == len(records), resource
            primary = [
                column
                for column, hints in keys[resource]["columns"].items()
                if hints.get("primary_key") and not column.startswith("_")
            ]
            by_key = {tuple(str(row[snake(k)]) for k in primary): row for row in rows}
            if resource == "invoice_lines" or not primary:
                continue  # lines are told apart by their invoice too
            for record in records:
                row = by_key[tuple(str(record[k]) for k in primary)]
                assert not differences(record, row), resource
        assert table(pipeline, "rejected_records") == []


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_client_yields_the_same_records(name: str, tmp_path: Path) -> None:
    with server(name, records=60) as api:
        module = imported(SPECS / f"{name}.yaml", tmp_path)
        credentials = part(module, "Credentials")(**api.credentials)
        client = part(module, "Client")(
            credentials, base_url=api.url, token_url=api.token_url
        )
        for resource, records in api.records.items():
            read = [
                r.model_dump(by_alias=True, exclude_unset=True, mode="json")
                for r in getattr(client, resource)()
            ]
            assert len(read) == len(records)
            assert {str(sorted(r)) for r in read} == {str(sorted(r)) for r in records}


def test_faults_on_the_way_change_nothing(tmp_path: Path) -> None:
    """Bursts of 429, server errors and tokens that expire: still every record, once."""
    with server(
        "tickets", records=120, rate_limit_every=7, retry_after=0, fail_rate=0.1
    ) as api:
        module = imported(SPECS / "tickets.yaml", tmp_path)
        source = source_of(
            module,
            api.url,
            token_url=api.token_url,
            credentials=api.credentials,
            resources=["tickets", "agents"],
        )
        pipeline = run(source, tmp_path)
        assert len(table(pipeline, "tickets")) == 120
        assert len(table(pipeline, "agents")) == 120


def test_the_second_run_asks_for_what_is_new(tmp_path: Path) -> None:
    with server("tickets", records=80) as api:
        module = imported(SPECS / "tickets.yaml", tmp_path)
        for _ in range(2):
            api.clear_requests()
            source = source_of(
                module,
                api.url,
                token_url=api.token_url,
                credentials=api.credentials,
                resources=["tickets"],
            )
            pipeline = run(source, tmp_path)
        newest = max(record["modifiedTime"] for record in api.records["tickets"])
        asked = [each.query for each in api.requests if each.path.endswith("/tickets")]
        assert datetime.fromisoformat(
            asked[0]["modifiedSince"]
        ) == datetime.fromisoformat(newest)
        assert len(table(pipeline, "tickets")) == 80


def test_commerce_picks_the_auth_method_by_the_credentials(tmp_path: Path) -> None:
    with server("commerce", records=3) as api:
        module = imported(SPECS / "commerce.yaml", tmp_path)
        key = {"api_key": api.credentials["api_key"]}
        both = part(module, "Credentials")
        list(part(module, "Client")(both(**key), base_url=api.url).customers())
        assert api.requests[-1].headers["x-api-key"] == key["api_key"]
        client = part(module, "Client")(
            both(**key), base_url=api.url, auth="api_key_query"
        )
        list(client.customers())
        assert api.requests[-1].query["api_key"] == key["api_key"]
        with pytest.raises(
            Exception, match="give client_id and client_secret, or api_key"
        ):
            part(module, "Client")(both(), base_url=api.url)


WITHOUT_DLT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, {folder!r})
import {name}.models, {name}.client, {name}.paginators
from {name} import {prefix}Client
assert not {{"dlt", "generator", "jinja2"}} & set(sys.modules)
"""


@pytest.mark.parametrize("name", SYSTEMS)
def test_models_and_client_import_without_dlt(name: str) -> None:
    prefix = "".join(word.title() for word in name.split("_"))
    blocked = (
        "{'dlt', 'generator', 'jinja2', 'black', 'click', 'datamodel_code_generator'}"
    )
    code = WITHOUT_DLT.format(
        blocked=blocked, folder=str(ROOT / "generated"), name=name, prefix=prefix
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_the_source_runs_without_the_generator() -> None:
    """Loading needs dlt and pydantic, and nothing of what the generator needs."""
    blocked = "{'generator', 'jinja2', 'black', 'datamodel_code_generator'}"
    code = WITHOUT_DLT.format(
        blocked=blocked,
        folder=str(ROOT / "generated"),
        name="tickets",
        prefix="Tickets",
    )
    code += (
        "from tickets import tickets_source\nprint(len(tickets_source().resources))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "7"
