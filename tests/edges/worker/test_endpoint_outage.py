"""The breaker over real sockets: a server that refuses or stays silent, and then comes back."""

from __future__ import annotations

import asyncio
import re
import socket
from collections import Counter

import pytest

from adapters.outbound.spectrum.soap_spectrum import SoapSpectrum
from core.model.sending.send import SendState
from tests.support.http_scene import SteppingClock
from tests.support.office_scene import open_office
from tests.support.spectrum_scene import LOOPBACK, http, listening, read_request, soap

REFUSES, SILENT, ANSWERS = "refuses", "silent", "answers"
_NUMBER = re.compile(rb"<[^>]*WO_Number>(\d+)<")
CONNECTIONS, EACH, AT_ONCE = 20, 5, 4


class Server:
    """Bound to its port from the start; as long as nobody listens there, the system refuses every call."""

    def __init__(self) -> None:
        self.port = socket.socket()
        self.port.bind(("127.0.0.1", 0))
        self.mood = SILENT
        self.calls: Counter[bytes] = Counter()
        self.answered: Counter[bytes] = Counter()
        self.under_way = 0
        self.most_at_once = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port.getsockname()[1]}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = _NUMBER.search(await read_request(reader))
        assert found
        self.calls[found[1]] += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            if self.mood == SILENT:
                await reader.read()  # until the caller gives up
            else:
                await asyncio.sleep(0.01)
                self.answered[found[1]] += 1
                writer.write(http(soap()))
                await writer.drain()
        finally:
            self.under_way -= 1


@pytest.mark.long
@pytest.mark.parametrize("mood", [REFUSES, SILENT])
async def test_a_server_that_comes_back_is_met_gently(mood: str) -> None:
    server, clock = Server(), SteppingClock()
    # Only who waits for a silent server waits so long; on a busy machine a good answer may take longer than that.
    seconds = 0.5 if mood == SILENT else 10.0
    spectrum = SoapSpectrum(
        allowed_networks=LOOPBACK, deadline_seconds=seconds, connect_seconds=seconds, boot_seconds=clock.boot_seconds
    )
    office = await open_office(clock, spectrum, at_once=AT_ONCE)
    for one in range(CONNECTIONS):
        await office.connect(f"bad{one}", server.url)
        for job in range(EACH):
            await office.request(f"bad{one}", one * EACH + job)

    async def work(seconds: int) -> None:
        for _ in range(seconds):
            await asyncio.gather(*map(office.drain, office.due()))
            if all(send.state.settled for send in office.sends()):
                return
            clock.advance(1)

    with server.port:
        if mood == REFUSES:
            await work(90)
            assert office.services.endpoint_gate.silent == 1
            server.port.listen()
        async with listening(server.serve, at=server.port):
            if mood == SILENT:
                await work(90)
                assert office.services.endpoint_gate.silent == 1
            server.mood = ANSWERS
            await work(1200)
    attempts = [attempt for _, attempt in office.transactions.rows.attempts if attempt.step.value == "header"]
    repeats = len(attempts) - CONNECTIONS * EACH
    assert Counter(send.state for send in office.sends()) == {SendState.SENT: CONNECTIONS * EACH}
    assert office.services.endpoint_gate.silent == 0
    assert set(server.answered.values()) == {1}
    assert 0 < server.most_at_once <= AT_ONCE
    assert 0 < repeats <= len(attempts) / 10
    if mood == SILENT:
        assert server.calls.total() == len(attempts)
