"""Servers to `base_url` or `environments`: variables become arguments, several become environments."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from generator.importers.draft import Section
from generator.importers.openapi_files import Documents
from generator.importers.openapi_operations import text
from generator.naming import snake
from generator.plain import is_list, is_mapping

_TECHNICAL = frozenset(
    "protocol scheme schema port version api_version base_path basepath environment env".split()
)
"""Variables whose default is meant; others, like `subdomain`, differ for each customer."""
_EXAMPLE = re.compile(r"your[-_]|example\.|<|\bfoo\b", re.IGNORECASE)
_MOST = 12


def put_servers(client: Section, documents: Documents) -> None:
    """Writes the servers of a document into the client of a spec."""
    found: dict[str, str] = {}
    notes: list[str] = []
    for raw in _servers(documents):
        url = _url(raw, notes)
        if url and url not in found.values():
            found[_name(raw, url, found)] = url
    absolute = {name: url for name, url in found.items() if "://" in url}
    if len(absolute) > 1:
        kept = dict(list(absolute.items())[:_MOST])
        client.put("environments", Section(kept), "servers; the first is the default")
    elif absolute:
        client.put("base_url", next(iter(absolute.values())), "servers")
    else:
        path = next(iter(found.values()), "").strip("/")
        todo = "the document names no host: it is an argument of the source now"
        client.put("base_url", f"https://{{host}}/{path}".rstrip("/"), todo=todo)
    key = "environments" if len(absolute) > 1 else "base_url"
    for note in dict.fromkeys(notes):
        client.note(key, note)
    if any(_EXAMPLE.search(url) for url in absolute.values()):
        client.todo(key, "this is an example of a URL: write your own")


def _servers(documents: Documents) -> list[dict[str, object]]:
    data = documents.data
    if "swagger" in data:
        host = text(data.get("host"))
        schemes = data.get("schemes")
        named = [text(each) for each in schemes] if is_list(schemes) else []
        scheme = "http" if named and "https" not in named else "https"
        base = text(data.get("basePath"))
        return [{"url": f"{scheme}://{host}{base}" if host else base}]
    servers = data.get("servers")
    return [each for each in servers if is_mapping(each)] if is_list(servers) else []


def _url(raw: dict[str, object], notes: list[str]) -> str:
    """The URL; technical variables take their default, the others become arguments."""
    url = text(raw.get("url")).strip()
    variables = raw.get("variables")

    def value(match: re.Match[str]) -> str:
        variable = variables.get(match[1]) if is_mapping(variables) else None
        default = variable.get("default") if is_mapping(variable) else None
        plain = snake(match[1]) or "variable"
        if plain in _TECHNICAL and isinstance(default, str | int) and default != "":
            notes.append(f"{{{match[1]}}} is {default}, its default")
            return str(default)
        return f"{{{plain}}}"

    url = re.sub(r"\{([^{}]*)\}", value, url)
    url = re.sub(r"^(https://[^/]+):443(?=/|$)", r"\1", url)
    return url.rstrip("/")


def _name(raw: dict[str, object], url: str, taken: dict[str, str]) -> str:
    """A name for an environment: what its description says, else its host."""
    words = re.findall(r"[A-Za-z0-9]+", text(raw.get("description")))
    kept = [
        w for w in words if w.lower() not in ("server", "the", "url", "api", "base")
    ]
    name = snake("_".join(kept[:3])) if kept and len(kept) <= 5 else None
    host = re.sub(r"\{\w+\}\.?", "", urlsplit(url).netloc) if "://" in url else ""
    base = name or snake(host) or "default"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name
