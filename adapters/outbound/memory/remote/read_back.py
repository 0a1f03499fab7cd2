"""A read-back in memory: a test sets the lines that Spectrum holds."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.connections.connection import Connection
from core.model.shared.errors import OperatorMends, TimeMends
from core.model.work_orders.stored_line import StoredLine
from ports.read_back import ReadBack


class MemoryReadBack(ReadBack):
    """`stored` maps (connection id, work order number) to its lines. Tests can set `reachable` and `valid` to false."""

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], list[StoredLine]] = {}
        self.reachable = True
        self.valid = True

    async def lines(self, connection: Connection, work_order_number: str) -> Sequence[StoredLine]:
        if not self.valid:
            raise OperatorMends("The read-back setting is not valid.", code="READ_BACK_INVALID")
        if not self.reachable:
            raise TimeMends("The lines cannot be read back for now.", code="READ_BACK_UNREACHABLE")
        return list(self.stored.get((connection.id, work_order_number.strip()), ()))
