"""People of the console, their sessions and sign-in links."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.access.person import Person, Role, Session, SignInLink


class People(Protocol):
    """The people of the transaction's tenant; in the instance's transaction, the operators."""

    @abstractmethod
    async def add(self, person: Person) -> None:
        """Raises Conflict (PERSON_EXISTS) if somebody already has this e-mail address."""
        ...

    @abstractmethod
    async def by_email(self, email: str) -> Person:
        """Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Person]:
        """All people, sorted by e-mail address."""
        ...

    @abstractmethod
    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        """None leaves a value unchanged. Ends all sessions of the person. Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def remove(self, person_id: str) -> None:
        """Remove a person with their sessions and links. Raises NotFound (PERSON_NOT_FOUND)."""
        ...


class ConsoleSessions(Protocol):
    """People, sessions and links of all tenants, to find whose address, session or link came with a request."""

    @abstractmethod
    async def with_email(self, email: str) -> Sequence[tuple[Person, str]]:
        """Everybody with this address and a password, with the password's hash."""
        ...

    @abstractmethod
    async def rehash(self, person_id: str, password_hash: str) -> None:
        """Store a new hash of the same password, made with the present parameters. Sessions continue."""
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
        """Use a valid link, which works once: of concurrent callers only one gets it. None if it is not valid."""
        ...

    @abstractmethod
    async def tidy(self, now: datetime) -> None:
        """Delete sessions and links that have ended."""
        ...
