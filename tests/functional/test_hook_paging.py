"""A function of hooks.py as the paginator: it gives the next request, or None."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.functional.test_hooks import written
from tests.refused import refused
from tests.scripted import Api, Call
from tests.support import imported, part, run, source_of, table

SPEC = """
connector: hooked
silence: [no-auth, no-schema, no-primary-key]
client:
  base_url: https://api.example.com
  paginator: { type: hook, function: next_page, max_pages: 5 }
resource_defaults: { endpoint: { data_selector: rows } }
resources:
  - name: things
    endpoint: { path: /things, params: { size: 2 } }
  - name: others
    primary_key: id
    endpoint: { path: /others, paginator: { type: hook, function: with_body } }
"""
HOOKS = '''"""Mine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ._runtime.http import Request, Response
from ._runtime.values import JSON, get


def next_page(
    request: Request, response: Response, records: Sequence[JSON]
) -> Request | None:
    """The pages are named in a row, and the answer has the row."""
    names = get(response.json, "names")
    assert isinstance(names, list)
    current = request.params.get("name", names[0])
    index = names.index(current) + 1
    return request.with_params({"name": str(names[index])}) if index < len(names) else None


def with_body(
    request: Request, response: Response, records: Sequence[JSON]
) -> Request | None:
    target = get(response.json, "to")
    return request.at(target) if isinstance(target, str) else None
'''


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    folder = tmp_path_factory.mktemp("hooks")
    (written(folder, SPEC) / "hooks.py").write_text(HOOKS)
    return imported(folder / "hooked.yaml", folder)


def named(names: list[str]) -> Callable[[Call], Any]:
    def answer(call: Call) -> Any:
        name = call.query.get("name", names[0])
        return {"names": names, "rows": [{"id": f"{name}{n}"} for n in (1, 2)]}

    return answer


@pytest.mark.parametrize("count", [1, 2, 4])
def test_pages_are_followed_to_the_end(
    package: ModuleType, api: Api, folder: Path, count: int
) -> None:
    names = list("abcd")[:count]
    api.routes["/things"] = named(names)
    source = source_of(package, api.url, resources=["things"])
    rows = table(run(source, folder), "things", "id")
    assert [row["id"] for row in rows] == [
        f"{name}{n}" for name in names for n in (1, 2)
    ]
    assert [call.query for call in api.calls] == [
        {"size": "2"},
        *({"size": "2", "name": name} for name in names[1:]),
    ]


def client(package: ModuleType, api: Api) -> Any:
    return part(package, "Client")(base_url=api.url)


def test_a_request_that_comes_twice_ends_the_read(
    package: ModuleType, api: Api
) -> None:
    number = iter(range(9))
    api.routes["/others"] = lambda call: {
        "to": "/others?a=1",
        "rows": [{"id": next(number)}],
    }
    with pytest.raises(Exception, match="others, page 3, .*leads back to this request"):
        list(client(package, api).others())


def test_no_more_pages_than_the_spec_allows(package: ModuleType, api: Api) -> None:
    api.routes["/things"] = named(list("abcdefgh"))
    with pytest.raises(Exception, match="more pages than max_pages=5"):
        list(client(package, api).things())


def test_another_host_gets_nothing(package: ModuleType, api: Api) -> None:
    api.routes["/others"] = lambda call: {
        "to": "http://127.0.0.2:1/",
        "rows": [{"id": 1}],
    }
    with pytest.raises(Exception, match="is not the base URL's"):
        list(client(package, api).others())


def test_the_stub_says_what_it_is_to_give(tmp_path: Path, api: Api) -> None:
    text = (written(tmp_path, SPEC) / "hooks.py").read_text()
    assert '"""The request that follows a page of things; None at the end."""' in text
    module = imported(tmp_path / "hooked.yaml", tmp_path)
    api.routes["/things"] = named(["a"])
    with pytest.raises(NotImplementedError):
        list(client(module, api).things())


@pytest.mark.parametrize("function", ["next page", "Sequence", "class"])
def test_names_that_no_function_can_have(function: str) -> None:
    (error,) = refused(SPEC.replace("function: with_body", f"function: {function}"))
    assert error.message == f"'{function}' cannot be the name of a function in hooks.py"


def test_another_word_for_it() -> None:
    (error,) = refused(SPEC.replace("{ type: hook, function: with_body }", "custom"))
    assert error.hint.startswith("write `{ type: hook, function: next_page }`")


def test_one_name_has_one_kind() -> None:
    text = SPEC.replace(
        "    primary_key: id\n",
        "    primary_key: id\n    hooks: { record: next_page }\n",
    )
    text = text.replace(", paginator: { type: hook, function: with_body }", "")
    (error,) = refused(text)
    assert error.message == "the hook 'next_page' is for a page and for a record"
