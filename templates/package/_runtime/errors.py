"""Every error that a connector raises on purpose."""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all; messages carry no secrets and no whole records."""

    transient = False
    """Whether sending the same request again may help."""


class CredentialsError(ConnectorError):
    """A credential is missing or has a form that cannot be sent."""


class SettingError(ConnectorError):
    """An argument that the caller gives is missing or unusable."""


class AuthError(ConnectorError):
    """No token could be had from the token endpoint."""


class HostError(ConnectorError):
    """A request would have left the hosts that the connector may talk to."""


class HTTPError(ConnectorError):
    """An answer that is an error by its status or a rule, after `retries` retries."""

    status = 0
    method = ""
    url = ""
    """Redacted."""
    retries = 0


class TransportError(ConnectorError):
    """No complete answer arrived: connection, timeout, reset, incomplete read."""

    transient = True


class ResponseError(ConnectorError):
    """The answer arrived and is unusable: not JSON, cut short, too large."""


class ExpressionError(ResponseError):
    """An expression of the spec computes with a value of the wrong kind."""


class MissingDataError(ConnectorError):
    """The answer has nothing at the path where the records belong."""


class PaginationError(ConnectorError):
    """Paging does not move on, or there are more pages than the connector can read."""


class DataEnd(ConnectorError):
    """Ends the data for a reason of the spec, though the API may have more."""

    event = ""
    """What it is counted and logged as; empty: the end that the spec expects."""
    skips_page = False
    """It stands for a page, which only the first one may."""


class RecordError(ConnectorError):
    """Records do not fit their model."""


class AccountingError(ConnectorError):
    """Records got lost, or came up, on the way from the API to the destination."""
