"""Rules about answers: retry, ignore, fail, renew the credentials, end; and what dlt does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from dlt.extract.exceptions import ResourceExtractionError

from generator import pipeline
from generator.diagnostics import SpecError
from tests.functional.conftest import Client
from tests.rest_api import dlt_rows
from tests.scripted import Answer, Api, Call, Route

SPEC = """
connector: rules
silence: [no-auth, no-schema, auth-error-ignored]
client:
  base_url: https://api.example.com
  error_handler: {{ backoff_factor: 0, max_retries: 2 }}
resource_defaults: {{ primary_key: id, endpoint: {{ data_selector: data }} }}
resources:
  - name: things
    endpoint:
      paginator: {{ type: page_number, base_page: 1, total_path: null }}
      {handler}
"""


def spec(*rules: str) -> str:
    return SPEC.format(
        handler=f"error_handler: {{ rules: [{', '.join(rules)}] }}" if rules else ""
    )


def pages(*answers: Any) -> Route:
    """Two records a page and nothing after the last, except where an answer is given."""

    def route(call: Call) -> Any:
        page = int(call.query.get("page", "1"))
        given = answers[page - 1] if page <= len(answers) else []
        if isinstance(given, Answer):
            return given
        return {"data": [{"id": each} for each in given]}

    return route


def ids(records: Any) -> list[int]:
    return [record.id for record in records]


def then(*answers: Any) -> Route:
    """One answer after the other, the last one for ever."""
    left = list(answers)

    def route(call: Call) -> Any:
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(call) if callable(answer) else answer

    return route


IGNORE_404 = "{ statuses: [404], action: ignore }"


def test_an_ignored_first_answer_is_no_records_and_is_counted(
    client: Client, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.routes["/things"] = pages(Answer({"error": "no such thing"}, 404))
    made = client(spec(IGNORE_404))
    with caplog.at_level(logging.INFO):
        assert list(made.things()) == []
    counts = made.counts["things"]
    assert (counts.events["answers ignored"], counts.received, counts.pages) == (
        1,
        0,
        0,
    )
    assert "things, page 1, GET" in caplog.text
    assert "status 404 is ignored by a rule" in caplog.text
    assert "things: 1 answers ignored" in caplog.text


def test_an_ignored_later_answer_is_an_error(client: Client, api: Api) -> None:
    """D12, A5."""
    api.routes["/things"] = pages([1, 2], [3, 4], Answer({}, 404), [7, 8])
    with pytest.raises(Exception, match="things, page 3, GET .*page=3.*404") as caught:
        list(client(spec(IGNORE_404)).things())
    assert type(caught.value).__name__ == "PaginationError"
    assert "the rule's action is `end`" in str(caught.value)
    paginator = {"type": "page_number", "base_page": 1, "total_path": None}
    actions = [{"status_code": 404, "action": "ignore"}]
    endpoint = {"paginator": paginator, "data_selector": "data"}
    rows = dlt_rows(api.url, {**endpoint, "response_actions": actions})
    assert [row["id"] for row in rows] == [1, 2, 3, 4], "dlt stops without a word"


def test_end_is_the_end(client: Client, api: Api) -> None:
    made = client(spec("{ statuses: [404], action: end }"))
    api.routes["/things"] = pages([1, 2], [3], Answer({}, 404))
    assert ids(made.things()) == [1, 2, 3]
    assert made.counts["things"].events["answers ignored"] == 0
    api.routes["/things"] = pages(Answer({}, 404))
    assert ids(made.things()) == []


CHILDREN = """
connector: children
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - parents
  - { name: things, endpoint: { path: "parents/{resources.parents.id}/things", error_handler: { ignore_status_codes: [404] } } }
  - { name: strict, endpoint: { path: "parents/{resources.parents.id}/things" } }
