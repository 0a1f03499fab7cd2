"""People of the console: who they are, and the door by which they come in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.access.person import Person, Role, Session, SignInLink


class People(Protocol):
    """Those of the transaction's tenant; in the instance's transaction, the operators."""

    @abstractmethod
    async def add(self, person: Person) -> None:
        """Raises Conflict (PERSON_EXISTS) for an e-mail address that somebody has already."""
        ...

    @abstractmethod
    async def by_email(self, email: str) -> Person:
        """Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Person]:
        """By e-mail address."""
        ...

    @abstractmethod
    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        """What is None stays. Ends all sessions of the person. Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def remove(self, person_id: str) -> None:
        """With sessions and links. Raises NotFound (PERSON_NOT_FOUND)."""
        ...


class ConsoleSessions(Protocol):
    """Across tenants: whose e-mail address, session or link it is that came with a request."""

    @abstractmethod
    async def with_email(self, email: str) -> Sequence[tuple[Person, str]]:
        """Everybody of that address who has a password, with its hash."""
        ...

    @abstractmethod
    async def rehash(self, person_id: str, password_hash: str) -> None:
        """The same password, hashed by today's rules; sessions stay."""
        ...

    @abstractmethod
    async def begin(self, session: Session) -> None: ...

    @abstractmethod
    async def session(self, digest: bytes) -> tuple[Session, Person] | None: ...

    @abstractmethod
    async def seen(self, digest: bytes, at: datetime) -> None: ...

    @abstractmethod
    async def end(self, digest: bytes) -> None: ...

    @abstractmethod
    async def keep_link(self, link: SignInLink) -> None: ...

    @abstractmethod
    async def use_link(self, digest: bytes, now: datetime) -> tuple[SignInLink, Person] | None:
        """A link that is good still, once: of callers at the same moment one gets it."""
        ...

    @abstractmethod
    async def tidy(self, now: datetime) -> None:
        """Drop sessions and links that have ended."""
        ...
