"""Tenants and operator keys: what only the installation's operator sees."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from core.model.tenant import Login, Tenant


class Tenants(Protocol):
    @abstractmethod
    async def add(self, tenant: Tenant, login: Login) -> None:
        """Raises Conflict (TENANT_EXISTS) if the slug is taken. Makes the tenant's data key."""
        ...

    @abstractmethod
    async def by_slug(self, slug: str) -> Tenant:
        """Raises NotFound (TENANT_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Tenant]:
        """In the order they were added."""
        ...


class OperatorKeys(Protocol):
    @abstractmethod
    async def add(self, key_id: str, digest: bytes) -> None:
        """Store the hash of a new operator key."""
        ...

    @abstractmethod
    async def exists(self, digest: bytes) -> bool:
        """Whether a key with this hash is valid."""
        ...

    @abstractmethod
    async def any(self) -> bool:
        """Whether an operator key was ever made."""
        ...
