"""Reading cost lines back from a Spectrum, where a host has a way in (optional: Data Exchange itself offers none)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from core.model.connections.connection import Connection
from core.model.work_orders.stored_line import StoredLine

__all__ = ["ReadBack", "StoredLine"]


class ReadBack(Protocol):
    @abstractmethod
    async def lines(self, connection: Connection, work_order_number: str) -> Sequence[StoredLine]:
        """Every cost line of the work order, or an error: never a part of them.

        Raises TimeMends (READ_BACK_UNREACHABLE) while it cannot be asked, OperatorMends (READ_BACK_INVALID) for a
        setting that names no way in.
        """
        ...
