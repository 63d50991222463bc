"""The ticket as people write it by hand for pydantic: a model."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class Source(BaseModel):
    type: str
    appName: str | None = None
    extId: str | None = None


class Ticket(BaseModel):
    id: str
    ticketNumber: int
    subject: str
    description: str | None = None
    status: str
    priority: Literal["Low", "Medium", "High"] | None = None
    channel: Literal["Email", "Phone", "Web"]
    assigneeId: str | None = None
    email: str | None = None
    threadCount: int
    isSpam: bool
    tags: list[str]
    source: Source
    createdTime: datetime
    modifiedTime: datetime
    closedTime: datetime | None = None
