"""OAuth2 tokens for a signed assertion (RFC 7523)."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .auth_token import TokenAuth
from .errors import CredentialsError
from .http import Request
from .values import JSON


@dataclass(kw_only=True, eq=False, repr=False)
class JwtBearerAuth(TokenAuth):
    """Adds an assertion with `claims`, signed with RS256, to the form of `request`."""

    private_key: str
    """PEM text."""
    passphrase: str = ""
    claims: Mapping[str, JSON]

    def token_request(self) -> Request:
        now = int(time.time())
        claims = {"iat": now, "exp": now + 3600, **self.claims}
        assertion = signed(claims, self.private_key, self.passphrase)
        self.secrets = (*self.secrets, assertion)  # whoever has it can get a token
        return replace(
            self.request, form={**(self.request.form or {}), "assertion": assertion}
        )


def signed(claims: Mapping[str, JSON], key: str, passphrase: str) -> str:
    """The claims as a JSON web token with an RS256 signature (RFC 7515)."""
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise CredentialsError(
            "signing a token request needs the package cryptography:"
            " pip install cryptography"
        ) from None
    try:
        private = load_pem_private_key(key.encode(), passphrase.encode() or None)
    except (TypeError, ValueError):
        raise CredentialsError(
            "private_key is no PEM private key that the passphrase opens"
        ) from None
    if not isinstance(private, RSAPrivateKey):
        raise CredentialsError("private_key is no RSA key, which RS256 needs")
    parts = [_encoded(each) for each in ({"alg": "RS256", "typ": "JWT"}, claims)]
    signature = private.sign(".".join(parts).encode(), PKCS1v15(), SHA256())
    return ".".join([*parts, _base64(signature)])


def _encoded(value: Mapping[str, JSON]) -> str:
    return _base64(json.dumps(dict(value), separators=(",", ":")).encode())


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
