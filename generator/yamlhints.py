"""What to write instead of YAML that cannot be read, by what its line looks like."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r":\s*dlt\.(secrets|config)\b")
_EXPRESSION = re.compile(r"(?:^|[:\-,\[{]\s+)\{\{")
_BRACED = re.compile(r"[:\-]\s+\{[^{}'\":,]*\}\S")
_COLON = re.compile(r":\s+[^'\"{\[#|>][^#]*:\s")


def yaml_hint(line: str, problem: str) -> str:
    """The hint for a line at which reading stopped; empty where nothing is known."""
    if "\t" in line:
        return "indent with spaces, not tabs"
    if "{" in line and _REFERENCE.search(line):
        return "within { } a reference is quoted: 'dlt.secrets[\"name\"]'"
    if _EXPRESSION.search(line):
        return 'an expression is quoted: "{{ record.id }}"'
    if _BRACED.search(line):
        return 'text that starts with a placeholder is quoted: "{id}/items"'
    if "mapping values are not allowed" in problem and _COLON.search(line):
        return "text with a colon and a space in it is quoted"
    if (
        "mapping values are not allowed" in problem
        or "did not find expected" in problem
    ):
        return "keys of one mapping start in the same column, those below them further right"
    return ""
