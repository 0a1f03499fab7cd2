"""Tenants, which only the installation's operator sees."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.tenants.tenant import Login, Tenant


class Tenants(Protocol):
    @abstractmethod
    async def add(self, tenant: Tenant, login: Login) -> None:
        """Raises Conflict (TENANT_EXISTS) if the slug is taken. Makes the tenant's data key."""
        ...

    @abstractmethod
    async def change(self, tenant: Tenant, login: Login | None) -> Tenant:
        """Store the settings, and the login if one is given; the pause stays as it is. Returns the tenant as stored.
        Raises NotFound."""
        ...

    @abstractmethod
    async def set_paused(self, tenant: Tenant, paused: bool) -> Tenant:
        """Pause or resume; every setting stays as it is. Returns the tenant as stored. Raises NotFound."""
        ...

    @abstractmethod
    async def set_signed_in(self, tenant_id: str, at: datetime | None) -> None:
        """Note when ServiceTrade accepted the login, None if it refused it. Does nothing if the tenant is gone."""
        ...

    @abstractmethod
    async def set_first_steps_hidden(self, tenant_id: str, hidden: bool) -> None:
        """Hide the first steps, or show them again. Does nothing if the tenant is gone."""
        ...

    @abstractmethod
    async def remove(self, tenant_id: str) -> None:
        """Delete the tenant and its remaining data. Its connections must be removed before."""
        ...

    @abstractmethod
    async def by_slug(self, slug: str) -> Tenant:
        """Raises NotFound (TENANT_NOT_FOUND)."""
        ...

    @abstractmethod
    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Tenant]:
        """In the order in which they were added; `after` is the id after which the page begins."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Tenant]:
        """All tenants, in the order they were added. For work that visits each of them."""
        ...