"""


def test_a_missing_child(client: Client, api: Api) -> None:
    """D39."""
    api.routes["/parents"] = pages([1, 2, 3])
    for parent in (1, 3):
        api.routes[f"/parents/{parent}/things"] = pages([parent * 10])
    made = client(CHILDREN)
    assert ids(made.things()) == [10, 30]
    assert made.counts["things"].events["answers ignored"] == 1
    with pytest.raises(Exception, match="strict, page 1, GET .*/parents/2/things.*404"):
        list(made.strict())


def test_all_criteria_must_match(client: Client, api: Api) -> None:
    """A6."""
    made = client(spec("{ statuses: [403], message: plan, action: ignore }"))
    api.routes["/things"] = pages(Answer({"error": "not in your plan"}, 403))
    assert list(made.things()) == []
    api.routes["/things"] = pages(Answer({"error": "token expired"}, 403))
    with pytest.raises(Exception, match="status 403.*token expired"):
        list(made.things())
    api.routes["/things"] = pages(Answer({"error": "not in your plan"}, 400))
    with pytest.raises(Exception, match="status 400"):
        list(made.things())


def test_the_first_rule_that_fits_decides(client: Client, api: Api) -> None:
    made = client(spec("{ statuses: [404], message: hard, action: fail }", IGNORE_404))
    api.routes["/things"] = pages(Answer({"error": "hard"}, 404))
    with pytest.raises(Exception, match="status 404"):
        list(made.things())
    api.routes["/things"] = pages(Answer({"error": "soft"}, 404))
    assert list(made.things()) == []


BUSY = Answer({"error": {"code": 17}})


def test_an_error_with_status_200_is_retried_by_rule(client: Client, api: Api) -> None:
    api.routes["/things"] = then(BUSY, BUSY, pages([1, 2]))
    made = client(spec("{ when: response.error.code == 17, action: retry }"))
    assert ids(made.things()) == [1, 2]
    assert len(api.calls) == 4


def test_an_error_with_status_200_fails_by_rule(client: Client, api: Api) -> None:
    made = client(
        spec("{ when: response.error.code == 17, action: fail, error_message: Busy }")
    )
    api.routes["/things"] = pages([1, 2], BUSY)
    with pytest.raises(Exception) as caught:
        list(made.things())
    assert type(caught.value).__name__ == "HTTPError"
    assert str(caught.value) == (
        f"things, page 2, GET {api.url}/things?page=2: status 200: Busy:"
        ' {"error": {"code": 17}}'
    )
    assert len(api.calls) == 2


def test_an_error_with_status_200_is_no_end(client: Client, api: Api) -> None:
    """D10, A2."""
    api.routes["/things"] = pages([1, 2], BUSY, [5, 6])
    with pytest.raises(Exception, match="things, page 2, .*no data at data") as caught:
        list(client(spec()).things())
    assert type(caught.value).__name__ == "MissingDataError"
    paginator = {"type": "page_number", "base_page": 1, "total_path": None}
    rows = dlt_rows(api.url, {"paginator": paginator, "data_selector": "data"})
    assert [row["id"] for row in rows] == [1, 2], "dlt takes it for an empty page"


def test_retries_by_rule_are_bounded(client: Client, api: Api) -> None:
    api.routes["/things"] = lambda call: Answer({}, 409)
    made = client(
        spec("{ statuses: [409], action: retry, error_message: Still locked }")
    )
    with pytest.raises(
        Exception, match="status 409 after 2 retries: Still locked"
    ) as caught:
        list(made.things())
    assert (caught.value.retries, len(api.calls)) == (2, 3)  # type: ignore[attr-defined]


def test_conditions_read_headers_and_bodies_that_are_no_json(
    client: Client, api: Api
) -> None:
    condition = "headers['X-Left'] == '0' or 'x' in response"
    api.routes["/things"] = then(Answer("busy", 403, {"X-Left": "0"}), pages([1]))
    made = client(spec(f'{{ statuses: [403], when: "{condition}", action: retry }}'))
    assert ids(made.things()) == [1]
    api.routes["/things"] = lambda call: Answer("no", 403, {"X-Left": "9"})
    with pytest.raises(Exception, match="status 403"):
        list(made.things())


def test_dlts_response_actions(client: Client, api: Api) -> None:
    """Both criteria, one of them, and content at status 200, as dlt has it."""
    text = SPEC.format(
        handler="response_actions: [{ status_code: 404, content: gone, action: ignore },"
        " { content: nothing here, action: ignore }]"
    )
    actions: list[dict[str, Any]] = [
        {"status_code": 404, "content": "gone", "action": "ignore"},
        {"content": "nothing here", "action": "ignore"},
    ]
    made = client(text)
    for answer in (
        Answer({"error": "gone"}, 404),
        Answer({"info": "nothing here"}),
        Answer({"info": "nothing here"}, 400),
    ):
        api.routes["/things"] = pages(answer)
        assert list(made.things()) == []
        assert dlt_rows(api.url, {"response_actions": actions}) == []
    api.routes["/things"] = pages(Answer({"error": "other"}, 404))
    with pytest.raises(Exception, match="status 404"):
        list(made.things())
    with pytest.raises(ResourceExtractionError):
        dlt_rows(api.url, {"response_actions": actions})


def test_an_unknown_action(api: Api, tmp_path: Any) -> None:
    """D43."""
    path = tmp_path / "things.yaml"
    actions = "response_actions: [{ status_code: 403, action: retry }]"
    path.write_text(SPEC.format(handler=actions))
    with pytest.raises(SpecError) as caught:
        pipeline.compile_spec(path)
    (found,) = [each for each in caught.value.diagnostics if each.severity == "error"]
    assert "'retry' is no action" in found.message
    assert "a rule of `error_handler`" in found.hint
    api.routes["/things"] = then(Answer({}, 403), {"data": []})
    with pytest.raises(ResourceExtractionError):
        dlt_rows(
            api.url, {"response_actions": [{"status_code": 403, "action": "retry"}]}
        )
    assert len(api.calls) == 1, "dlt takes the word and does nothing"


# Credentials

AUTH = """
connector: renewed
silence: [no-schema]
client:
  base_url: https://api.example.com
  auth: { type: oauth2, token_url: /token }
  error_handler: { rules: [{ statuses: [403], message: expired, action: refresh_auth, error_message: No way }] }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources: [things]
