"""People of the console."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from core.model.access.person import Person, Role


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
    async def get(self, person_id: str) -> Person:
        """Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Person]:
        """Sorted by e-mail address; `after` is the address after which the page begins."""
        ...

    @abstractmethod
    async def change(self, person_id: str, *, role: Role | None = None, password_hash: str | None = None) -> None:
        """None leaves a value unchanged. Ends all sessions and links of the person.

        Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def remove(self, person_id: str) -> None:
        """Remove a person with their sessions and links. Raises NotFound (PERSON_NOT_FOUND)."""
        ...

    @abstractmethod
    async def forget(self, email: str, person_id: str) -> None:
        """Put the id in the place of the address in every row that says who did something. The person was removed
        before: what present people did keeps their names."""
        ...
