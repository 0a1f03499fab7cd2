"""What a read costs the database: one transaction, whoever asks and however often."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.inbound.api.routes import ROUTES, Route
from tests.edges.api.test_http_isolation import OWN, furnish, make_keys, names
from tests.support.http_scene import Scene, api

CALLS_SERVICETRADE = {"check_readiness", "find_job", "show_send_menu", "show_standing_items", "show_restore"}
READS = [
    route
    for route in ROUTES
    if route.method == "GET"
    and route.path.startswith("/v1/")
    and route.name not in {*CALLS_SERVICETRADE, "follow_send"}
]


@dataclass
class Begun:
    """How many transactions began."""

    count: int = 0


@contextmanager
def transactions_of(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begun]:
    begun = Begun()

    def counted(begin: Any) -> Any:
        def one_more(*given: Any) -> Any:
            begun.count += 1
            return begin(*given)

        return one_more

    with monkeypatch.context() as patch:
        patch.setattr(scene.transactions, "begin", counted(scene.transactions.begin))
        patch.setattr(scene.transactions, "begin_instance", counted(scene.transactions.begin_instance))
        yield begun


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        yield scene


@pytest.fixture
async def variables(scene: Scene) -> Mapping[str, str]:
    return await furnish(scene, OWN)


@pytest.mark.parametrize("route", READS, ids=names)
async def test_a_read_is_one_transaction(
    scene: Scene, variables: Mapping[str, str], route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = route.path.replace("/v1/keys/{key_id}", "/v1/keys/{operator_key_id}")
    path = re.sub(r"{(\w+)}", lambda found: variables[found[1]], path)
    path += "?connection=main" if route.name == "list_aliases" else ""
    assert (await scene.call("GET", path)).status == 200
    with transactions_of(scene, monkeypatch) as begun:
        assert (await scene.call("GET", path)).status == 200
    assert begun.count <= 1


async def test_a_key_is_known_without_a_query_until_it_is_revoked(
    scene: Scene, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (await make_keys(scene))["all"]
    assert (await scene.call("GET", "/v1/plugins", key=key)).status == 200
    with transactions_of(scene, monkeypatch) as begun:
        assert (await scene.call("GET", "/v1/plugins", key=key)).status == 200
    assert begun.count == 0
    tenant = await scene.use_cases.find_tenant(OWN)
    for one in (await scene.use_cases.api_keys.page(tenant.id)).keys:
        assert (await scene.call("DELETE", f"/v1/tenants/{OWN}/keys/{one.id}")).status == 204
    assert (await scene.call("GET", "/v1/plugins", key=key)).status == 401


async def test_a_removed_tenant_is_forgotten_and_its_name_is_free(scene: Scene, variables: Mapping[str, str]) -> None:
    before = (await scene.call("GET", f"/v1/tenants/{OWN}/sends")).body["items"]
    tenant = await scene.use_cases.find_tenant(OWN)
    async with scene.transactions.begin_instance() as i:
        await i.tenants.remove(tenant.id)
    assert before
    assert (await scene.call("GET", f"/v1/tenants/{OWN}/sends")).status == 404


async def test_whoever_changes_a_tenant_reads_the_change(
    scene: Scene, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/tenants/{OWN}"
    assert (await scene.call("GET", path)).body["name"] != "Renamed"
    monkeypatch.setattr(scene.transactions.change_feed, "tell", lambda _: None)  # too late
    assert (await scene.call("PATCH", path, {"name": "Renamed"})).status == 200
    assert (await scene.call("GET", path)).body["name"] == "Renamed"
