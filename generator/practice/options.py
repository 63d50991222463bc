"""What the user of the practice server can choose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Size and temper of the practice API; the defaults are a large, quick and healthy one."""

    records: int = 250
    """Records of each resource; a child resource has as many over all its parents."""
    seed: int = 0
    """The same seed gives the same records, always."""
    latency: float = 0.0
    """Seconds that every answer takes longer."""
    rate_limit_every: int = 0
    """Every Nth API request is answered with 429; 0 means never."""
    retry_after: int = 1
    """Seconds in the `Retry-After` header of a 429."""
    fail_rate: float = 0.0
    """Share of API requests, 0 to 1 and evenly spread, that is answered with a 5xx."""
    token_lifetime: float = 3600.0
    """Seconds until an OAuth2 access token is refused."""
    rotate_refresh_tokens: bool = False
    """Each refresh token works once; its answer brings the next one."""
    extras: bool = True
    """3 of 10 records of a resource with declared fields carry one undeclared field."""
    single: frozenset[str] = frozenset()
    """Resources whose answer is one object instead of a list."""
