"""Answers to requests with an Idempotency-Key that make something other than sends, kept for a while."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.shared.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What is known of the first request with a key. `made`: it was carried out. `answer` is None until then, and once
    it cannot be read any more, because the installation's key has changed."""

    body_hash: str
    begun_at: datetime
    made: bool = False
    answer: Secret | None = None


class KeptAnswers(Protocol):
    """Those of the transaction's tenant, or of the operator. `id` is made of the caller and the key."""

    @abstractmethod
    async def begin(self, id: str, body_hash: str, now: datetime, former: datetime) -> KeptAnswer | None:
        """Store that a request begins, and return None; or return what is stored, unless that began before `former`.

        Concurrent calls with the same id wait for each other.
        """
        ...

    @abstractmethod
    async def keep(self, id: str, answer: Secret) -> None:
        """Store the answer of a request that has begun."""
        ...

    @abstractmethod
    async def release(self, id: str) -> None:
        """Forget a request that made nothing, so that the key can be used again."""
        ...

    @abstractmethod
    async def forget(self, before: datetime, most: int) -> int:
        """Delete the oldest answers to requests that began before this time. Returns how many."""
        ...