"""


@pytest.mark.parametrize("helps", [True, False])
def test_credentials_are_renewed_by_rule(client: Client, api: Api, helps: bool) -> None:
    def token(call: Call) -> Any:
        return {"access_token": f"token-{len(api.called('/token'))}"}

    def things(call: Call) -> Any:
        if helps and call.headers["authorization"] == "Bearer token-2":
            return {"data": [{"id": 1}]}
        return Answer({"error": "expired"}, 403)

    api.routes.update({"/token": token, "/things": things})
    made = client(AUTH, credentials={"client_id": "me", "client_secret": "s3cret"})
    if helps:
        assert ids(made.things()) == [1]
    else:
        with pytest.raises(Exception, match="status 403: No way"):
            list(made.things())
    assert len(api.called("/token")) == len(api.called("/things")) == 2


# Which statuses are tried again

METHODS = """
connector: methods
silence: [no-auth, no-schema]
client: { base_url: https://api.example.com, error_handler: { backoff_factor: 0, max_retries: 4 } }
resource_defaults: { primary_key: id, endpoint: { data_selector: data, paginator: single_page } }
resources:
  - things
  - { name: searches, endpoint: { path: things, method: POST, json: {} } }
  - { name: named, endpoint: { path: things, method: POST, json: {}, error_handler: { retry_on_status_codes: [500, 422] } } }
"""
PERMANENT = (400, 404, 405, 422, 501, 505)
TRANSIENT = (408, 425, 429, 500, 502, 503, 504)
UNDONE = (408, 425, 429, 503)


@pytest.mark.parametrize(
    ("resource", "again"),
    [("things", TRANSIENT), ("searches", UNDONE), ("named", (500, 422))],
)
def test_statuses(
    client: Client, api: Api, resource: str, again: tuple[int, ...]
) -> None:
    """D40, D42, A14."""
    made = client(METHODS)
    for status in (*TRANSIENT, *PERMANENT):
        api.calls.clear()
        api.routes["/things"] = then(Answer({}, status), pages([1]))
        if status in again:
            assert ids(getattr(made, resource)()) == [1]
            assert len(api.calls) == 2
        else:
            with pytest.raises(Exception, match=f"status {status}"):
                list(getattr(made, resource)())
            assert len(api.calls) == 1


@pytest.mark.parametrize("status", [500, 501, 505])
def test_dlt_repeats_posts_and_permanent_errors(
    api: Api, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """D42."""
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
    api.routes["/things"] = lambda call: Answer({}, status)
    with pytest.raises(ResourceExtractionError):
        dlt_rows(api.url, {"method": "POST", "json": {}})
    assert len(api.calls) == 5


@pytest.mark.parametrize("answer", [Answer({}, 408), Answer({}, 425)])
def test_dlt_gives_up_at_once(api: Api, answer: Answer) -> None:
    """D40."""
    api.routes["/things"] = then(answer, {"data": []})
    with pytest.raises(ResourceExtractionError):
        dlt_rows(api.url, {"data_selector": "data"})
    assert len(api.calls) == 1


def test_403_with_retry_after(client: Client, api: Api) -> None:
    """D40."""
    api.routes["/things"] = then(Answer({}, 403, {"Retry-After": "0"}), pages([1]))
    assert ids(client(METHODS).things()) == [1]


# Through dlt


def test_ignored_answers_of_a_source(
    package: Callable[[str], Any], api: Api, folder: Any, caplog: Any
) -> None:
    from tests.support import run, source_of, table

    api.routes["/parents"] = pages([1, 2])
    api.routes["/parents/1/things"] = pages([10])
    source = source_of(package(CHILDREN), api.url, resources=["parents", "things"])
    loaded = run(source, folder)
    assert [row["id"] for row in table(loaded, "things")] == [10]
    assert "things: 1 answers ignored" in caplog.text
