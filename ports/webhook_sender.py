"""Post to an address that a tenant named. Nothing in the answer is trusted."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Posted:
    """`status` is None if no answer came; `detail` says what happened in words, without any text of the answer."""

    status: int | None
    detail: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class WebhookSender(Protocol):
    @abstractmethod
    def check(self, url: str) -> None:
        """Raises BadInput (WEBHOOK_URL_REFUSED) if it is already certain that nothing may be posted there."""
        ...

    @abstractmethod
    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Make one try, which takes seconds at most. Does not raise: a failure is in the result."""
        ...
