"""`/metrics`: the right numbers, of all tenants together, with nothing of any of them inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.inbound.api.routes import ROUTES
from core.model.connections.connection import Hold
from core.model.sending.send import SendState
from core.model.shared.errors import TimeMends
from tests.support.http_scene import JOB, SECRETS, SENDS, UNMAPPED, Scene, api, is_problem
from tests.support.raw_http import connected
from tests.support.storage_scene import PROBLEM, fill, furnish, stored


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


async def figures(scene: Scene) -> dict[tuple[str, ...], float]:
    """Every sample by its name and its labels' values, after the last count in the database has grown old."""
    scene.clock.advance(5)
    answer = await scene.call("GET", "/metrics", key=None)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_an_empty_installation_has_all_its_numbers(scene: Scene) -> None:
    found = await figures(scene)
    assert {labels[0] for name, *labels in found if name == "jobferry_sends"} == {state.value for state in SendState}
    assert found["jobferry_database_up",] == 1
    names = ("queue_age_seconds", "doubts", "connections", "connections_held", "connections_paused", "workers_alive")
    assert [found["jobferry_" + name,] for name in names] == [0] * 6


async def test_sends_are_counted_by_state_and_the_oldest_that_is_due_by_its_age(scene: Scene) -> None:
    await scene.furnish()
    await scene.send(UNMAPPED)
    await scene.work()
    scene.clock.advance(100)
    await scene.send()
    scene.clock.advance(30)
    found = await figures(scene)
    assert (found["jobferry_sends", "queued"], found["jobferry_sends", "needs_attention"]) == (1, 1)
    assert found["jobferry_queue_age_seconds",] == 35
    await scene.work()
    found = await figures(scene)
    assert (found["jobferry_sends", "queued"], found["jobferry_sends", "sent"]) == (0, 1)
    assert found["jobferry_queue_age_seconds",] == 0


async def test_what_a_person_paused_does_not_make_the_queue_look_stuck(scene: Scene) -> None:
    await scene.furnish()
    await scene.send()
    assert (await figures(scene))["jobferry_queue_age_seconds",] == 5
    await scene.call("POST", "/v1/tenants/cardinal/connections/main/pause")
    found = await figures(scene)
    assert (found["jobferry_queue_age_seconds",], found["jobferry_connections_paused",]) == (0, 1)


async def test_requests_are_counted_by_route_and_status_and_timed(scene: Scene) -> None:
    await scene.furnish()
    await scene.call("GET", "/v1/tenants/nobody")
    await scene.call("GET", "/v1/tenants/cardinal", key=None)
    await scene.call("GET", "/no/such/thing", key=None)
    await scene.call("DELETE", "/v1/tenants")
    found = await figures(scene)
    assert _named(found, "jobferry_http_requests_total") == {
        ("add_tenant", "201"): 1,
        ("add_connection", "201"): 1,
        ("find_tenant", "404"): 1,
        ("find_tenant", "401"): 1,
        ("none", "404"): 1,
        ("none", "405"): 1,
    }
    assert found["jobferry_http_request_seconds_count", "find_tenant"] == 2
    assert found["jobferry_http_request_seconds_bucket", "+Inf", "find_tenant"] == 2


def _named(found: dict[tuple[str, ...], float], name: str) -> dict[tuple[str, ...], float]:
    return {key[1:]: value for key, value in found.items() if key[0] == name}


async def test_how_many_are_connected_and_were_turned_away(scene: Scene) -> None:
    async with connected(scene):
        await scene.limiter.until(1)
        assert (await figures(scene))["jobferry_http_connections",] == 2
    scene.limiter.refused = 7
    assert (await figures(scene))["jobferry_http_connections_refused_total",] == 7


async def test_nothing_of_a_tenant_shows_and_no_client_can_add_labels(scene: Scene) -> None:
    await scene.furnish()
    send_id = await scene.send()
    for path in (SENDS + "/" + send_id, "/v1/tenants/made-up-1", "/v1/made-up-2", "/made-up-3", "/hooks/made-up-4"):
        await scene.call("GET", path)
    answer = await scene.call("GET", "/metrics")
    private = ("cardinal", "Harborview", "main", JOB.id, str(JOB.number), send_id, "ten_", "con_", "made-up", *SECRETS)
    for word in private:
        assert word not in answer.text, word
    families = list(text_string_to_metric_families(answer.text))
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels == {"state", "waiting", "route", "status", "le"}
    routes = {sample.labels["route"] for family in families for sample in family.samples if "route" in sample.labels}
    assert routes <= {route.name for route in ROUTES} | {"none"}


