"""Read cost lines back from a Spectrum, if its host gives access (optional: Data Exchange itself cannot do this)."""

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
        """All cost lines of the work order, never only a part.

        Raises TimeMends (READ_BACK_UNREACHABLE) while the reader does not answer, OperatorMends (READ_BACK_INVALID)
        for a setting that names no usable reader.
        """
        ...
