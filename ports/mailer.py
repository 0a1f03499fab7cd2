"""Sends mails by the mail server that the operator chose."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.model.notifications.content import Content


class Told(StrEnum):
    """LATER: it may work later, also if the operator has to change something. REFUSED: it is refused for good."""

    DELIVERED = "delivered"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one try. `detail` says it in words, without any secret."""

    told: Told
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`id` makes the Message-ID: the same for every try. `about` is the tenant's name. `base` is the installation's
    public address, '' if it has none; `unsubscribe` is the whole address of the link that ends these mails, or ''."""

    id: str
    to: str
    about: str
    content: Content
    at: datetime
    base: str = ""
    unsubscribe: str = ""


class Mailer(Protocol):
    @abstractmethod
    async def send(self, mail: Mail) -> Delivered:
        """Make one try, which takes seconds at most. Does not raise."""
        ...

    @abstractmethod
    async def examine(self) -> Delivered:
        """Connect and sign in, and send nothing. `detail` names the server. Does not raise."""
        ...
