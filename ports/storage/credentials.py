"""What a request can come with: an API key, a session, a sign-in link, or the secret of a webhook address."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.access.api_key import ApiKey
from core.model.access.person import Person, Session, SignInLink


class Credentials(Protocol):
    """The credentials of all tenants, to find whose a request is. Only their hashes are stored."""

    @abstractmethod
    async def key(self, digest: bytes) -> ApiKey | None: ...

    @abstractmethod
    async def key_used(self, key_id: str, at: datetime) -> None: ...

    @abstractmethod
    async def webhook_tenant(self, digest: bytes) -> str | None:
        """The id of the tenant with this webhook address, None for a secret that is not, or no longer, valid."""
        ...

    @abstractmethod
    async def people_with(self, email: str) -> Sequence[tuple[Person, str | None]]:
        """Everybody with this address, with the hash of their password, None without one."""
        ...

    @abstractmethod
    async def rehash(self, person_id: str, former_hash: str, password_hash: str) -> None:
        """Store a new hash of the same password, made with the present parameters. Sessions continue. Nothing is stored
        if the former hash is no longer there, because the password was changed meanwhile."""
        ...

    @abstractmethod
    async def begin_session(self, session: Session) -> None: ...

    @abstractmethod
    async def session(self, digest: bytes) -> tuple[Session, Person] | None: ...

    @abstractmethod
    async def session_seen(self, digest: bytes, at: datetime) -> None: ...

    @abstractmethod
    async def end_session(self, digest: bytes) -> bool:
        """Whether there was one: of concurrent callers only one ends it."""
        ...

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
