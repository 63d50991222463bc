"""A shop as a FastAPI application: `uvicorn shop_app:app`. It serves its own OpenAPI document.

Rows stand in SQLite; every list is paged in another way, and all of them need a token.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.security import HTTPBearer
from pydantic import BaseModel

COUNTS = {"orders": 23, "customers": 31, "products": 47, "events": 18, "notes": 12}
LINES = 3

database = sqlite3.connect(":memory:", check_same_thread=False)
database.row_factory = sqlite3.Row
for table, count in COUNTS.items():
    database.execute(f"create table {table} (id integer primary key, name text)")
    rows = [(number, f"{table} {number}") for number in range(1, count + 1)]
    database.executemany(f"insert into {table} values (?, ?)", rows)

bearer = HTTPBearer()


def entry(given: Annotated[Any, Depends(bearer)]) -> None:
    if given.credentials != os.environ["SHOP_TOKEN"]:
        raise HTTPException(401)


app = FastAPI(title="Shop", dependencies=[Depends(entry)])
Limit = Annotated[int, Query(ge=1, le=10)]


class Thing(BaseModel):
    id: int
    name: str | None


class OrderPage(BaseModel):
    items: list[Thing]
    page: int
    total: int


class CustomerPage(BaseModel):
    customers: list[Thing]
    next_cursor: str | None


class ProductPage(BaseModel):
    results: list[Thing]
    next: str | None
    previous: str | None


class EventPage(BaseModel):
    data: list[Thing]
    has_more: bool


class NoteSearch(BaseModel):
    text: str | None = None
    cursor: str | None = None
    limit: int = 5


class NotePage(BaseModel):
    notes: list[Thing]
    next_cursor: str | None


class Line(BaseModel):
    line: int
    quantity: int


def part(table: str, start: int, size: int) -> list[Thing]:
    """Rows behind the first `start`."""
    query = f"select * from {table} order by id limit ? offset ?"
    return [Thing(**row) for row in database.execute(query, (size, start))]


@app.get("/orders")
def list_orders(page: Annotated[int, Query(ge=1)] = 1, size: Limit = 10) -> OrderPage:
    items = part("orders", (page - 1) * size, size)
    return OrderPage(items=items, page=page, total=COUNTS["orders"])


@app.get("/orders/{order_id}/lines")
def list_lines(order_id: int) -> list[Line]:
    return [Line(line=number, quantity=order_id) for number in range(LINES)]


@app.get("/orders/{order_id}")
def read_order(order_id: int) -> Thing:
    return part("orders", order_id - 1, 1)[0]


@app.post("/orders")
def create_order(order: Thing) -> Thing:
    raise HTTPException(500, "a loader must not create anything")


@app.get("/customers")
def list_customers(cursor: str | None = None, limit: Limit = 10) -> CustomerPage:
    start = int(cursor or 0)
    more = str(start + limit) if start + limit < COUNTS["customers"] else None
    return CustomerPage(customers=part("customers", start, limit), next_cursor=more)


@app.get("/products")
def list_products(request: Request, offset: int = 0, limit: Limit = 10) -> ProductPage:
    more = None
    if offset + limit < COUNTS["products"]:
        more = str(request.url.include_query_params(offset=offset + limit))
    results = part("products", offset, limit)
    return ProductPage(results=results, next=more, previous=None)


@app.get("/events")
def list_events(starting_after: int | None = None, limit: Limit = 10) -> EventPage:
    start = starting_after or 0
    return EventPage(
        data=part("events", start, limit), has_more=start + limit < COUNTS["events"]
    )


@app.post("/notes/search")
def search_notes(search: NoteSearch) -> NotePage:
    start = int(search.cursor or 0)
    end = start + search.limit
    more = str(end) if end < COUNTS["notes"] else None
    return NotePage(notes=part("notes", start, search.limit), next_cursor=more)
