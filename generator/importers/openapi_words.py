"""What APIs call things that have to do with pages; all in snake case."""

from __future__ import annotations

from functools import cache

from generator.naming import snake

OFFSETS = frozenset(
    "offset skip start start_at start_index startindex first_result".split()
)
PAGES = frozenset(
    "page page_number page_no page_num page_index pageno p current_page".split()
)
TOKENS = frozenset("""
    cursor after after_id starting_after page_token next_token continuation_token marker
    next_cursor page_cursor continuation scroll_id scroll_param next_page_token bookmark
    start_cursor after_cursor pagetoken search_after stream_position next_marker
    continuation_key page_key next_page_key exclusive_start_key start_key
    """.split())
LAST_RECORD = frozenset("starting_after since_id after_id after".split())
"""Parameters that take the key of the last record."""
PAGING = OFFSETS | PAGES | TOKENS | LAST_RECORD
"""Parameters that say which page is meant."""
FILTERS = OFFSETS | {"after"}
"""Those of them that mean a time as well."""
BACKWARD = frozenset("""
    before ending_before prev previous prev_page previous_page prev_cursor previous_cursor
    before_cursor prev_marker end_cursor_before previous_page_uri previous_page_url
    """.split())
NEXT = frozenset("""
    next next_page next_cursor next_link next_url next_uri next_href next_page_uri
    next_page_url next_page_link next_page_token next_token next_marker next_offset after
    """.split())
SIZES = frozenset("""
    limit per_page page_size pagesize max_results maxresults count pagelen size num_results
    page_limit max_items top batch_size rows max perpage
    """.split())
CHANGES = frozenset("""
    create add update delete remove move send generate upload cancel archive merge clone copy
    insert upsert edit modify enable disable assign replace patch submit register issue
    duplicate restore publish revoke import make new save write store bulk
    """.split())
"""Verbs of operations that do more than to answer."""


@cache
def plain_name(name: str) -> str:
    """A name of the document in snake case: `nextPage` and `next-page` are `next_page`."""
    return snake(name) or ""


def is_size(name: str) -> bool:
    """Whether a plain name is that of a page size."""
    return name in SIZES or name.endswith("_per_page")
