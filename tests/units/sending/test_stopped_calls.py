"""A call to Spectrum begins only if the connection is as it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.model.catalogue import finding
from core.model.connections.connection import Connection, Hold
from core.model.connections.endpoint import Endpoint
from core.model.connections.maintenance_window import MaintenanceWindow
from core.model.sending.send import Send
from core.model.shared.retry_delays import RetryDelays
from core.services.sending.lifecycle.read_facts import facts_of
from ports.storage.send_changes import StoredFacts

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SEEN = Connection(
    id="con_1",
    tenant_id="ten_1",
    slug="north",
    name="North",
    external_system="spectrum",
    endpoint=Endpoint.parse("spectrum.example.com"),
    company_code="101",
)
SEND = Send(id="snd_1", tenant_id="ten_1", connection_id="con_1", job_id="1", requested_at=NOW, requested_by="test")
CAUSE = finding("ENDPOINT_UNREACHABLE", "Spectrum does not answer.")


def stopped(*, tenant_paused: bool = False, seen: Connection | None = SEEN, **now: Any) -> bool:
    stored = StoredFacts(now=NOW, connection=replace(SEEN, **now), paused=tenant_paused)
    return facts_of(stored, SEND, RetryDelays(), 1, timedelta(seconds=8), seen).stopped


@pytest.mark.parametrize(
    "now",
    [
        {"version": SEEN.version + 1},
        {"paused": True},
        {"tenant_paused": True},
        {"client_secret_expires_at": NOW},
        {"hold": Hold(CAUSE, NOW, None)},
        {"hold": Hold(CAUSE, NOW, NOW + timedelta(seconds=1))},
        {"maintenance_windows": (MaintenanceWindow.parse("daily 07:00-09:00 UTC"),)},
    ],
)
def test_a_call_is_stopped(now: dict[str, Any]) -> None:
    assert stopped(**now)
    assert not stopped(**now, seen=None), "an answer is always stored"


def test_a_call_goes_on() -> None:
    assert not stopped()
    assert not stopped(hold=Hold(CAUSE, NOW, NOW))
