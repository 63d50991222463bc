"""`gen-connector probe`: says what it will send, asks, sends it, and writes a spec."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import click

from generator.diagnostics import shown
from generator.importers.check import checked
from generator.importers.command import connector_name, tell, write
from generator.importers.draft import Draft, Section
from generator.importers.probe.asking import (
    MOST_REQUESTS,
    Asker,
    ProbeError,
    host_of,
    redacted,
)
from generator.importers.probe.conversation import Conversation, given_headers
from generator.importers.samples import connector_of
from generator.importers.samples.decisions import decided
from generator.importers.samples.exchange import Pairs, Target, target
from generator.importers.samples.spec import write_spec
from generator.plain import is_list

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\x80-\xff]*")
_OPEN = frozenset(("accept", "user-agent"))


@click.command("probe")
@click.argument("url")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Sent with each request; the spec has the name as a secret, not the value.",
)
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A query parameter, such as limit=50.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The spec to write (default: specs/NAME.yaml).",
)
@click.option("--yes", is_flag=True, help="Send without asking.")
def command(
    url: str,
    headers: tuple[str, ...],
    params: tuple[str, ...],
    output: Path | None,
    yes: bool,
) -> int:
    """Write a spec from a few requests to a list of a live API.

    What will be sent is printed first. At most five requests are sent, one at a time, to the
    host of URL and to no other.
    """
    at = target(url)
    if at is None:
        like = "" if "://" in url else f", such as https://{url}"
        raise click.UsageError(
            f"URL must be an http(s) URL{like if len(url) < 200 else ''}"
        )
    given = _headers(headers)
    if at.user and not any(name.lower() == "authorization" for name in given):
        encoded = base64.b64encode(at.user.encode()).decode()
        given["Authorization"] = f"Basic {encoded}"
    query = (*at.query, *_params(params))
    name = connector_name(output) if output else connector_of(at.origin) or "api"
    spec = output or Path("specs", f"{name}.yaml")
    if spec.exists():
        message = "exists already, so nothing was sent: -o names another file"
        click.echo(f"{shown(str(spec))} {message}", err=True)
        return 3
    _announce(at, query, given)
    if not yes and not _agreed():
        click.echo("nothing was sent", err=True)
        return 1
    asker = Asker(at.origin, given_headers(given), click.echo)
    conversation = Conversation(asker)
    try:
        conversation.hold(at.origin + at.path, query)
    except ProbeError as error:
        click.echo(f"{at.origin}{at.path}: {error}", err=True)
        return 1
    draft = checked(_draft(name, conversation))
    tell(draft)
    return write(draft, spec, update=False)


def _draft(name: str, conversation: Conversation) -> Draft:
    """The spec of what was answered, with what the probe learnt of paging."""
    found = decided(conversation.exchanges)
    count = len(conversation.exchanges)
    origin = f"what {found.base_url} answered to {count} request" + "s" * (count > 1)
    draft = write_spec(name, origin, found, found.lists, (), (), are_given=True)
    resources = draft.spec["resources"]
    first = resources[0] if is_list(resources) else None
    endpoint = first.get("endpoint") if isinstance(first, Section) else None
    if isinstance(endpoint, Section):
        for note in conversation.notes:
            endpoint.note("paginator", note)
        for todo in conversation.todos:
            endpoint.todo("paginator", todo)
    return draft


def _announce(at: Target, query: Pairs, given: Mapping[str, str]) -> None:
    """What will be sent, without the values of credentials."""
    click.echo(
        f"To {host_of(at.origin)}, at most {MOST_REQUESTS} requests, one a second:"
    )
    click.echo(f"  GET {redacted(at.origin + at.path, query)}")
    for name, value in given_headers(given).items():
        click.echo(f"    {name}: {value if name.lower() in _OPEN else _hidden(value)}")
    click.echo("  then the same for its second page. No other host is asked.")


def _hidden(value: str) -> str:
    """A header's value without what may be secret: `Bearer ***`."""
    scheme = re.match(r"(Bearer|Basic|Token) ", value, re.IGNORECASE)
    return f"{scheme[0] if scheme else ''}***"


def _agreed() -> bool:
    try:
        return click.confirm("Send this?")
    except click.Abort:  # No one is there to answer.
        click.echo()
        return False


def _headers(texts: tuple[str, ...]) -> dict[str, str]:
    made: dict[str, str] = {}
    for text in texts:
        name, colon, value = text.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise click.UsageError("--header is written 'Name: value'")
        made[name] = value
    return made


def _params(texts: tuple[str, ...]) -> Pairs:
    made: list[tuple[str, str]] = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError("--param is written NAME=VALUE")
        made.append((name, value))
    return tuple(made)
