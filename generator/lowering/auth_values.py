"""The values of one auth method: expressions over `credentials`, and which of them are secret."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.document import Pointer
from generator.lowering.context import Context
from generator.lowering.settings import Settings
from generator.lowering.text import TEXT, Value, computed, expression
from generator.plain import is_list, is_mapping
from generator.pysource import Code, bracketed, literal, mapping
from generator.values import Computed, Config, Part, Placeholder, Secret

_SECRETS = frozenset(
    "access_token api_key client_secret password private_key private_key_passphrase"
    " refresh_token token".split()
)
"""Keys whose values are secret, in the token request too."""


@dataclass(slots=True)
class AuthValues:
    """Lowers the texts of one method; collects the credentials and secrets that it meets."""

    context: Context
    settings: Settings
    pointer: Pointer
    needs: list[str] = field(default_factory=list[str])
    """Fields of the credentials class."""
    written: list[Code] = field(default_factory=list[Code])
    """Secrets that the spec itself holds."""

    shown: set[str] = field(default_factory=set[str])
    """Those of `needs` that messages may show."""

    def text(self, text: str | None, *keys: str | int) -> Code:
        """The expression of a text; left out, it is the secret of the key's name."""
        given = f'dlt.secrets["{keys[-1]}"]' if text is None else text
        return self._expression(given, keys, TEXT)

    def tree(self, value: object, *keys: str | int) -> Code:
        """A value of a request's body: texts may hold references."""
        if isinstance(value, str):
            return self._expression(value, keys, None)
        if is_list(value):
            items = [self.tree(item, *keys, index) for index, item in enumerate(value)]
            return bracketed("[", items, "]")
        if is_mapping(value):
            return mapping(
                (str(key), self.tree(item, *keys, str(key)))
                for key, item in value.items()
            )
        return literal(value)

    def secrets(self) -> tuple[Code, ...]:
        """What messages must never show."""
        hidden = [name for name in self.needs if name not in self.shown]
        fields = (Code(f"credentials.{name}") for name in hidden)
        return (*fields, *self.written)

    def _expression(
        self, text: str, keys: tuple[str | int, ...], alone: frozenset[str] | None
    ) -> Code:
        place = (*self.pointer, *keys)
        found = self.context.parts(text, place)

        def reference(part: Part) -> Value:
            match part:
                case Secret():
                    name = self.context.secret(part.name, place, always=False)
                    if name not in self.needs:
                        self.needs.append(name)
                    return Value(Code(f"credentials.{name}"))
                case Config() | Placeholder():
                    setting = self.settings.find(part.name, None)
                    return Value(Code(setting.name), setting.type)
                case Computed():
                    return computed(self.context, part, place, reference)
                case _:
                    self.context.error(
                        place, "expression", "only secrets and config values go here"
                    )
                    return Value(literal(""))

        code = expression(found, reference, alone)
        if len(found) == 1 and isinstance(found[0], str) and keys[-1] in _SECRETS:
            self.written.append(code)
            self.context.warn(
                place,
                "secret-in-spec",
                f"`{keys[-1]}` is written into the spec, and so into the generated code",
                f'name a secret instead: dlt.secrets["{keys[-1]}"]',
            )
        return code
