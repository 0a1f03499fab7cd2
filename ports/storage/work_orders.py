"""Work orders: a tenant's header records, and the claims on numbers across tenants."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from core.model.work_orders.work_order import WorkOrderRecord


class WorkOrders(Protocol):
    """There is one claim for each work order number of a Spectrum company, keyed by a hash. It does not show the owner.

    A claim is taken before the header leaves. It is permanent once Spectrum has accepted a write with this number;
    until then it can be given back.
    """

    @abstractmethod
    async def find(self, connection_id: str, job_id: str) -> WorkOrderRecord | None: ...

    @abstractmethod
    async def save(self, record: WorkOrderRecord) -> None:
        """Insert or replace the record of (connection, job)."""
        ...

    @abstractmethod
    async def number_taken(self, key: bytes, owner: bytes) -> bool:
        """Whether another owner than `owner` has this number."""
        ...

    @abstractmethod
    async def number_accepted(self, key: bytes, owner: bytes) -> bool:
        """Whether Spectrum has accepted a write of `owner` with this number."""
        ...

    @abstractmethod
    async def claim_number(self, key: bytes, owner: bytes, *, adopt: bool = False) -> bool:
        """Take the number; False if another owner has it. `adopt` takes it over from that owner."""
        ...

    @abstractmethod
    async def accept_number(self, key: bytes, owner: bytes) -> None:
        """Note that Spectrum has accepted a write with this number."""
        ...

    @abstractmethod
    async def give_back_number(self, key: bytes, owner: bytes) -> None:
        """Free the number, or return it to its former owner: no write can be in Spectrum. An accepted claim stays."""
        ...
