"""What users of the packages write; checkers refuse every line marked `# wrong`, no other."""

from __future__ import annotations

import dlt
import tickets
from commerce import CommerceClient, CommerceCredentials, commerce_source
from tickets import Ticket, TicketsClient, TicketsCredentials, load, replay
from tickets import tickets_source

print(tickets.Tickt)  # wrong: name

credentials = TicketsCredentials(
    client_id="id",
    client_secret="secret",
    refresh_token="token",
    token_refresh_endpoint="https://auth.example.com/token",
)
print(credentials.client_id.upper())
print(credentials.client_idd)  # wrong: credential
TicketsCredentials(client_id="id")  # wrong: three are missing
CommerceCredentials(client_id="id", client_secret="secret")
CommerceCredentials(client_idd="id", client_secret="secret")  # wrong: credential
TicketsClient("token")  # wrong: credentials
TicketsClient(credentials).tickts()  # wrong: resource


def fields(ticket: Ticket) -> None:
    subject: str = ticket.subject
    subject = ticket.subjet  # wrong: field
    subject = ticket.category  # wrong: may be None
    number: int | None = ticket.thread_count
    number = ticket.subject  # wrong: type
    if ticket.source and ticket.source.app_name:
        subject = ticket.source.app_name
    print(ticket.source.app_name)  # wrong: may be None
    print(subject, number, ticket.created_time.year)


for record in TicketsClient(credentials).tickets(since="2026-01-01"):
    fields(record)
    print(record.sbject)  # wrong: field

tickets_source(resources=["tickets", "agents"], credentials=credentials)
tickets_source(resources=["tickts"])  # wrong: resource
tickets_source(credential=credentials)  # wrong: argument
tickets_source(environment="sandbox")  # wrong: there are none
pipeline = dlt.pipeline("tickets")
load(pipeline, resources=["tickets"], credentials=credentials)
load(pipeline, resources=["tickts"])  # wrong: resource
load(pipeline, start="2026-01-01")  # wrong: tickets has no windows
load(resources=["tickets"])  # wrong: the pipeline is missing
print(replay(pipeline, credentials=credentials).loaded["tickets"] + 1)
replay(pipeline, credential=credentials)  # wrong: argument
commerce_source(environment="sandbox")
commerce_source(environment="sandbx")  # wrong: environment
CommerceClient(CommerceCredentials(), environment="production")
CommerceClient(CommerceCredentials(), environment="prod")  # wrong: environment
