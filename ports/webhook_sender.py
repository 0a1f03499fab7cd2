"""Posting to an address that a tenant named: nothing is trusted that comes back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Posted:
    """`status` is None if no answer came; `detail` says in words what happened, without anything of the answer."""

    status: int | None
    detail: str

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class WebhookSender(Protocol):
    @abstractmethod
    def check(self, url: str) -> None:
        """Raises BadInput (WEBHOOK_URL_REFUSED) if nothing may be posted there, as far as can be seen now."""
        ...

    @abstractmethod
    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """One try, over within seconds. Does not raise: whatever goes wrong is in what it returns."""
        ...
