"""Bodies that are no plain JSON: lines, CSV, gzip files, and what is wrong with them."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.functional.conftest import Client
from tests.scripted import Answer, Api, Call

SPEC = """
connector: decoded
silence: [no-auth, no-primary-key, no-schema]
client: { base_url: https://api.example.com, error_handler: { max_retries: 0 } }
resource_defaults: { endpoint: { paginator: single_page } }
resources:
  - { name: lines, endpoint: { path: body, decoder: jsonl } }
  - { name: nested, endpoint: { path: body, decoder: { type: jsonl, gzip: true }, data_selector: row } }
  - name: rows
    endpoint: { path: body, decoder: csv }
    schema: { type: object, properties: { id: { type: integer }, name: { type: string }, paid: { type: boolean }, note: { type: [string, "null"] } } }
    model: Row
  - { name: cells, endpoint: { path: body, decoder: { type: csv, delimiter: ";", encoding: latin-1, gzip: true }, missing_data: empty } }
  - { name: packed, endpoint: { path: body, decoder: { type: json, gzip: true }, data_selector: data } }
  - { name: listed, endpoint: { path: body, decoder: json, data_selector: data, headers: { Accept: application/json } } }
"""


def read(client: Client, api: Api, name: str, body: bytes, kind: str) -> list[Any]:
    api.routes["/body"] = lambda call: Answer(body, headers={"Content-Type": kind})
    records = getattr(client(SPEC), name)()
    return [each.model_dump(by_alias=True) for each in records]


@pytest.mark.parametrize(
    "kind", ["application/x-ndjson", "application/json", "application/jsonl"]
)
def test_json_lines(client: Client, api: Api, kind: str) -> None:
    body = b'{"id": 1, "name": "a\xe2\x80\xa8b"}\n\n{"id": 2}\r\n3'
    rows = [{"id": 1, "name": "a\u2028b"}, {"id": 2}, {"value": 3}]
    assert read(client, api, "lines", body, kind) == rows
    assert api.calls[0].headers["accept"] == "application/x-ndjson, application/jsonl"


def test_no_lines_are_no_records(client: Client, api: Api) -> None:
    assert read(client, api, "lines", b"", "application/x-ndjson") == []


def test_a_path_in_each_line(client: Client, api: Api) -> None:
    body = gzip.compress(b'{"row": {"id": 1}}\n') + gzip.compress(b'{"row": {"id": 2}}')
    rows = [{"id": 1}, {"id": 2}]
    assert read(client, api, "nested", body, "application/gzip") == rows


def test_csv_with_types_of_the_schema(client: Client, api: Api) -> None:
    body = b'\xef\xbb\xbfid,name,paid,note\r\n1,"a, ""b""\nc",true,\r\n\r\n2,d,no,x\r\n'
    assert read(client, api, "rows", body, "text/csv") == [
        {"id": 1, "name": 'a, "b"\nc', "paid": True, "note": None},
        {"id": 2, "name": "d", "paid": False, "note": "x"},
    ]
    assert api.calls[0].headers["accept"] == "text/csv"


def test_csv_with_options(client: Client, api: Api) -> None:
    body = gzip.compress("id;n\xe4me\n01;\xfc".encode("latin-1"))
    rows = [{"id": "01", "n\xe4me": "\xfc"}]
    assert read(client, api, "cells", body, "text/csv") == rows
    assert read(client, api, "cells", b"", "text/csv") == []


def test_packed_json(client: Client, api: Api) -> None:
    body = gzip.compress(json.dumps({"data": [{"id": 1}]}).encode())
    assert read(client, api, "packed", body, "application/json") == [{"id": 1}]


def test_an_encoded_transfer_is_something_else(client: Client, api: Api) -> None:
    def answer(call: Call) -> Answer:
        body = gzip.compress(b'{"data": [{"id": 1}]}')
        return Answer(body, headers={"Content-Encoding": "gzip"})

    api.routes["/body"] = answer
    assert [each.id for each in client(SPEC).listed()] == [1]


BROKEN = [
    ("lines", b'{"id": 1}\n{"id": ', "line 2 is not valid JSON"),
    ("lines", b'{"id": "\xff"}', "the body is not utf-8 at byte 8"),
    ("nested", b'{"row": 1}', "no gzip file"),
    ("nested", gzip.compress(b"{}" * 99)[:20], "the gzip file is cut short"),
    ("nested", gzip.compress(b'{"other": 1}'), "no data at"),
    ("rows", b"", "not even a header"),
    ("rows", b"id,name\n1\n", "line 2 of the CSV has 1 values for 2 columns"),
    ("rows", b"id,id\n1,2\n", "a name twice"),
    ("rows", b'id\n"1', "of the CSV: unexpected end of data"),
    ("rows", b"<html>maintenance</html>\n<p>,</p>", "2 values for 1 columns"),
]


@pytest.mark.parametrize(("name", "body", "said"), BROKEN)
def test_broken_bodies(
    client: Client, api: Api, name: str, body: bytes, said: str
) -> None:
    with pytest.raises(Exception, match=said) as caught:
        read(client, api, name, body, "application/octet-stream")
    assert type(caught.value).__name__ in {"ResponseError", "MissingDataError"}
    assert f"{name}, page 1, GET" in str(caught.value)


def test_a_gzip_bomb_is_refused(
    client: Client, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    client(SPEC)
    for name, module in sys.modules.items():
        if name.startswith("decoded_") and name.endswith("._runtime.decoding"):
            monkeypatch.setattr(module, "_LARGEST", 1000)
    body = gzip.compress(b'{"row": {"id": 1}}\n' * 1000)
    with pytest.raises(Exception, match="the unpacked body exceeds 1000 bytes"):
        read(client, api, "nested", body, "application/gzip")
