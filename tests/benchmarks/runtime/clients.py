"""Reads records without loading them: the connector's client, dlt's, and bare sockets."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from tests.benchmarks.runtime.job import Job


def client(job: Job) -> None:
    """Every record as a validated model."""
    from helpdesk import HelpdeskClient

    job.begin()
    count = 0
    for ticket in HelpdeskClient(base_url=job.url).tickets():
        count += bool(ticket.id)
    job.end(count)


def rest_client(job: Job) -> None:
    """Every record as a dict that nobody checked."""
    from dlt.sources.helpers.rest_client.client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import OffsetPaginator

    job.begin()
    client = RESTClient(
        base_url=job.url,
        paginator=OffsetPaginator(limit=job.page, total_path="meta.total"),
        data_selector="data",
    )
    count = 0
    for page in client.paginate("tickets"):
        for ticket in page:
            count += bool(ticket["id"])
    job.end(count)


def sockets(job: Job) -> None:
    """What the server gives to one that only counts bytes."""
    target = urlsplit(job.url)
    total = int(target.path.split("/")[1])
    job.begin()
    with socket.create_connection((target.hostname, target.port or 80)) as connection:
        reader = connection.makefile("rb")
        for offset in range(0, total, job.page):
            asked = f"{target.path}/tickets?offset={offset}&limit={job.page}"
            connection.sendall(f"GET {asked} HTTP/1.1\r\n\r\n".encode())
            length = 0
            while (header := reader.readline()) != b"\r\n":
                if header.startswith(b"Content-Length: "):
                    length = int(header.split()[1])
            reader.read(length)
    job.end(total)


WAYS = {each.__name__: each for each in (client, rest_client, sockets)}

if __name__ == "__main__":
    WAYS[(given := Job.given()).way](given)
