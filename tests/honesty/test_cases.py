"""Cases that once lost or repeated rows in silence, and those whose loss nobody can see."""

from __future__ import annotations

from types import ModuleType

import pytest

from .behaviours import Behaviour
from .invisible import REASONS, reason
from .judge import judge, read
from .server import Stage
from .specs import Spec
from .world import Change

DELETED = (Change(2, "delete", "front"),)
INSERTED = (Change(2, "insert", "front"),)
MOVED = (Change(2, "insert", "front"), Change(2, "delete", "front"))

FOUND: dict[str, tuple[Behaviour, Spec, str]] = {
    "inserted_rows_repeat_others": (Behaviour(changes=INSERTED), Spec(), ""),
    "an_error_beside_null": (
        Behaviour("cursor", fault="error_null", fault_at=2),
        Spec("cursor"),
        "no data at data: the answer has the keys error, data",
    ),
    "no_content_in_the_middle": (
        Behaviour("cursor", fault="204", fault_at=2),
        Spec("cursor"),
        "no data at data: the answer is empty",
    ),
    "a_deletion_shows_in_the_total": (
        Behaviour(changes=DELETED),
        Spec(total="at_least"),
        "the total total fell from 7 to 6",
    ),
    "a_deletion_shows_in_the_number_of_pages": (
        Behaviour("page", changes=DELETED),
        Spec("page", "pages"),
        "the total pages fell from 3 to 2",
    ),
    "a_short_page_before_the_total": (
        Behaviour(cap=2),
        Spec(total="at_least", stop=True),
        "2 records, but the total is 7",
    ),
    "a_flag_that_ends_before_the_total": (
        Behaviour(flag="never"),
        Spec(total="at_least", flag=True),
        "3 records, but the total is 7",
    ),
    "a_flag_that_goes_on_after_the_total": (
        Behaviour(rows=8, total="low"),
        Spec(total="at_least", flag=True),
        "",
    ),
    "a_flag_beside_a_total_that_is_ignored": (
        Behaviour(rows=8, total="low"),
        Spec(total="ignore", flag=True),
        "",
    ),
    "more_records_than_the_total": (
        Behaviour(rows=10, total="low"),
        Spec(total="at_least"),
        "",
    ),
    "a_first_offset_that_the_api_reads_as_the_next": (
        Behaviour(rows=6, base=1),
        Spec(total="at_least"),
        "",
    ),
    "an_empty_page_before_the_last": (
        Behaviour("page", lie="empty", lie_at=2),
        Spec("page", "pages"),
        "an empty page, but the last one is 2",
    ),
    "an_empty_last_page": (
        Behaviour("page", rows=5),
        Spec("page", "pages", start=1),
        "an empty page, but the last one is 2",
    ),
    "an_empty_page_where_the_flag_says_more": (
        Behaviour("page", lie="empty", lie_at=2),
        Spec("page", flag=True),
        "[100, 200, 300, 700]",
    ),
    "an_empty_page_of_a_cursor": (
        Behaviour("cursor", lie="empty", lie_at=2, by_key=False),
        Spec("cursor", flag=True),
        "the server leads back to this request",
    ),
    "a_flag_that_never_ends": (
        Behaviour("page", flag="always"),
        Spec("page", flag=True),
        "without a record that is new",
    ),
    "a_cursor_that_alternates": (
        Behaviour("cursor", rows=11, lie="alternate", lie_at=2),
        Spec("cursor"),
        "the same 3 records as on the page before",
    ),
    "a_cursor_that_repeats": (
        Behaviour("header_cursor", lie="repeat", lie_at=2),
        Spec("header_cursor"),
        "the server leads back to this request",
    ),
    "a_cursor_left_out_where_the_flag_says_more": (
        Behaviour("body_cursor", lie="drop", lie_at=1),
        Spec("body_cursor", flag=True),
        "there should be more, but the answer has no meta.next",
    ),
    "a_cursor_where_the_answer_has_a_link": (
        Behaviour("link"),
        Spec("cursor"),
        "the answer has no meta.next, but announces more (links.next)",
    ),
    "a_header_where_the_answer_has_a_link": (
        Behaviour("relative_link"),
        Spec("header_cursor"),
        "the answer has no headers.X-Next, but announces more (links.next)",
    ),
    "a_link_where_the_answer_has_a_header": (
        Behaviour("link_header"),
        Spec("link"),
        'the answer has no links.next, but announces more (Link header with rel="next")',
    ),
    "an_error_with_status_200": (
        Behaviour("link", fault="error", fault_at=2),
        Spec("link"),
        "no data at data: the answer has the keys error",
    ),
    "a_page_of_html": (
        Behaviour("link", fault="html", fault_at=2, fault_times=4),
        Spec("link"),
        "the body is not valid JSON",
    ),
    "resets_that_pass": (
        Behaviour("page", fault="reset", fault_at=2, fault_times=2),
        Spec("page"),
        "",
    ),
    "cut_answers_that_stay": (
        Behaviour("page", fault="truncated", fault_at=2, fault_times=4),
        Spec("page"),
        "after 2 retries",
    ),
    "a_token_that_expires": (
        Behaviour("link_header", expires_at=2),
        Spec("link_header"),
        "",
    ),
}
"""API, spec, and what the error says; nothing where every row comes once."""

