"""An identity provider that this installation's operator trusts: it says who signs in."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """`address` is the provider's page. The browser keeps the secret `kept` and returns it after the sign-in."""

    address: str
    kept: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The person who signed in: the e-mail address confirmed by the provider, and the page that they requested."""

    email: str
    page: str


class Identity(Protocol):
    @property
    @abstractmethod
    def name(self) -> str:
        """The provider's display name."""
        ...

    @abstractmethod
    async def begin(self, page: str) -> AuthorizationRequest:
        """Begin a sign-in. Raises TimeMends (IDENTITY_UNREACHABLE), OperatorMends (IDENTITY_SETUP)."""
        ...

    @abstractmethod
    async def finish(self, answer: Mapping[str, str], kept: str) -> Verified:
        """`answer` is what the provider wrote into the address, `kept` what the browser returned ('' for nothing).

        Raises as `begin` does, and Unauthorized (IDENTITY_REFUSED) if the person's identity is not certain.
        """
        ...
