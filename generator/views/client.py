"""client.py: the credentials, the constructor and two methods for each resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from generator import __version__, ir
from generator.pysource import (
    Argument,
    Code,
    assign,
    bracketed,
    call,
    docstring,
    identifier,
    literal,
    mapping,
    parameter,
    signature,
    subscript,
)
from generator.views.arguments import (
    all_auth,
    ambiguous,
    common_parameters,
    rotates,
    token_urls,
)
from generator.views.auth import auth_values, redacted_by
from generator.views.common import Imports, header, import_helpers, names_in
from generator.views.errors import is_long, limit_arguments, retry_code
from generator.views.methods import Methods, ResourceView, request_code, retry_name
from generator.views.parallel import is_parallel, pages_ahead
from generator.views.signing import Choice, Signing

_NONE = Code("None")


class ClientView(NamedTuple):
    """What client.py.j2 prints."""

    header: Code
    docstring: Code
    imports: Code
    exports: Code
    aliases: tuple[Code, ...]
    credentials: Code | None
    credentials_doc: Code | None
    credential_fields: tuple[Code, ...]
    class_name: Code
    class_doc: Code
    init: Code
    init_doc: Code
    init_body: tuple[Code, ...]
    choices: tuple[Choice, ...]
    choice_signature: Code | None
    choice_doc: Code
    choice_failed: Code | None
    children: bool
    resources: tuple[ResourceView, ...]


def client_view(connector: ir.Connector) -> ClientView:
    imports = Imports()
    imports.add("collections.abc", "Iterator")
    imports.add("._runtime.http", "Http", "Request", "Transport")
    imports.add("._runtime.reading", "OnRejected", "Pages", "Read")
    if any(each.type == "Sequence[str]" for each in connector.settings):
        imports.add("collections.abc", "Sequence")
    builder = _Client(connector, imports)
    methods = Methods(connector, imports, builder.shared_retry())
    resources = tuple(methods.resource(each) for each in connector.resources)
    init_body = tuple(builder.init_body())
    credentials = builder.credentials_name
    exports = [builder.class_name]
    if credentials:
        imports.add("dataclasses", "dataclass", "field")
        exports.append(credentials)
    for resource in connector.resources:
        imports.add(".paginators", resource.paginator)
    choices = tuple(builder.signing.choices())
    init = builder.init()
    init_doc = docstring(builder.init_text(), 8)
    aliases = tuple(builder.aliases())
    choice_signature = builder.signing.choice_signature() if choices else None
    choice_failed = builder.signing.choice_failed() if choices else None
    return ClientView(
        header=header(connector),
        docstring=docstring(
            f"Typed client of the {connector.name} API: "
            + ("credentials, and " if credentials else "")
            + "two methods a resource."
        ),
        aliases=aliases,
        imports=imports.code(),
        exports=assign("__all__", literal(sorted(exports))),
        credentials=identifier(credentials) if credentials else None,
        credentials_doc=(
            docstring(
                f"Credentials of the {connector.name} API; none of them is ever printed.",
                4,
            )
            if credentials
            else None
        ),
        credential_fields=tuple(_credential(each) for each in connector.credentials),
        class_name=identifier(builder.class_name),
        class_doc=docstring(builder.class_text(), 4),
        init=init,
        init_doc=init_doc,
        init_body=init_body,
        choices=choices,
        choice_signature=choice_signature,
        choice_doc=docstring(
            (
                "The method asked for, else the first one whose credentials are all given."
                if ambiguous(connector)
                else "The first method whose credentials are all given."
            ),
            4,
        ),
        choice_failed=choice_failed,
        children=any(each.in_parts for each in connector.resources),
        resources=resources,
    )


def _credential(credential: ir.Credential) -> Code:
    if credential.optional:
        return Code(
            f"{identifier(credential.name)}: str | None = field(default=None, repr=False)"
        )
    return Code(f"{identifier(credential.name)}: str = field(repr=False)")


@dataclass(frozen=True, slots=True)
class _Client:
    connector: ir.Connector
    imports: Imports

    @property
    def signing(self) -> Signing:
        return Signing(self.connector, self.imports)

    @property
    def class_name(self) -> str:
        return f"{self.connector.prefix}Client"

    @property
    def credentials_name(self) -> str:
        return (
            f"{self.connector.prefix}Credentials" if self.connector.credentials else ""
        )

    def class_text(self) -> str:
        text = (
            f"Reads the {self.connector.name} API; every record is a validated model."
        )
        if self.connector.description:
            text += f"\n\n{self.connector.description}"
        if self.connector.docs:
            text += f"\n\nAPI documentation: {self.connector.docs}"
        return text

    def init_text(self) -> str:
        lines = ["`base_url` replaces the URL of the spec."]
        if self.credentials_name:
            lines = [
                "`base_url` replaces the URL of the spec and gets the credentials."
            ]
        for name in dict.fromkeys(token_urls(self.connector).values()):
            whose = name.removesuffix("token_url").rstrip("_")
            told = f" of {whose}" if whose else ""
            lines.append(f"`{name}` does so for tokens{told}.")
        if ambiguous(self.connector):
            lines.append("`auth` chooses between methods that need the same.")
        if rotates(self.connector):
            self.imports.add("collections.abc", "Callable")
            lines.append("`on_rotated` keeps a refresh token that the server replaced.")
        lines.append(
            "`on_rejected` gets records that do not fit their model; without it they are errors."
        )
        return " ".join(lines)

    def aliases(self) -> Iterator[Code]:
        if self.connector.environments:
            self.imports.add("typing", "Literal")
            names = [literal(each.name) for each in self.connector.environments]
            yield assign("Environment", subscript("Literal", names))
        if ambiguous(self.connector):
            self.imports.add("typing", "Literal")
            names = [literal(each.name) for each in self.connector.auth]
            yield assign("AuthMethod", subscript("Literal", names))

        retry = self.shared_retry()
        if retry is not None:
            yield assign("_RETRY", retry_code(retry, self.imports))
        for resource in self.connector.resources:
            if is_long(resource.retry) and resource.retry != retry:
                code = retry_code(resource.retry, self.imports)
                yield assign(retry_name(resource), code)

    def shared_retry(self) -> ir.Retry | None:
        """The policy that several resources have, and that is not the default."""
        counts = Counter(each.retry for each in self.connector.resources)
        retry, uses = counts.most_common(1)[0]
        return retry if uses > 1 and retry != ir.Retry() else None

    # ---- the constructor

    def init(self) -> Code:
        parameters = [Code("self")]
        if self.credentials_name:
            parameters.append(parameter("credentials", Code(self.credentials_name)))
        parameters.append(Code("*"))
        parameters.extend(common_parameters(self.connector))
        if rotates(self.connector):
            parameters.append(
                parameter("on_rotated", Code("Callable[[str], None] | None"), _NONE)
            )
        parameters.append(parameter("on_rejected", Code("OnRejected | None"), _NONE))
        parameters.append(parameter("transport", Code("Transport | None"), _NONE))
        return signature("__init__", parameters, _NONE, 4)

    def init_body(self) -> Iterator[Code]:
        connector = self.connector
        import_helpers(self.imports, self.constructor_code())
        for setting in connector.settings:
            if setting.constructor and setting.default is None and not setting.required:
                self.imports.add("._runtime.settings", "required")
                given = [literal(setting.name), Code(setting.name)]
                yield assign(setting.name, call("required", given), 8)
        if connector.environments:
            urls = mapping(
                (each.name, each.base_url) for each in connector.environments
            )
            yield assign("urls", urls, 8)
            self.imports.add("._runtime.choices", "chosen")
            default = Code('chosen("environment", environment, urls)')
        else:
            default = connector.base_url or literal("")
        root = Code(f"base_url or {default}")
        if self.signing.reads_root:
            yield assign("root", Code(f'({root}).rstrip("/")'), 8)
            root = Code("root")
        for name, code in self.signing.signers():
            yield assign(name, code, 8)
        yield assign("http", call("Http", list(self.http_arguments(root))), 8)
        yield assign("self._reader", self.reader(), 8)
        yield Code("self.counts = self._reader.counts")
        yield docstring("What became of the records so far, by resource.", 8)
        used = names_in(
            code for each in connector.resources for code in request_code(each)
        )
        checked = {name for each in connector.resources for name in each.settings}
        if "_credentials" in used:
            yield assign("self._credentials", Code("credentials"), 8)
        for setting in connector.settings:
            if setting.name in checked or f"_{setting.name}" in used:
                yield assign(f"self._{setting.name}", Code(setting.name), 8)

    def reader(self) -> Code:
        connector = self.connector
        given: list[Argument] = [Code("http"), Code("on_rejected")]
        if not is_parallel(connector):
            self.imports.add("._runtime.reading", "Reader")
            return call("Reader", given)
        self.imports.add("._runtime.ahead", "ParallelReader")
        numbers = {
            each.name: pages_ahead(connector, each) for each in connector.resources
        }
        usual = Counter(numbers.values()).most_common(1)[0][0]
        given.append(literal(usual))
        others = {name: most for name, most in numbers.items() if most != usual}
        if others:
            given.append(
                mapping((name, literal(most)) for name, most in others.items())
            )
        return call("ParallelReader", given)

    def constructor_code(self) -> Iterator[Code]:
        """The expressions that the constructor evaluates."""
        connector = self.connector
        yield from (each.base_url for each in connector.environments)
        yield from (each.value for each in connector.headers)
        if connector.base_url is not None:
            yield connector.base_url
        for method in all_auth(connector):
            yield from auth_values(method.auth)

    def http_arguments(self, root: Code) -> Iterator[Argument]:
        connector = self.connector
        yield "base_url", root
        agent = f"{self.connector.name} (gen-connector {__version__})"
        yield "user_agent", literal(agent)
        signer = self.signing.signer()
        if signer != _NONE:
            yield "auth", signer
        auths = self.signing.endpoint_auths()
        if auths:
            signers = {code: Code(name) for name, code in self.signing.signers()}
            yield "auths", mapping(
                (name, signers.get(code, code)) for name, code in auths.items()
            )
        if connector.headers:
            yield "headers", mapping(
                (each.name, each.value) for each in connector.headers
            )
        if connector.allowed_hosts:
            yield "allowed_hosts", literal(connector.allowed_hosts)
        redacted = {
            name for method in all_auth(connector) for name in redacted_by(method)
        }
        others = [
            each.name for each in connector.credentials if each.name not in redacted
        ]
        if others:
            codes = [Code(f"credentials.{identifier(name)}") for name in others]
            yield "secrets", bracketed("(", codes, ")")
        if self.shared_retry() is not None:
            yield "retry", Code("_RETRY")
        if connector.timeout is not None:
            yield "timeout", literal(connector.timeout)
        yield from limit_arguments(connector, self.imports)
        yield "transport", Code("transport")
