"""A slice ends after its time, whatever the clock on the wall shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import Exchange
from core.services.sending.drain_connection import SLICE_SECONDS
from ports.clock import Clock
from tests.support.office_scene import open_office
from tests.support.virtual_time import START


class SetBack(Clock):
    """Somebody sets the clock on the wall back while a call is under way."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.back = timedelta()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed) - self.back

    def boot_seconds(self) -> float:
        return self.passed


class SlowSpectrum(MemorySpectrum):
    def __init__(self, clock: SetBack) -> None:
        super().__init__(boot_seconds=clock.boot_seconds)
        self._clock = clock

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        exchange = await super().write_header(target, fields, leave_by=leave_by)
        self._clock.passed += 2 * SLICE_SECONDS
        self._clock.back = timedelta(seconds=1.9 * SLICE_SECONDS)
        return exchange


async def test_the_clock_is_set_back_during_a_slice() -> None:
    clock = SetBack()
    spectrum = SlowSpectrum(clock)
    office = await open_office(clock, spectrum)
    connection = await office.connect("north", "spectrum.example.com")
    for number in range(3):
        await office.request("north", number)
    assert await office.services.drain_connection(connection.id), "it makes room for others"
    assert len(spectrum.calls) == 1
