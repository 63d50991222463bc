"""The reference page's part about texts, references and expressions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from generator.expressions.calls import CALLS
from generator.silence import WARNINGS

TITLE = "Texts and expressions"
LINT = "Warnings"


class Example(NamedTuple):
    """A text of a spec that is compiled, where it stands, and what it means."""

    text: str
    scope: Literal["answer", "request", "record"]
    meaning: str


EXAMPLES = (
    Example("not response.meta.next", "answer", "the answer has no value there"),
    Example("response.data | length < 100", "answer", "fewer than 100 records"),
    Example("headers['X-More'] == 'no'", "answer", "a header, by its name in quotes"),
    Example("{{ last_record.id }}", "answer", "a field of the last record of the page"),
    Example(
        "{{ headers['Link'] | regex_search('cursor=([^&>]+)') }}",
        "answer",
        "the first group of the first match",
    ),
    Example('dlt.secrets["token"]', "request", "a secret, alone: a credential"),
    Example(
        'dlt.config["region"]',
        "request",
        "an argument, which dlt's configuration can fill",
    ),
    Example(
        "{{ config.get('kinds', []) }}",
        "request",
        "an argument with a list of texts, empty by default; alone in a parameter or body",
    ),
    Example(
        "{{ config.get('kinds', []) | join(',') }}",
        "request",
        "such a list as one text",
    ),
    Example(
        "users/{resources.users.id}/posts", "request", "a value of the parent's record"
    ),
    Example("accounts/{account_id}", "request", "an argument of the source"),
    Example(
        "{incremental.start_value}",
        "request",
        "the lower bound; without one the key is left out",
    ),
    Example(
        "{{ (config.user ~ ':' ~ secrets.password) | base64encode }}",
        "request",
        "text joined, then encoded",
    ),
    Example(
        "{{ day_delta(-30, '%Y-%m-%d') }}", "request", "the day 30 days ago, in UTC"
    ),
    Example(
        "{{ 'test' if config.mode == 'sandbox' else 'live' }}", "request", "a choice"
    ),
    Example(
        "{{ record.status != 'void' }}", "record", "a condition over the API's record"
    ),
    Example(
        "{{ record.kind in config.get('kinds', []) }}",
        "record",
        "one of the texts of an argument",
    ),
    Example("{{ record.price * record.count }}", "record", "arithmetic"),
    Example(
        "{{ format_datetime(record.created_at, '%Y') }}", "record", "part of a date"
    ),
)

_WHERE = {
    "answer": (
        "Over an answer: `stop_condition`, `cursor_value`, `cursor_path`, `when`",
        "`response` is the body, `headers` its headers, `last_record` and `last_page_size` the page's "
        "records; another bare name is a field of the body. What is not there is null.",
    ),
    "request": (
        "In texts of requests: paths, `params`, `headers`, `json`, `data`, URLs, auth values",
        "`{name}` is a placeholder; `{{ … }}` an expression over `config`, `secrets`, `resources`, "
        "`incremental`, placeholders and times.",
    ),
    "record": (
        "Over a record: `filter`, `add`, `processing_steps`",
        "`record` is the API's record; what a request may read is there too, except secrets. A value of "
        "the wrong kind rejects the record.",
    ),
}


def expressions() -> str:
    """How texts refer to values, with every name that can be called."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"## {TITLE}"
    yield ""
    yield "Expressions are compiled to Python when the package is generated; nothing is evaluated"
    yield "at run time. The grammar is that of Jinja's expressions: lookups, comparisons, `and`,"
    yield "`or`, `not`, `in`, `if … else`, `+ - * / // %`, `~` joins text. Whatever else is an error"
    yield "that says what to write."
    for scope, (title, text) in _WHERE.items():
        yield ""
        yield f"### {title}"
        yield ""
        yield text
        yield ""
        yield "| text | meaning |"
        yield "|---|---|"
        for each in EXAMPLES:
            if each.scope == scope:
                shown = each.text.replace("|", "\\|")
                yield f"| `{shown}` | {each.meaning} |"
    yield ""
    yield "### What can be called"
    yield ""
    for what, names in CALLS.items():
        yield f"- {what}: {', '.join(f'`{name}`' for name in names)}"
    yield ""
    yield "A pattern of `regex_search` whose time would grow exponentially is refused. With `*`, `+` or"
    yield "`{n,}` the time can still grow with a power of the text's length: there a text of more than"
    yield "10,000 characters is an error. A number that is infinite, or has more than 300 digits, is none."
    yield ""


def warnings() -> str:
    """The codes that `silence` can name."""
    codes = ", ".join(f"`{code}`" for code in sorted(WARNINGS))
    return (
        f"## {LINT}\n\nA spec that compiles can still be wrong. Warnings have a code, a position and a"
        " hint; `silence`, in the spec or in a resource, takes them back one by one, and `--strict`"
        f" makes them errors.\n\n{codes}\n"
    )