INVISIBLE: dict[str, tuple[Behaviour, Spec]] = {
    "single_page_declared": (Behaviour("link"), Spec("single")),
    "announced_elsewhere": (Behaviour("cursor"), Spec("single", declared=False)),
    "cursor_elsewhere": (Behaviour("cursor"), Spec("cursor", wrong_place=True)),
    "short_page_is_no_end": (Behaviour(cap=2), Spec(stop=True)),
    "empty_page_is_no_end": (Behaviour(lie="empty", lie_at=2), Spec()),
    "nothing_at_all": (Behaviour("cursor", fault="204"), Spec("cursor")),
    "cursor_dropped": (Behaviour("cursor", lie="drop"), Spec("cursor")),
    "cursor_skips": (Behaviour("link", lie="skip"), Spec("link")),
    "rows_deleted": (Behaviour(changes=DELETED), Spec()),
    "flag_says_end": (Behaviour("page", flag="never"), Spec("page", flag=True)),
    "total_says_end": (Behaviour(rows=8, total="low"), Spec(total="exact")),
    "wrong_start": (Behaviour("page"), Spec("page", start=1)),
    "parameters_ignored": (
        Behaviour("cursor", rows=4, changes=INSERTED),
        Spec("page", "pages"),
    ),
    "pages_overlap_their_size": (
        Behaviour("page", cap=2, by_asked=True),
        Spec("page"),
    ),
}
"""The smallest case of each loss that the judge lets pass."""


@pytest.mark.parametrize("name", FOUND)
def test_nothing_is_silent(connector: ModuleType, playing: Stage, name: str) -> None:
    behaviour, spec, said = FOUND[name]
    assert judge(connector, playing, behaviour, spec) == []
    url, api = playing.play(behaviour)
    result = read(connector, spec, url)
    if said.startswith("["):
        assert str(result.ids) == said
    elif said:
        assert said in str(result.error)
    else:
        assert result.error is None
        assert api.world.throughout <= set(result.ids)


@pytest.mark.parametrize("name", INVISIBLE)
def test_nobody_can_see_it(connector: ModuleType, playing: Stage, name: str) -> None:
    """The loss is real, it is exempt by this reason, and by this one only where alone."""
    behaviour, spec = INVISIBLE[name]
    url, api = playing.play(behaviour)
    result = read(connector, spec, url)
    assert result.error is None
    assert api.world.throughout - set(result.ids)
    assert reason(api, spec) == name


def test_every_reason_has_its_case() -> None:
    assert list(INVISIBLE) == [each.__name__ for each in REASONS]


def test_rows_that_moved_unseen(connector: ModuleType, playing: Stage) -> None:
    """A deletion behind an insertion leaves the total as it is; the repeated row goes on."""
    behaviour, spec = Behaviour(changes=MOVED), Spec(total="exact")
    assert judge(connector, playing, behaviour, spec) == []


def test_without_a_primary_key_equal_rows_are_rows(
    connector: ModuleType, playing: Stage
) -> None:
    behaviour = Behaviour(changes=INSERTED)
    result = read(connector, Spec(key=False), playing.play(behaviour)[0])
    assert result.ids == [100, 200, 300, 300, 400, 500, 600, 700]
    result = read(connector, Spec(), playing.play(behaviour)[0])
    assert result.ids == [100, 200, 300, 400, 500, 600, 700]
    assert result.counts.deduplicated == 1
