"""What signs the requests: the client's auth or a choice of several, and that of single endpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import ir
from generator.pysource import (
    Code,
    call,
    identifier,
    join,
    literal,
    parameter,
    signature,
    statement,
)
from generator.views.arguments import all_auth, ambiguous, token_urls
from generator.views.auth import auth_code, auth_values, uses_root
from generator.views.common import Imports, names_in

_NONE = Code("None")


class Choice(NamedTuple):
    """One of several auth methods: the test that picks it, and its construction."""

    test: Code
    made: Code


@dataclass(frozen=True, slots=True)
class Signing:
    """Prints the auth objects of one connector."""

    connector: ir.Connector
    imports: Imports

    @property
    def reads_root(self) -> bool:
        """Some token is requested below the base URL."""
        return any(uses_root(method.auth) for method in all_auth(self.connector))

    def signer(self) -> Code:
        """What signs the requests; None for an API without auth."""
        methods = self.connector.auth
        if len(methods) == 1:
            return self.hooked(auth_code(methods[0].auth, self.imports))
        arguments = [Code(name) for name, _ in self.choice_parameters()]
        return self.hooked(call("_auth", arguments) if methods else _NONE)

    def hooked(self, signer: Code) -> Code:
        """The auth object within the client's hook, through which every request goes."""
        if not self.connector.request_hook:
            return signer
        self.imports.add(".", "hooks")
        self.imports.add("._runtime.request_hook", "RequestHook")
        hook = Code(f"hooks.{identifier(self.connector.request_hook)}")
        return call("RequestHook", [hook] if signer == _NONE else [hook, signer])

    def endpoint_auths(self) -> dict[str, Code]:
        """The construction of an endpoint's own auth, by resource."""
        names = token_urls(self.connector)
        found: dict[str, Code] = {}
        for each in self.connector.resources:
            if each.auth is not None:
                auth, name = each.auth.auth, "token_url"
                if isinstance(auth, ir.TokenAuth):
                    name = names[auth.request.url]
                found[each.name] = self.hooked(auth_code(auth, self.imports, name))
        return found

    def signers(self) -> Iterator[tuple[str, Code]]:
        """The auth objects that several endpoints share: one token for all of them."""
        uses = Counter(self.endpoint_auths().values())
        shared = [code for code, count in uses.items() if count > 1 and code != _NONE]
        for number, code in enumerate(shared, 1):
            yield f"signer_{number}", code

    def choice_parameters(self) -> Iterator[tuple[str, Code]]:
        yield "credentials", Code(f"{self.connector.prefix}Credentials")
        if ambiguous(self.connector):
            yield "auth", Code("AuthMethod | None")
        auths = [method.auth for method in self.connector.auth]
        if any(uses_root(auth) for auth in auths):
            yield "root", Code("str")
        if any(isinstance(auth, ir.TokenAuth) for auth in auths):
            yield "token_url", Code("str | None")
        if any(
            isinstance(auth, ir.TokenAuth) and isinstance(auth.proof, ir.RefreshToken)
            for auth in auths
        ):
            yield "on_rotated", Code("Callable[[str], None] | None")
        used = names_in(code for auth in auths for code in auth_values(auth))
        for setting in self.connector.settings:
            if setting.name in used:
                yield setting.name, Code(setting.type)

    def choice_signature(self) -> Code:
        parameters = [parameter(name, kind) for name, kind in self.choice_parameters()]
        return signature("_auth", parameters, Code("Auth"))

    def choices(self) -> Iterator[Choice]:
        """Each auth method with its test, the preferred one first."""
        if len(self.connector.auth) < 2:
            return
        self.imports.add("._runtime.http", "Auth")
        for method in self.connector.auth:
            tests = self.tests(method)
            test = str(join(tests, " and "))
            if len(test) + 8 > 88:
                lines = "\n        and ".join(tests)
                test = f"(\n        {lines}\n    )"
            if tests:
                made = statement(auth_code(method.auth, self.imports), 8, "return ")
                yield Choice(Code(test), made)

    def tests(self, method: ir.AuthMethod) -> list[Code]:
        """What picks a method; nothing for a last one that is always possible."""
        tests: list[Code] = []
        if ambiguous(self.connector):
            methods = self.connector.auth
            same = [
                each.name for each in methods if set(each.needs) == set(method.needs)
            ]
            name = literal(method.name)
            preferred = same[0] == method.name
            test = f"auth in (None, {name})" if preferred else f"auth == {name}"
            tests.append(Code(test))
        optional = {each.name for each in self.connector.credentials if each.optional}
        tests.extend(
            Code(f"credentials.{need} is not None")
            for need in method.needs
            if need in optional
        )
        return tests

    def choice_failed(self) -> Code:
        """What is left when no test was true."""
        last = self.connector.auth[-1]
        if not self.tests(last):
            return statement(auth_code(last.auth, self.imports), 4, "return ")
        self.imports.add("._runtime.errors", "CredentialsError")
        wanted = dict.fromkeys(
            " and ".join(method.needs) for method in self.connector.auth
        )
        return statement(
            call("CredentialsError", [literal(f"give {', or '.join(wanted)}")]),
            4,
            "raise ",
        )