async def test_a_scrape_counts_in_the_database_every_five_seconds_at_most(scene: Scene) -> None:
    await figures(scene)
    await scene.furnish()
    assert "jobferry_connections 0.0" in (await scene.call("GET", "/metrics")).text
    assert (await figures(scene))["jobferry_connections",] == 1


async def test_a_database_that_is_away_is_a_number_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise TimeMends("The database does not answer.")

    monkeypatch.setattr(scene.transactions, "begin_instance", away)
    found = await figures(scene)
    assert found["jobferry_database_up",] == 0
    assert not any(name == "jobferry_sends" for name, *_ in found)


async def test_without_a_key_only_from_this_machine(scene: Scene) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        outside = {header: "198.51.100.7"}
        answer = await scene.call("GET", "/metrics", key=None, headers=outside)
        assert is_problem(answer, 401, "UNAUTHORIZED")
        assert (await scene.call("GET", "/metrics", headers=outside)).status == 200


@pytest.mark.parametrize("host", ["pages.example.com", "pages.example.com:8480", "127.0.0.1.example.com", "10.0.0.7"])
async def test_a_page_whose_name_leads_to_this_machine_needs_a_key(scene: Scene, host: str) -> None:
    """Its script runs in a browser here, and its name may lead anywhere."""
    answer = await scene.call("GET", "/metrics", key=None, headers={"Host": host})
    assert is_problem(answer, 401, "UNAUTHORIZED")
    for own in ("localhost", "127.0.0.1:8480", "[::1]:8480"):
        assert (await scene.call("GET", "/metrics", key=None, headers={"Host": own})).status == 200


async def test_with_a_public_address_nobody_gets_in_without_a_key() -> None:
    async with api(open_metrics=False) as scene:
        assert is_problem(await scene.call("GET", "/metrics", key=None), 401, "UNAUTHORIZED")
        assert is_problem(await scene.call("GET", "/metrics", key="jf_wrong"), 401, "UNAUTHORIZED")
        assert (await scene.call("GET", "/metrics")).status == 200


async def test_the_database_counts_over_all_tenants(engine: AsyncEngine, database_url: str) -> None:
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await fill(t)
        send = await t.sends.get("snd_1")
        await stored(t, replace(send, state=SendState.RETRYING, due_at=send.requested_at + timedelta(hours=1)))
    async with transactions.begin("ten_2") as t:
        other = replace(send, id="snd_2", tenant_id="ten_2", connection_id="con_2", version=0)
        await t.sends.add(replace(other, due_at=send.requested_at - timedelta(hours=1)))
        await t.connections.set_hold("con_2", Hold(PROBLEM, send.requested_at, None))
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE cost_lines SET state = 'in_doubt', attempt_id = 'att_1'")
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        connection.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
    async with transactions.begin_instance() as i:
        census = await i.stats()
    assert census.sends == {SendState.RETRYING: 1, SendState.QUEUED: 1}
    assert census.oldest_due == send.requested_at - timedelta(hours=1)
    assert (census.doubts, census.connections, census.held, census.paused, census.workers) == (1, 2, 1, 0, 1)
    async with transactions.begin("ten_2") as t:
        await t.connections.set_paused("con_2", True)
    async with transactions.begin_instance() as i:
        census = await i.stats()
    assert (census.oldest_due, census.paused) == (send.requested_at + timedelta(hours=1), 1)


async def test_counting_leaves_no_way_in_behind(engine: AsyncEngine) -> None:
    """Neither after the function nor for somebody who sets its switch himself."""
    transactions = await furnish(engine)
    async with transactions.begin("ten_1") as t:
        await fill(t)
    for before in ("SELECT number FROM census(interval '1 minute')", "SELECT set_config('app.counting', 'on', true)"):
        async with engine.begin() as connection:
            await connection.execute(text(before))
            for table in ("sends", "cost_lines", "connections"):
                found = await connection.execute(text(f"SELECT count(*) FROM {table}"))
                assert found.scalar_one() == 0, (before, table)
    with pytest.raises(DBAPIError, match="must be owner"):
        async with engine.begin() as connection:
            await connection.execute(text("DROP FUNCTION census(interval)"))
