"""Network and server faults, as a queue. A test or the control port fills it; the simulated system consumes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from random import Random
from typing import Any

from core.model.work_orders.work_order import NUMBER_LENGTH

UNTIL_CLEARED = -1


class FaultKind(StrEnum):
    """The kinds of fault. "Not applied" means that the state of the simulated system does not change."""

    LATENCY = "latency"
    """Wait `seconds`, then answer as usual."""
    DROP_BEFORE_APPLY = "drop_before_apply"
    """Close the connection, not applied."""
    APPLY_THEN_DROP = "apply_then_drop"
    """Apply, then close the connection without an answer."""
    APPLY_LATE = "apply_late"
    """Close the connection at once, apply `seconds` later."""
    APPLY_THEN_STATUS = "apply_then_status"
    """Apply, then answer HTTP `status` with an empty body, like a gateway may."""
    TRUNCATE = "truncate"
    """Apply, announce the full length, send the first `bytes` bytes of the answer, close."""
    HTML = "html"
    """HTTP 200 with an HTML page (`text` if given), not applied."""
    STATUS = "status"
    """HTTP `status` with an empty body, not applied."""
    REDIRECT = "redirect"
    """HTTP 307 to the address in `text`, not applied."""
    DRIP = "drip"
    """One byte every `seconds` (0.05 if 0), without end, not applied."""
    BOMB = "bomb"
    """An endless gzip bomb, or endless plain text if `text` is "plain"; not applied."""
    SOAP_FAULT = "soap_fault"
    """Spectrum only: `text` is client_missing (that service does not exist) or server_error; not applied."""
    LOCK = "lock"
    """Spectrum only: the work order with the number `text` is open on somebody's screen; a clean refusal."""
    ROWS = "rows"
    """Spectrum only: a clean answer with the rows of `text`, one per line: `CODE COLUMN words`, column - for none."""
    RENUMBER = "renumber"
    """Spectrum only: a header or a line is filed under the number in `text`, and a G row WO_Number reports it. A
    network fault may apply to the same call."""


SPECTRUM_ONLY = frozenset({FaultKind.SOAP_FAULT, FaultKind.LOCK, FaultKind.ROWS, FaultKind.RENUMBER})
ON_THE_WIRE = frozenset(FaultKind) - SPECTRUM_ONLY
"""The kinds that `fault_middleware` executes for both systems."""

_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "times": ((int,), "a whole number"),
    "seconds": ((int, float), "a number"),
    "chance": ((int, float), "a number"),
    "bytes": ((int,), "a whole number"),
    "status": ((int,), "a whole number"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It applies to calls whose path contains `match` and whose method is `method` ('' = any).

    `times` is the number of calls (-1 = until cleared), `chance` the share of these calls that fail, `seconds` a
    duration, `bytes` a length. Several faults with times=-1 and a small chance simulate an unreliable network. Raises
    ValueError with the reason.
    """

    kind: FaultKind
    match: str = ""
    method: str = ""
    times: int = 1
    seconds: float = 0.0
    bytes: int = 0
    status: int = 503
    text: str = ""
    chance: float = 1.0

    def __post_init__(self) -> None:
        if self.times < 1 and self.times != UNTIL_CLEARED:
            raise ValueError("times: the number of calls, at least 1, or -1 until cleared")
        if not self.seconds >= 0:
            raise ValueError("seconds: a duration, 0 or more")
        if self.bytes < 0:
            raise ValueError("bytes: a length, 0 or more")
        if not 0 < self.chance <= 1:
            raise ValueError("chance: the share of calls, above 0 and at most 1")
        if not 200 <= self.status <= 599:
            raise ValueError("status: an HTTP status from 200 to 599")
        if self.kind is FaultKind.REDIRECT and not self.text:
            raise ValueError("text: the address to redirect to")
        if self.kind is FaultKind.LOCK and not self.text:
            raise ValueError("text: the number of the locked work order")
        if self.kind is FaultKind.RENUMBER and not 1 <= len(self.text.strip()) <= NUMBER_LENGTH:
            raise ValueError(f"text: the number to file under, at most {NUMBER_LENGTH} characters")
        if self.kind is FaultKind.ROWS and any(len(row.split(None, 2)) < 3 for row in self.text.splitlines()):
            raise ValueError("text: one row per line, such as `I Cost_Center the cost center is not valid`")
        if self.kind is FaultKind.SOAP_FAULT and self.text not in ("client_missing", "server_error"):
            raise ValueError("text: client_missing or server_error")

    def meets(self, method: str, path: str) -> bool:
        return self.match in path and self.method.upper() in ("", method.upper())

    @classmethod
    def from_json(cls, document: object) -> Fault:
        """Read a fault from the control port's JSON. Raises ValueError with the reason."""
        if not isinstance(document, dict):
            raise ValueError('a fault is a JSON object such as {"kind": "latency", "seconds": 2}')  # noqa: TRY004
        known = [field.name for field in fields(cls)]
        for name, value in document.items():
            if name not in known:
                raise ValueError(f"{name}: unknown; a fault has {', '.join(known)}")
            types, words = _TYPES.get(name, ((str,), "a text"))
            if isinstance(value, bool) or not isinstance(value, types):
                raise ValueError(f"{name}: must be {words}")  # noqa: TRY004
        if document.get("kind") not in list(FaultKind):
            raise ValueError(f"kind: one of {', '.join(FaultKind)}")
        return cls(**{**document, "kind": FaultKind(document["kind"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """The planned faults, oldest first, and the writes that are still to be applied late.

    `draw` returns a number from 0 to below 1 for faults with a chance, by default the same numbers in every run.
    """

    def __init__(self, draw: Callable[[], float] | None = None) -> None:
        self.draw = draw or Random(0).random  # noqa: S311 - the same faults again are the point
        self._queue: list[tuple[Fault, int]] = []
        self._late: set[asyncio.Task[None]] = set()

    def add(self, fault: Fault) -> None:
        self._queue.append((fault, fault.times))

    def clear(self) -> None:
        """Delete the planned faults. Late writes are still applied."""
        self._queue.clear()

    def waiting(self) -> list[Fault]:
        return [fault for fault, _ in self._queue]

    def take(self, method: str, path: str, kinds: Collection[FaultKind] = ON_THE_WIRE) -> Fault | None:
        """Return the oldest fault of `kinds` that applies to this call and use it once; None if there is none."""
        return self._consume(lambda fault: fault.kind in kinds and fault.meets(method, path))

    def take_lock(self, number: str) -> Fault | None:
        """Return the oldest lock on the work order `number` and use it once; None if there is none."""
        return self._consume(lambda fault: fault.kind is FaultKind.LOCK and fault.text == number)

    def apply_late(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the background until it ends or `stop` is called."""
        task = asyncio.create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def applied(self) -> None:
        """Wait until all late writes are applied."""
        while self._late:
            await asyncio.wait(set(self._late))

    async def stop(self) -> None:
        """Cancel the late writes, as if the simulated machine were switched off."""
        for task in self._late:
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    def _consume(self, wanted: Callable[[Fault], bool]) -> Fault | None:
        for place, (fault, left) in enumerate(self._queue):
            if not wanted(fault) or (fault.chance < 1 and self.draw() >= fault.chance):
                continue
            if left == 1:
                del self._queue[place]
            elif left != UNTIL_CLEARED:
                self._queue[place] = (fault, left - 1)
            return fault
        return None
