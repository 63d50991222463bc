"""Texts of a manifest, with templates in them, to texts of a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from jinja2 import Environment, TemplateSyntaxError, nodes

from generator.importers.airbyte.manifest import Part
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import Piece, constant
from generator.importers.airbyte.names import Names
from generator.importers.airbyte.rewriting import Rewriter
from generator.plain import is_list, is_mapping

_TEMPLATE = re.compile(r"\{\{|\{%|\{#")
_PLACEHOLDER = re.compile(r"\{\s*[A-Za-z_][\w.\-]*\s*\}")
_REFERENCE = re.compile(
    r"(?:resources|incremental)\.[A-Za-z_][\w.]*|stream_partition\.(?P<list>[A-Za-z_]\w*)",
    re.ASCII,
)
_MAX_LENGTH = 4000


def is_template(text: str) -> bool:
    """Whether a text has to be evaluated."""
    return bool(_TEMPLATE.search(text))


def parsed(text: str) -> list[nodes.Node]:
    """The statements of a template."""
    if len(text) > _MAX_LENGTH:
        raise Untranslatable(
            "template-long", "a template of more than 4,000 characters"
        )
    try:
        return list(Environment(extensions=["jinja2.ext.do"]).parse(text).body)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise Untranslatable("template-syntax", f"no template: {error}") from None


@dataclass(slots=True)
class Texts:
    """Translates the texts of one place."""

    names: Names
    given: dict[str, Piece] = field(default_factory=dict[str, Piece])
    """Variables that are known beforehand."""

    def pieces(self, text: str) -> list[str | Piece]:
        """Plain text and expressions, in order."""
        if not is_template(text):
            return [text] if text else []
        self.names.variables.clear()
        self.names.variables.update(self.given)
        found: list[str | Piece] = []
        for each in self.body(parsed(text)):
            value = each.constant if isinstance(each, Piece) else each
            if isinstance(value, str) and found and isinstance(found[-1], str):
                found[-1] += value
            else:
                found.append(value if isinstance(value, str) else each)
        if found and isinstance(found[0], str):
            found[0] = found[0].lstrip()
        if found and isinstance(found[-1], str):
            found[-1] = found[-1].rstrip()
        return [each for each in found if each != ""]

    def body(self, statements: list[nodes.Node]) -> Iterator[str | Piece]:
        rewriter = Rewriter(self.names)
        for statement in statements:
            match statement:
                case nodes.Output(nodes=inner):
                    for node in inner:
                        if isinstance(node, nodes.TemplateData):
                            yield node.data
                        elif len(inner) > 1 and isinstance(node, nodes.CondExpr):
                            # Part of a longer text: without `else` it is empty.
                            other = node.expr2 or nodes.Const("")
                            whole = nodes.CondExpr(node.test, node.expr1, other)
                            yield rewriter.piece(whole)
                        else:
                            yield rewriter.piece(node)
                case nodes.Assign(target=nodes.Name(name=name), node=value):
                    self.names.variables[name] = rewriter.piece(value)
                case nodes.If():
                    yield from self.branch(statement)
                case _:
                    kind = type(statement).__name__.lower()
                    raise Untranslatable(f"statement-{kind}", f"`{{% {kind} %}}`")

    def branch(self, statement: nodes.If) -> Iterator[str | Piece]:
        """`{% if %}` as a choice between two texts."""
        test = Rewriter(self.names).piece(statement.test)
        others: list[nodes.Node] = [*statement.else_]
        if statement.elif_:
            first, *rest = statement.elif_
            others = [nodes.If(first.test, first.body, rest, statement.else_)]
        if test.is_constant:
            yield from self.body(list(statement.body) if test.constant else others)
            return
        one = joined(list(self.body(list(statement.body))))
        other = joined(list(self.body(others)))
        yield Piece(f"{one.inner} if {test.inner} else {other.inner}", False)

    def text(self, text: str) -> str:
        """The text as a spec writes it: plain, with placeholders, or with `{{ }}`."""
        found = self.pieces(text)
        if len(found) == 1 and isinstance(found[0], Piece):
            return lone(found[0])
        return "".join(written(each) for each in found)

    def expression(self, text: str) -> Piece:
        """The one expression that a text is, with or without braces."""
        if not is_template(text):
            text = "{{ " + text + " }}"
        return joined(self.pieces(text))

    def value(self, value: object) -> object:
        """A value of a request: texts are translated, lists and mappings walked."""
        if isinstance(value, str):
            found = self.pieces(value)
            if len(found) == 1 and isinstance(found[0], Piece):
                if found[0].is_constant:
                    return found[0].constant
            return self.text(value)
        if is_list(value):
            return [self.value(each) for each in value]
        if isinstance(value, Part):
            value = value.data
        if is_mapping(value):
            return {self.key(key): self.value(each) for key, each in value.items()}
        return value

    def key(self, key: str) -> str:
        if not is_template(key):
            return key
        found = self.pieces(key)
        if len(found) == 1 and isinstance(found[0], str):
            return found[0]
        raise Untranslatable("computed-key", "a key that is calculated")

    def mapping(self, value: object) -> dict[str, object]:
        """A mapping of a request, also where one template gives all of it."""
        if value is None:
            return {}
        if isinstance(value, Part) or is_mapping(value):
            made = self.value(value)
            assert is_mapping(made)
            return made
        if isinstance(value, str):
            statements = parsed(value) if is_template(value) else []
            match statements:
                case [nodes.Output(nodes=[node])]:
                    return dict(self.entries(node))
                case _ if not statements and not value.strip():
                    return {}
                case _:
                    pass
        raise Untranslatable("mapping-template", "a mapping that a template gives")

    def entries(self, node: nodes.Node) -> Iterator[tuple[str, object]]:
        """The entries of a mapping in an expression; a choice is made for each of them."""
        rewriter = Rewriter(self.names)
        match node:
            case nodes.Dict(items=pairs):
                for pair in pairs:
                    key = rewriter.piece(pair.key)
                    if not isinstance(key.constant, str):
                        raise Untranslatable("computed-key", "a key that is calculated")
                    yield key.constant, value_of(rewriter.piece(pair.value))
            case nodes.CondExpr(test=test, expr1=one, expr2=other):
                condition = rewriter.piece(test)
                if condition.is_constant:
                    chosen = one if condition.constant else other
                    if chosen is not None:
                        yield from self.entries(chosen)
                    return
                right = dict(self.entries(one))
                left = {} if other is None else dict(self.entries(other))
                for name in dict.fromkeys((*right, *left)):
                    first, second = code_of(right.get(name)), code_of(left.get(name))
                    text = f"{first.inner} if {condition.inner} else {second.inner}"
                    yield name, value_of(Piece(text, False))
            case nodes.Const(value="" | None):
                return
            case _:
                told = "a mapping that a template gives"
                raise Untranslatable("mapping-template", told)

    def json(self, text: str) -> object:
        """A body that is written as the text of JSON with templates in it."""
        found: list[Piece] = []
        written = ""
        for each in self.pieces(text):
            if isinstance(each, Piece):
                written += f"\x00{len(found)}\x00"
                found.append(each)
            else:
                written += each
        try:
            value = json.loads(
                re.sub(r"(?<![\"\x00\w ])\x00(\d+)\x00", '"\\g<0>"', written),
                strict=False,
            )
        except ValueError:
            told = "a body that is text, but not that of JSON"
            raise Untranslatable("body-template", told) from None
        return _filled(value, found)


def _filled(value: object, found: list[Piece]) -> object:
    if is_list(value):
        return [_filled(each, found) for each in value]
    if is_mapping(value):
        return {key: _filled(each, found) for key, each in value.items()}
    if not isinstance(value, str) or "\x00" not in value:
        return value
    parts = re.split(r"\x00(\d+)\x00", value)
    pieces = [found[int(each)] if i % 2 else each for i, each in enumerate(parts)]
    pieces = [each for each in pieces if each != ""]
    if len(pieces) == 1 and isinstance(pieces[0], Piece):
        return value_of(pieces[0])
    return "".join(written(each) for each in pieces)


def answered(piece: Piece) -> Piece:
    """An expression over an answer; refused where it reads `headers` in its body.

    In a spec `response.headers` are those of HTTP.
    """
    if re.search(r"\bresponse\.headers\b", piece.text):
        told = "the key `headers` in the body of an answer"
        raise Untranslatable("body-headers", told)
    return piece


def code_of(value: object) -> Piece:
    """A value of an entry as an expression again."""
    if isinstance(value, str):
        match = re.fullmatch(r"\{\{ (.*) \}\}", value, re.DOTALL)
        if match:
            return Piece(match[1], False)
        reference = re.fullmatch(r'dlt\.(secrets|config)\["(\w+)"\]', value)
        if reference:
            return Piece(f"{reference[1]}.{reference[2]}")
        placeholder = re.fullmatch(r"\{([\w.]+)\}", value)
        if placeholder:
            return Piece(placeholder[1])
    return constant(value)


def value_of(piece: Piece) -> object:
    """A lone expression as a value of the spec."""
    return piece.constant if piece.is_constant else lone(piece)


def lone(piece: Piece) -> str:
    """A lone expression as a text of the spec."""
    if piece.is_constant:
        return written(piece)
    if piece.setting is not None:
        return piece.setting.lone
    plain = _REFERENCE.fullmatch(piece.text)
    if plain:
        return "{" + (plain["list"] or piece.text) + "}"
    return "{{ " + piece.text + " }}"


def written(each: str | Piece) -> str:
    """A part of a longer text."""
    if isinstance(each, Piece) and each.is_constant:
        each = "" if each.constant is None else str(each.constant)
    if isinstance(each, Piece):
        return lone(each._replace(setting=None))
    return _PLACEHOLDER.sub(lambda match: "{{ " + constant(match[0]).text + " }}", each)


def joined(found: list[str | Piece]) -> Piece:
    """Texts and expressions as one expression."""
    pieces = [constant(each) if isinstance(each, str) else each for each in found]
    pieces = [
        p
        for p in pieces
        if not (isinstance(p.constant, str) and not p.constant.strip())
    ]
    if not pieces:
        return constant("")
    if len(pieces) == 1:
        return pieces[0]
    secret = any(each.secret for each in pieces)
    return Piece(" ~ ".join(each.inner for each in pieces), False, secret=secret)
