"""The first value of a cursor: a constant, a setting, or calculated from one and the time."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from generator.importers.airbyte.context import Stream
from generator.importers.airbyte.manifest import Part
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.patterns import EPOCHS, ISO, SETTING, python_pattern
from generator.importers.airbyte.pieces import Piece
from generator.importers.airbyte.templates import is_template
from generator.importers.draft import Section


def start(stream: Stream, cursor: Part, sent: str, kind: str, made: Section) -> None:
    given = cursor.get("start_datetime")
    pointer = cursor.at("start_datetime")
    own = sent
    if isinstance(given, Part):
        own = given.text("datetime_format") or sent
        if given.get("min_datetime") or given.get("max_datetime"):
            told = "the earliest and the latest start are not checked"
            stream.notes.loss("start-limits", told, pointer)
        given = given.get("datetime")
    if given is None:
        return
    value = _moment(stream, cursor, str(given), (own, sent), kind)
    if value is None:
        return
    made["initial_value"] = value


def _moment(
    stream: Stream, cursor: Part, text: str, forms: tuple[str, str], kind: str
) -> object:
    """A first value: a setting, perhaps with a default, or a constant."""
    if not is_template(text):
        return _constant(text.strip(), forms, kind)
    piece = stream.texts("request", cursor).expression(text)
    if piece.is_constant:
        return _constant(str(piece.constant), forms, kind)
    if piece.setting is not None:
        return _plain_setting(piece, forms, kind)
    return _calculated(piece, forms, kind)


def _plain_setting(piece: Piece, forms: tuple[str, str], kind: str) -> str:
    assert piece.setting is not None
    default = piece.setting.property.default
    name = piece.setting.property.name
    if piece.setting.property.secret:
        raise Untranslatable("start-secret", "a first value that is a secret")
    if isinstance(default, str) and default:
        try:
            _constant(default, forms, kind)
        except Untranslatable:
            default = ""
    if default in (None, "") or isinstance(default, bool):
        code, plain = f"config.{name}", f'dlt.config["{name}"]'
    else:
        code = f'config.get("{name}", {_quoted(default)})'
        plain = f"dlt.{code}"
    is_number = piece.setting.property.kind in {"integer", "number"}
    if kind != "int" or is_number or forms[0] in EPOCHS:
        return plain
    return _number(code, forms)


def _number(code: str, forms: tuple[str, str]) -> str:
    """A setting that is a date, for a cursor that is a number."""
    own, sent = forms
    form = sent if sent in EPOCHS else "%s"
    read = python_pattern(own)
    more = "" if ISO.fullmatch(own) or not read else f', "{read}"'
    return f'{{{{ format_datetime({code}, "{form}"{more}) }}}}'


def _quoted(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def _calculated(piece: Piece, forms: tuple[str, str], kind: str) -> object:
    """A calculated first value.

    Where it only writes one setting in another form, it is the setting: `format` writes it.
    """
    found = {each[1] or each[2]: each for each in SETTING.finditer(piece.text)}
    rest = SETTING.sub("", piece.text)
    if not re.search(r"day_delta|now_utc|today_utc", rest) and len(found) == 1:
        (name,) = found
        default = found[name][3] or found[name][4]
        other = re.search(r' or "([^"]+)"', piece.text)
        default = default or (other[1] if other else "")
        code = f'.get("{name}", {_quoted(default)})' if default else f'["{name}"]'
        if kind == "int" and "format_datetime" in piece.text:
            code = code if default else f".{name}"
            return _number(f"config{code}", ("%Y-%m-%d", forms[1]))
        return f"dlt.config{code}"
    # Whatever form it was given, a number is an epoch and all else is ISO.
    form = (
        (forms[1] if forms[1] in EPOCHS else "%s")
        if kind == "int"
        else "%Y-%m-%dT%H:%M:%SZ"
    )
    text = _STAMP.sub(rf'format_datetime(\1, "{form}")', piece.text)
    text = re.sub(r'"%[^"]*"', f'"{form}"', text)
    either = re.fullmatch(rf"({SETTING.pattern}) or (.+)", text, re.DOTALL)
    if kind == "int" and forms[0] not in EPOCHS and either is not None:
        # The setting is a date, what stands for it is a number already.
        read = python_pattern(forms[0])
        more = "" if ISO.fullmatch(forms[0]) or not read else f', "{read}"'
        setting, number = either[1], either[either.re.groups]
        text = f'format_datetime({setting}, "{form}"{more}) if {setting} else {number}'
    if piece.secret or "timestamp" in text or "incremental" in text:
        told = "a first value that is calculated: " + " ".join(text.split())[:100]
        raise Untranslatable("start-calculated", told)
    return "{{ " + text + " }}"


_STAMP = re.compile(r"timestamp\((config\.\w+(?:\([^()]*\))?)\)(?: \| int)?")


def _constant(text: str, forms: tuple[str, str], kind: str) -> object:
    """A constant as ISO text, or as the number that the cursor is."""
    own, sent = forms
    moment = _read(text, own)
    if kind == "int":
        if moment is None:
            raise Untranslatable("start-constant", f"the first value {text!r}")
        scale = 1000 if sent == "%ms" else 1
        return int(moment.timestamp() * scale)
    if moment is None:
        return text
    if kind == "date":
        return moment.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")


def _read(text: str, own: str) -> datetime | None:
    try:
        if own in EPOCHS and re.fullmatch(r"\d+", text):
            return datetime.fromtimestamp(
                int(text) / (1000 if own == "%ms" else 1), UTC
            )
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        try:
            moment = datetime.strptime(text, python_pattern(own))
        except (ValueError, re.error):
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
