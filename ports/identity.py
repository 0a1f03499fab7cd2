"""Somebody else who knows people and says who is there: a provider that this installation's operator trusts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """`address` is the provider's page, `kept` a secret of this browser, which brings it along when it comes back."""

    address: str
    kept: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Who came back: an address of which the provider says that it is theirs, and the page they wanted to see."""

    email: str
    page: str


class Identity(Protocol):
    @property
    @abstractmethod
    def name(self) -> str:
        """What people call the provider."""
        ...

    @abstractmethod
    async def begin(self, page: str) -> AuthorizationRequest:
        """Raises TimeMends (IDENTITY_UNREACHABLE), OperatorMends (IDENTITY_SETUP)."""
        ...

    @abstractmethod
    async def finish(self, answer: Mapping[str, str], kept: str) -> Verified:
        """`answer` is what the provider wrote into the address, `kept` what the browser brought along ('' for nothing).

        Raises as `begin` does, and Unauthorized (IDENTITY_REFUSED) whenever it is not certain who is there.
        """
        ...
