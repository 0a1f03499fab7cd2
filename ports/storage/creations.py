"""The creations of the transaction's tenant: records that are to be, may be, or are made in Spectrum."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.model.creations.creation import Creation, CreationKind, CreationState
from core.model.mappings.alias import AliasKey, AliasKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationIntent:
    """The intent to call Spectrum for a creation, by the holder of the lease `epoch`: until when the call may leave,
    and until when Spectrum may still make the record, both counted from the database's time."""

    creation_id: str
    attempt_id: str
    epoch: int
    send_by: timedelta
    quiet: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationFilter:
    """None matches all. `needs_person`: only those that wait for somebody."""

    connection_id: str | None = None
    states: tuple[CreationState, ...] = ()
    needs_person: bool = False
    key: AliasKey | None = None


class Creations(Protocol):
    @abstractmethod
    async def add(self, creation: Creation) -> None:
        """Store it with its claims. Raises Conflict (CREATION_TAKEN) if another creation has one of them; the
        transaction must then not be committed."""
        ...

    @abstractmethod
    async def taken(self, claims: Sequence[str], creation_id: str = "") -> bool:
        """Whether a creation other than this one has one of these claims, in any account."""
        ...

    @abstractmethod
    async def retake(self, creation: Creation) -> bool:
        """Take its claims again, after they were given back. False if another creation has one of them meanwhile."""
        ...

    @abstractmethod
    async def get(self, creation_id: str, *, lock: bool = False) -> Creation:
        """`lock` locks it until the transaction ends. Raises NotFound (CREATION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def save(self, creation: Creation) -> None:
        """Store all fields. Read it with `lock` first. Claims are given back once it has ended without a record, and
        those of a change once it was made: another one may follow."""
        ...

    @abstractmethod
    async def hold_lease(self, connection_id: str, epoch: int) -> None:
        """Lock the connection until the transaction ends. Raises LeaseLost if another worker has taken it over."""
        ...

    @abstractmethod
    async def begin(self, intent: CreationIntent) -> tuple[Creation, int]:
        """Store and count the intent of a queued creation; return it as it is then, and the intent's number on the
        connection. Raises LeaseLost, Conflict (CREATION_CHANGED) if it is not queued any more."""
        ...

    @abstractmethod
    async def next_due(self, connection_id: str, *, calling: bool = True) -> Creation | None:
        """The oldest one that is due now, None if there is none. Not `calling`: of those that are there already."""
        ...

    @abstractmethod
    async def pull_forward(self, connection_id: str, beyond: datetime, now: datetime) -> int:
        """Make those due at `now` that wait to be called, or for their code to be kept, until after `beyond`. Returns
        how many there were."""
        ...

    @abstractmethod
    async def page(
        self, wanted: CreationFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> Sequence[Creation]:
        """Newest first; `before` is the `seq` after which the page begins."""
        ...

    @abstractmethod
    async def with_code(self, connection_id: str, kind: CreationKind, code: str) -> Sequence[Creation]:
        """Those of the connection for this code, newest first, at most 20."""
        ...

    @abstractmethod
    async def highest_number(self, connection_id: str, kind: AliasKind) -> int:
        """The highest code of at most nine digits that the connection's aliases, external ids, creations and lists
        hold; 0 if none is a number."""
        ...

    @abstractmethod
    async def queued(self, connection_id: str) -> Sequence[Creation]:
        """Those whose call was not made yet as far as the database knows, locked until the transaction ends."""
        ...
