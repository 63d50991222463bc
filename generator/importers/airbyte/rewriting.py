"""Expressions of Airbyte's templates to expressions of a spec."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import nodes

from generator.importers.airbyte.calls import called, filtered
from generator.importers.airbyte.names import PARTITIONS, Names
from generator.importers.airbyte.notes import Untranslatable
from generator.importers.airbyte.pieces import Piece, at, chain, constant, folded, step
from generator.importers.airbyte.settings import Setting
from generator.plain import is_mapping

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
                return filtered(self, node)
            case nodes.Call():
                return called(self, node)
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
        if len(node.ops) > 1 or node.ops[0].op not in {"in", "notin"}:
            return False
        name, *path = chain(node.ops[0].expr) or [""]
        is_list = self.names.settings.is_list(tuple(path))
        return name == "config" and isinstance(node.expr, nodes.Const) and not is_list

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
            if other.constant in (None, "", False, []):
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
