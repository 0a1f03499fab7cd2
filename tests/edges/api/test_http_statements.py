"""What a request costs the database once its key and its tenant are known: one transaction, counted at the driver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.change_feed import PostgresChangeFeed
from tests.support.counted_statements import counting
from tests.support.http_scene import SENDS, Scene, api
from tests.support.storage_scene import transactions_on

T = "/v1/tenants/cardinal"


@pytest.fixture
async def scene(engine: AsyncEngine) -> AsyncIterator[Scene]:
    url = engine.url.render_as_string(hide_password=False)
    async with (
        PostgresChangeFeed(url) as change_feed,
        api(storage=transactions_on(engine), change_feed=change_feed) as running,
    ):
        await running.furnish()
        yield running


async def test_a_read_is_one_transaction_and_its_key_is_known(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    send = await scene.send()
    statements = {f"{SENDS}/{send}": 5, f"{T}/connections": 5, f"{T}/connections/main": 5, f"{T}/doubts": 3}
    counts = counting(monkeypatch)
    for path, expected in statements.items():
        before = counts.copy()
        assert (await scene.call("GET", path)).status == 200
        assert counts - before == {"statements": expected, "commits": 1}, path


async def test_a_requested_send_is_one_statement(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.send()
    counts = counting(monkeypatch)
    answer = await scene.call("POST", SENDS, {"job_id": "78", "connection": "main"})
    assert answer.status == 202
    assert +counts == {"statements": 1}
