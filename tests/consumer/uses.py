"""What users of the packages write; checkers refuse every line marked `# wrong`, no other."""

from __future__ import annotations

from commerce import CommerceClient, CommerceCredentials, commerce_source
from tickets import (
    Ticket,
    TicketsClient,
    TicketsCredentials,
    Tickets,  # wrong: name
    tickets_source,
)

credentials = TicketsCredentials(
    client_id="id",
    client_secret="secret",
    refresh_token="token",
    token_refresh_endpoint="https://auth.example.com/token",
)
TicketsCredentials(
    client_id="id",
    client_secret="secret",
    refresh_tokn="token",  # wrong: credential
    token_refresh_endpoint="https://auth.example.com/token",
)
credentials.client_id.upper()
credentials.client_idd.upper()  # wrong: credential


def fields(ticket: Ticket) -> list[str]:
    number: int = ticket.thread_count or 0
    number = ticket.thread_count  # wrong: may be None
    number = ticket.subject  # wrong: type
    return [
        ticket.subject,
        ticket.subjet,  # wrong: field
        ticket.priority,  # wrong: may be None
        str(number),
    ]


for record in TicketsClient(credentials).tickets(since="2026-01-01"):
    record.subject.upper()
    record.sbject.upper()  # wrong: field
    record.source.app_name  # wrong: may be None
    record.status_type == "Open"

TicketsClient("token")  # wrong: credentials
TicketsClient(credentials).tickts()  # wrong: resource

tickets_source(resources=["tickets", "agents"], credentials=credentials)
tickets_source(resources=["tickts"])  # wrong: resource
tickets_source(credential=credentials)  # wrong: argument
tickets_source(environment="sandbox")  # wrong: there are none

commerce_source(environment="sandbox")
commerce_source(environment="sandbx")  # wrong: environment
CommerceClient(CommerceCredentials(), environment="production")
CommerceClient(CommerceCredentials(), environment="prod")  # wrong: environment
