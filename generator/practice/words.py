"""Strings for a property: by its format, else by what its name suggests."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from faker import Faker

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The first instant of the made-up data; the clock is never asked."""

_YEAR = 365 * 24 * 3600

Maker = Callable[[Faker], str]


def instant(fake: Faker) -> datetime:
    """Some second of the year before `EPOCH`."""
    return EPOCH - timedelta(seconds=fake.random.randrange(1, _YEAR))


def zulu(moment: datetime) -> str:
    """RFC 3339 text in UTC with whole seconds: `2026-01-01T00:00:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def uuid(fake: Faker) -> str:
    """A version 4 UUID."""
    return str(UUID(int=fake.random.getrandbits(128), version=4))


def _url(fake: Faker) -> str:
    return f"https://{fake.word()}.example.com/{fake.word()}"


def _hex(fake: Faker) -> str:
    return f"{fake.random.getrandbits(64):016x}"


def _duration(fake: Faker) -> str:
    return f"PT{fake.random.randrange(1, 60)}M"


FORMATS: dict[str, Maker] = {
    "date-time": lambda fake: zulu(instant(fake)),
    "date": lambda fake: instant(fake).date().isoformat(),
    "time": lambda fake: instant(fake).strftime("%H:%M:%SZ"),
    "duration": _duration,
    "email": lambda fake: fake.ascii_safe_email(),
    "idn-email": lambda fake: fake.ascii_safe_email(),
    "hostname": lambda fake: f"{fake.word()}.example.com",
    "ipv4": lambda fake: fake.ipv4_private(),
    "ipv6": lambda fake: fake.ipv6(),
    "uri": _url,
    "url": _url,
    "uri-reference": lambda fake: f"/{fake.word()}",
    "uuid": uuid,
    "byte": lambda fake: "cHJhY3RpY2U=",
}
"""Makers of the JSON Schema formats."""

# The first pattern that is found in the property's name, in snake case, wins.
_NAMES: list[tuple[str, Maker]] = [
    (r"uuid|guid", uuid),
    (r"e_?mail", lambda fake: fake.ascii_safe_email()),
    (r"first_name|given_name", lambda fake: fake.first_name()),
    (r"last_name|family_name|surname", lambda fake: fake.last_name()),
    (r"user_?name|login|handle", lambda fake: fake.user_name()),
    (r"company|organi[sz]ation|business|account_name", lambda fake: fake.company()),
    (r"file_?name", lambda fake: fake.file_name()),
    (r"domain|host", lambda fake: f"{fake.word()}.example.com"),
    (r"url|uri|link|href|website|avatar|image|photo", _url),
    (r"phone|mobile|fax", lambda fake: fake.phone_number()),
    (r"country", lambda fake: fake.country_code()),
    (r"lang|locale", lambda fake: fake.language_code()),
    (r"currency", lambda fake: fake.currency_code()),
    (r"time_?zone", lambda fake: fake.timezone()),
    (r"city|town", lambda fake: fake.city()),
    (r"postal|postcode|zip", lambda fake: fake.postcode()),
    (r"street|address", lambda fake: fake.street_address()),
    (r"(^|_)ips?(_|$)", lambda fake: fake.ipv4_private()),
    (r"color|colour", lambda fake: fake.color_name()),
    (r"_at$|_time$|^time$|timestamp|_on$", lambda fake: zulu(instant(fake))),
    (r"(^|_)date(_|$)|birthday", lambda fake: instant(fake).date().isoformat()),
    (r"(^|_)(id|key|token|hash|sku|code)$", _hex),
    (r"duration", _duration),
    (r"number$|quantity|count$", lambda fake: str(fake.random.randrange(1, 9999))),
    (r"amount|price|total|balance", lambda fake: f"{fake.random.uniform(1, 999):.2f}"),
    (r"(^|_)name$", lambda fake: fake.name()),
    (r"title|subject|summary", lambda fake: fake.sentence(nb_words=5)),
    (
        r"description|comment|body|text|content|message|note",
        lambda fake: fake.sentence(),
    ),
]
_COMPILED = [(re.compile(pattern), maker) for pattern, maker in _NAMES]


def snake(name: str) -> str:
    """`createdTime` and `Created-Time` as `created_time`."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"\W+", "_", name).lower()


def word(fake: Faker, name: str, form: str) -> str:
    """A string for the property `name` of JSON Schema format `form` ("" if none)."""
    if form in FORMATS:
        return FORMATS[form](fake)
    maker = _named(name)
    return fake.word() if maker is None else maker(fake)


@cache
def _named(name: str) -> Maker | None:
    plain = snake(name)
    return next((maker for pattern, maker in _COMPILED if pattern.search(plain)), None)
