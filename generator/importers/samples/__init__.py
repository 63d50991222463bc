"""Recorded requests and answers to the draft of a spec.

`record_schema` is the schema that records fit, `decided` what exchanges say of an API, and
`read` the importer: files and folders of JSON, JSON lines and HAR.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from generator.diagnostics import Collector, Location, SpecError
from generator.importers import ImportOptions
from generator.importers.draft import Draft
from generator.importers.samples.decisions import Decision, Decisions, decided
from generator.importers.samples.exchange import Exchange, target
from generator.importers.samples.reading import Samples, read_samples
from generator.importers.samples.schemas import record_schema
from generator.importers.samples.spec import write_spec
from generator.naming import snake

__all__ = [
    "Decision",
    "Decisions",
    "Exchange",
    "connector_of",
    "decided",
    "read",
    "record_schema",
    "samples_of",
]


def samples_of(sources: Sequence[Path], url: str, collector: Collector) -> Samples:
    """The exchanges of files and folders. Raises SpecError where there are none."""
    samples = read_samples(sources, url, collector)
    if samples is None:
        raise SpecError(collector.sorted())
    return samples


def read(source: Path, options: ImportOptions) -> Draft:
    """The draft of a spec for what was recorded. Raises SpecError where that is nothing."""
    collector = Collector()
    sources = (source, *options.more)
    samples = samples_of(sources, options.url, collector)
    base = target(options.url) if options.url else None
    found = decided(samples.exchanges, base)
    chosen = [each for each in found.lists if _is_wanted(each, options)]
    if not found.lists:
        message = "no answer is a list of records"
        hint = "; ".join(dict.fromkeys(each.reason for each in found.left_out[:3]))
        collector.error(Location(str(source)), "no-list", message, hint)
        raise SpecError(collector.sorted())
    name = options.name or connector_of(found.base_url) or snake(source.stem) or "api"
    names = ", ".join(dict.fromkeys(Path(each).name for each in samples.files[:4]))
    names += ", ..." if len(samples.files) > 4 else ""
    origin = f"recorded answers ({names})"
    problems = collector.sorted()
    return write_spec(name, origin, found, chosen, problems, samples.files)


def _is_wanted(each: Decision, options: ImportOptions) -> bool:
    texts = [each.name.lower(), each.listing.operation.path.lower()]

    def fits(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(text, p.lower()) for p in patterns for text in texts)

    wanted = not options.include or fits(options.include)
    return wanted and not fits(options.exclude)


def connector_of(url: str) -> str:
    """A name for the connector to a host: `api.acme.com` is `acme`; "" for an address."""
    host = (urlsplit(url).hostname or "") if url else ""
    parts = [part for part in host.split(".") if part not in ("www", "api", "app")]
    if not parts or host.replace(".", "").isdigit() or ":" in host:
        return ""
    name = parts[-2] if len(parts) > 1 else parts[0]
    return snake(name) or ""
