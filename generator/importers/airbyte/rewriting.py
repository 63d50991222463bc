"""Expressions of Airbyte's templates to expressions of a spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from jinja2 import nodes

from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.patterns import length
from generator.importers.airbyte.pieces import Piece, at, chain, constant, folded, step
from generator.importers.airbyte.settings import Setting, Settings
from generator.plain import is_mapping

Place = Literal["request", "record", "answer", "auth"]
"""Where an expression stands: what may be read there differs."""

PARTITIONS = frozenset({"stream_partition", "stream_slice", "stream_interval"})
_COMPARED = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}
_SIGNS: dict[type[nodes.BinExpr], str] = {
    nodes.Add: "+",
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}
_FILTERS = frozenset(
    "abs base64encode count first float hash int join last length lower regex_search replace"
    " round split string strip trim upper".split()
)
_METHODS = frozenset(
    "endswith get isoformat join lower regex_search replace split startswith strftime strip"
    " timestamp upper".split()
)
_FUNCTIONS = frozenset(
    "abs day_delta duration float format_datetime int len now_utc round str str_to_datetime"
    " timedelta timestamp today_utc".split()
)
_DATES = {"%epoch_microseconds", "%s_as_float", "%_ms"}


@dataclass(slots=True)
class Names:
    """What the names of a template mean where it stands."""

    settings: Settings
    place: Place
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    partitions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Partition field to its expression, such as `resources.parent.id`."""
    parents: Callable[[list[str]], str | None] | None = None
    """The expression of a longer path into a partition."""
    bounds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of a bound in the manifest to that of the spec: `start_value`."""
    variables: dict[str, Piece] = field(default_factory=dict[str, Piece])
    """What `{% set %}` gave."""
    added: dict[str, Piece] = field(default_factory=dict[str, Piece])
    """Fields that were added to the record before, by name."""


@dataclass(slots=True)
class Rewriter:
    """Rewrites syntax trees of Jinja."""

    names: Names

    def piece(self, node: nodes.Node) -> Piece:
        """The node as an expression of the spec.

        Raises Untranslatable for what the spec's language cannot say.
        """
        match node:
            case nodes.Const(value=value):
                return constant(value)
            case nodes.List(items=items) | nodes.Tuple(items=items):
                made = [self.piece(each) for each in items]
                if all(each.is_constant for each in made):
                    return constant([each.constant for each in made])
                return Piece(f"[{', '.join(each.text for each in made)}]")
            case nodes.Dict(items=pairs):
                keys = [self.piece(pair.key) for pair in pairs]
                values = [self.piece(pair.value) for pair in pairs]
                if all(each.is_constant for each in (*keys, *values)):
                    return constant(
                        {str(k.constant): v.constant for k, v in zip(keys, values)}
                    )
                raise Untranslatable("mapping", "a mapping that is calculated")
            case nodes.Not(node=inner):
                negated = self.truth(inner)
                if negated.is_constant:
                    return constant(not negated.constant)
                return Piece(f"not {negated.inner}", False)
            case nodes.Neg(node=inner):
                negated = self.piece(inner)
                if isinstance(negated.constant, int | float):
                    return constant(-negated.constant)
                return Piece(f"-{negated.inner}", False)
            case nodes.And(left=left, right=right):
                return self.both(left, right, "and")
            case nodes.Or(left=left, right=right):
                return self.both(left, right, "or")
            case nodes.Compare():
                return self.compare(node)
            case nodes.Test():
                return self.test(node)
            case nodes.CondExpr():
                return self.choice(node)
            case nodes.Concat(nodes=inner):
                made = [self.piece(each) for each in inner]
                if all(each.is_constant for each in made):
                    return constant("".join(str(each.constant) for each in made))
                return self.joined(" ~ ", made)
            case nodes.BinExpr() if type(node) in _SIGNS:
                return self.arithmetic(node, _SIGNS[type(node)])
            case nodes.Filter():
                return self.filter(node)
            case nodes.Call():
                return self.call(node)
            case nodes.Getitem(arg=nodes.Slice() as part, node=subject):
                return self.slice(subject, part)
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                return self.lookup(node)
            case _:
                kind = type(node).__name__.lower()
                raise Untranslatable(f"syntax-{kind}", f"{kind} in a template")

    def slice(self, subject: nodes.Node, part: nodes.Slice) -> Piece:
        """A part of a text."""
        made = self.piece(subject)
        ends = [
            "" if each is None else self.piece(each).text
            for each in (part.start, part.stop)
        ]
        if part.step is not None or not all(
            re.fullmatch(r"-?\d*", each) for each in ends
        ):
            raise Untranslatable(
                "syntax-slice", "a part of a text whose place is calculated"
            )
        return Piece(f"{made.inner}[{ends[0]}:{ends[1]}]", secret=made.secret)

    def joined(self, sign: str, made: list[Piece]) -> Piece:
        secret = any(each.secret for each in made)
        return Piece(sign.join(each.inner for each in made), False, secret=secret)

    def truth(self, node: nodes.Node) -> Piece:
        """The node where only its truth counts: an object that is declared is there."""
        match node:
            case nodes.Name(name=name) if name in PARTITIONS:
                return constant(bool(self.names.bounds or self.names.partitions))
            case nodes.Not(node=inner):
                found = self.truth(inner)
                if found.is_constant:
                    return constant(not found.constant)
                return Piece(f"not {found.inner}", False)
            case _:
                return constant(True) if self.is_object(node) else self.piece(node)

    def is_object(self, node: nodes.Node) -> bool:
        """Whether the node reads an object of the settings."""
        name, *path = chain(node) or [""]
        return name == "config" and self.names.settings.is_object(tuple(path))

    def both(self, left: nodes.Node, right: nodes.Node, word: str) -> Piece:
        one = self.truth(left)
        if one.is_constant:
            return self.piece(right) if bool(one.constant) == (word == "and") else one
        other = self.piece(right)
        if other.is_constant and bool(other.constant) == (word == "and"):
            if isinstance(other.constant, bool):
                return one
        return self.joined(f" {word} ", [one, other])

    def arithmetic(self, node: nodes.BinExpr, sign: str) -> Piece:
        one, other = self.piece(node.left), self.piece(node.right)
        if sign == "+" and one.is_constant and other.is_constant:
            if isinstance(one.constant, str) and isinstance(other.constant, str):
                return constant(one.constant + other.constant)
        return self.joined(f" {sign} ", [one, other])

    def compare(self, node: nodes.Compare) -> Piece:
        left = self.piece(node.expr) if not self.is_config(node) else None
        made: list[Piece] = []
        for operand in node.ops:
            if left is None:
                return self.in_config(node)
            right = self.piece(operand.expr)
            known = folded(left, operand.op, right)
            if known is not None:
                made.append(constant(known))
            else:
                made.append(
                    Piece(f"{left.inner} {_COMPARED[operand.op]} {right.inner}", False)
                )
            left = right
        return made[0] if len(made) == 1 else self.joined(" and ", made)

    def is_config(self, node: nodes.Compare) -> bool:
        """`'x' in config`."""
        return (
            len(node.ops) == 1
            and node.ops[0].op in {"in", "notin"}
            and chain(node.ops[0].expr)[:1] == ["config"]
            and isinstance(node.expr, nodes.Const)
        )

    def in_config(self, node: nodes.Compare) -> Piece:
        assert isinstance(node.expr, nodes.Const)
        path = (*chain(node.ops[0].expr)[1:], str(node.expr.value))
        setting = self.names.settings.setting(path)
        return self.presence(setting, node.ops[0].op == "notin")

    def presence(self, setting: Setting, negated: bool) -> Piece:
        """Whether a setting was given."""
        if setting.property.secret:
            told = "whether a secret was given is not known to an expression"
            raise Untranslatable("secret-tested", told)
        if not setting.absent:
            return constant(not negated)
        sign = "==" if negated else "!="
        return Piece(f"{setting.code} {sign} {setting.absent}", False)

    def test(self, node: nodes.Test) -> Piece:
        name = node.name.lower()
        if name not in {"none", "defined", "undefined", "true", "false"} or node.args:
            raise Untranslatable(f"test-{name}", f"the test `is {node.name}`")
        made = self.piece(node.node)
        if made.is_constant:
            none = made.constant is None
            told = {"none": none, "undefined": none, "defined": not none}
            told |= {"true": made.constant is True, "false": made.constant is False}
            return constant(told[name])
        if made.setting is not None:
            if name in {"true", "false"}:
                if made.setting.property.kind == "boolean":
                    return made if name == "true" else Piece(f"not {made.text}", False)
            else:
                return self.presence(made.setting, name != "defined")
        return Piece(f"{made.inner} is {name}", False)

    def choice(self, node: nodes.CondExpr) -> Piece:
        test = self.truth(node.test)
        if test.is_constant:
            chosen = node.expr1 if test.constant else node.expr2
            return constant("") if chosen is None else self.piece(chosen)
        one = self.piece(node.expr1)
        other = constant(None) if node.expr2 is None else self.piece(node.expr2)
        if one.is_constant and other.is_constant and one.constant == other.constant:
            return one
        secret = one.secret or other.secret or test.secret
        text = f"{one.inner} if {test.inner} else {other.inner}"
        return Piece(text, False, secret=secret)

    def filter(self, node: nodes.Filter) -> Piece:
        name = "default" if node.name == "d" else node.name
        if node.node is None or node.dyn_args or node.dyn_kwargs:
            raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
        if name == "map" and [each.key for each in node.kwargs] == ["attribute"]:
            made, wanted = self.piece(node.node), self.piece(node.kwargs[0].value)
            return Piece(f"{made.inner} | map(attribute={wanted.text})", False)
        if node.kwargs:
            raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
        if name == "default" and node.args:
            return self.default(node.node, node.args)
        made = self.piece(node.node)
        if name == "list" and made.text.endswith(")") and " | map(" in made.text:
            return made
        if name in {"string", "trim", "list"} and made.is_constant:
            return made if name == "list" else constant(str(made.constant).strip())
        if name == "int" and made.is_constant:
            try:
                return constant(int(str(made.constant)))
            except ValueError:
                raise Untranslatable("constant", "text that is no number") from None
        if name not in _FILTERS:
            raise Untranslatable(f"filter-{name}", f"the filter `{name}`")
        if made.setting is not None and name == "string":
            return made
        arguments = ", ".join(self.piece(each).text for each in node.args)
        text = f"{made.inner} | {name}" + (f"({arguments})" if node.args else "")
        return Piece(text, False, secret=made.secret)

    def default(self, subject: nodes.Node, args: list[nodes.Expr]) -> Piece:
        made, other = self.piece(subject), self.piece(args[0])
        if made.is_constant:
            return made if made.constant else other
        if made.setting is not None:
            if not made.setting.absent:
                return made
            return self.joined(" or ", [made, other])
        if other.is_constant and self.names.place != "request":
            return Piece(f"{made.inner} | default({other.text})", False)
        return self.joined(" or ", [made, other])

    def call(self, node: nodes.Call) -> Piece:
        if node.dyn_args or node.dyn_kwargs:
            raise Untranslatable("call", "a call with stars")
        match node.node:
            case nodes.Name(name="duration"):
                return self.duration(node)
            case nodes.Name(name=("max" | "min") as name):
                return self.extreme(name, node.args)
            case nodes.Name(name=name):
                if name not in _FUNCTIONS:
                    raise Untranslatable(f"function-{name}", f"the function `{name}`")
                self.check_dates(node)
                given = [self.piece(each).text for each in node.args]
                given += [f"{k.key}={self.piece(k.value).text}" for k in node.kwargs]
                return Piece(f"{name}({', '.join(given)})")
            case nodes.Getattr(attr="get", node=_):
                return self.lookup(node)
            case nodes.Getattr(attr=name, node=subject):
                if name == "isoformat":
                    made = self.piece(subject)
                    return Piece(f"{made.inner}.isoformat()")
                if name == "format" and not node.kwargs:
                    return self.format(subject, node.args)
                if name not in _METHODS or node.kwargs:
                    raise Untranslatable(f"method-{name}", f"the method `{name}`")
                self.check_dates(node)
                made = self.piece(subject)
                given = [self.piece(each).text for each in node.args]
                return Piece(f"{made.inner}.{name}({', '.join(given)})")
            case _:
                raise Untranslatable("call", "a call of something calculated")

    def format(self, subject: nodes.Node, args: list[nodes.Expr]) -> Piece:
        """`"a{}b".format(x)` as texts that are joined."""
        text = self.piece(subject).constant
        parts = text.split("{}") if isinstance(text, str) else []
        if len(parts) != len(args) + 1 or any(re.search(r"[{}]", p) for p in parts):
            raise Untranslatable("method-format", "the method `format`")
        made = [constant(parts[0])]
        for each, after in zip(args, parts[1:]):
            made += [self.piece(each), constant(after)]
        return self.joined(" ~ ", [each for each in made if each.constant != ""])

    def duration(self, node: nodes.Call) -> Piece:
        """A length of time; a month counts as 30 days, a year as 365."""
        given = self.piece(node.args[0]) if node.args else constant(None)
        if not isinstance(given.constant, str):
            raise Untranslatable("duration", "a length of time that is calculated")
        text = given.constant
        if "Y" in text or "M" in text.partition("T")[0]:
            text = f"P{length(text) // 86400}D"
        return Piece(f"duration({constant(text).text})")

    def extreme(self, name: str, args: list[nodes.Expr]) -> Piece:
        items = args
        if len(args) == 1 and isinstance(args[0], nodes.List | nodes.Tuple):
            items = args[0].items
        if len(items) != 2:
            raise Untranslatable(f"function-{name}", f"`{name}` of other than two")
        one, other = (self.piece(each) for each in items)
        sign = ">" if name == "max" else "<"
        text = f"{one.inner} if {one.inner} {sign} {other.inner} else {other.inner}"
        return Piece(text, False)

    def check_dates(self, node: nodes.Call) -> None:
        for each in node.args:
            if isinstance(each, nodes.Const) and isinstance(each.value, str):
                if any(word in each.value for word in _DATES):
                    told = f"the date format `{each.value}`"
                    raise Untranslatable("date-format", told)

    def lookup(self, node: nodes.Node) -> Piece:
        """A name with its keys."""
        keys: list[str | int] = []
        default: nodes.Node | None = None
        current: nodes.Node = node
        while not isinstance(current, nodes.Name):
            match current:
                case nodes.Getattr(attr=str() as attribute, node=inner):
                    keys.insert(0, attribute)
                case nodes.Getitem(arg=argument, node=inner):
                    chosen = None if keys else self.chosen(inner, argument)
                    if chosen is not None:
                        return chosen
                    keys.insert(0, self.key(argument))
                case nodes.Call(
                    node=nodes.Getattr(attr="get", node=inner), args=[first, *rest]
                ):
                    if not keys and default is None and rest:
                        default = rest[0]
                    keys.insert(0, self.key(first))
                case nodes.Or(left=left) if self.is_object(left):
                    current = left
                    continue
                case _:
                    made = self.piece(current)
                    if made.is_constant:
                        return constant(at(made.constant, keys))
                    return Piece(made.inner + "".join(map(step, keys)))
            current = inner
        return self.root(current.name, keys, default)

    def chosen(self, holder: nodes.Node, key: nodes.Node) -> Piece | None:
        """An entry of a mapping of constants by a key that is calculated, as a choice."""
        if isinstance(key, nodes.Const):
            return None
        wanted = self.piece(key)
        if wanted.is_constant or not isinstance(holder, nodes.Name | nodes.Dict):
            return None
        if isinstance(holder, nodes.Name) and holder.name not in self.names.variables:
            return None
        options = self.piece(holder).constant
        if not is_mapping(options) or not options:
            return None
        *others, (_, last) = options.items()
        text = constant(last).text
        for each, value in reversed(others):
            test = f"{wanted.inner} == {constant(each).text}"
            text = f"{constant(value).text} if {test} else ({text})"
        return Piece(text, False, secret=wanted.secret)

    def key(self, node: nodes.Node) -> str | int:
        made = self.piece(node)
        if isinstance(made.constant, str | int) and not isinstance(made.constant, bool):
            return made.constant
        raise Untranslatable("computed-key", "a key that is calculated")

    def root(
        self, name: str, keys: list[str | int], default: nodes.Node | None
    ) -> Piece:
        names = self.names
        other = None if default is None else self.piece(default)
        if name in names.variables:
            found = names.variables[name]
            if not keys:
                return found
            if found.is_constant:
                value = at(found.constant, keys)
                return other if value is None and other is not None else constant(value)
            return Piece(found.inner + "".join(map(step, keys)), secret=found.secret)
        if name == "parameters" or name == "options":
            value = at(dict(names.parameters), keys)
            return other if value is None and other is not None else constant(value)
        if name == "config":
            return self.config(keys, other)
        if name in PARTITIONS and keys and all(isinstance(k, str) for k in keys):
            return self.partition(name, [str(key) for key in keys], other)
        wanted = {"record": "record", "last_record": "answer", "headers": "answer"}
        wanted |= {"response": "answer", "last_page_size": "answer"}
        if name == "record" and keys and keys[0] in names.added:
            found = names.added[str(keys[0])]
            return Piece(found.inner + "".join(map(step, keys[1:])))
        if wanted.get(name) == names.place:
            steps = "".join(map(step, keys))
            if other is not None and other.is_constant and other.constant not in ("",):
                if other.constant in ({}, [], None):
                    return Piece(f"{name}{steps}")
                return Piece(f"{name}{steps} | default({other.text})", False)
            return Piece(f"{name}{steps}")
        raise Untranslatable(f"name-{name}", f"`{name}` in a {names.place}")

    def config(self, keys: list[str | int], other: Piece | None) -> Piece:
        if not keys or not all(isinstance(key, str) for key in keys):
            raise Untranslatable("config-list", "`config` as a whole, or an item of it")
        setting = self.names.settings.setting(tuple(str(key) for key in keys))
        if setting.property.secret and self.names.place in {"record", "answer"}:
            raise Untranslatable("secret-place", "a secret outside of a request")
        if self.names.place == "answer":
            raise Untranslatable("config-answer", "`config` where an answer is read")
        code = setting.code
        made = Piece(code, True, setting=setting, secret=setting.property.secret)
        if other is not None and setting.absent:
            if other.constant in (None, "", False):
                return made
            return self.joined(" or ", [made, other])
        return made

    def partition(self, name: str, keys: list[str], other: Piece | None) -> Piece:
        names = self.names
        if keys[0] in names.bounds and len(keys) == 1:
            return Piece(f"incremental.{names.bounds[keys[0]]}")
        if keys[0] == "extra_fields" or len(keys) > 1 or keys[0] == "parent_slice":
            found = names.parents(keys) if names.parents is not None else None
            if found is not None:
                return Piece(found)
        elif keys[0] in names.partitions:
            return Piece(names.partitions[keys[0]])
        if other is not None and other.is_constant:
            return other
        raise Untranslatable(f"name-{name}", f"`{name}.{'.'.join(keys)}`")
