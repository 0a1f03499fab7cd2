"""Every route, with every kind of caller: who may, may, and nobody learns what is another's.

Generated from the table of routes: one that needs an example no test has given fails the run.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.inbound.api.routes import ROUTES, Mark, Route
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.server.access import Access
from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.model.mappings.alias import AliasKind
from core.model.mappings.suggestion import RecordToMap
from core.services.access.api_keys import KeyRequest
from tests.support.http_scene import CONNECTION, JOB, TENANT, UNLIMITED, Answer, Scene, api

OWN, OTHER = "cardinal", "bluefin"
BODIES: Mapping[str, Any] = {
    "create_operator_key": {"name": "second"},
    "start_reconciliation": {"first_day": "2026-02-01"},
    "start_search": {},
    "confirm_suggestions": {"pairs": [{"kind": "customer", "servicetrade_id": "7", "code": "SEVEN", "version": 1}]},
    **{
        name: {"records": [{"kind": "customer", "servicetrade_id": "7"}]}
        for name in ("leave_records", "reopen_records")
    },
    "rotate_operator_key": {},
    "add_tenant": {**TENANT, "slug": "third"},
    "change_tenant": {"name": "Renamed"},
    "add_connection": {**CONNECTION, "slug": "west", "external_system": "west"},
    "change_connection": {"name": "Renamed"},
    "rehearse_plugins": {"plugins": []},
    "preview_send": {"connection": "main"},
    "complete_job": {"connection": "main"},
    "declare_items": {"connection": "main", "standing": "none", "reason": "Looked."},
    "request_send": {"job_id": JOB.id, "connection": "main"},
    "request_batch": {"job_ids": [JOB.id], "connection": "main"},
    "retry_batch": {"send_ids": ["snd_none"]},
    "cancel_batch": {"send_ids": ["snd_none"]},
    "set_code": {"kind": "customer", "servicetrade_id": "1", "code": "HARVIEW"},
    "import_codes": {"kind": "site", "content": "code,name\nHV-1,North\n", "dry_run": False},
    "mark_done": {"reason": "Typed it in."},
    "acknowledge_restore": {"reason": "Compared."},
    "settle_annotation": {"outcome": "there", "reason": "Seen."},
    "settle_doubt": {"outcome": "posted", "reason": "Seen."},
    "preview_creation": {"kind": "customer", "record_id": "9"},
    "request_creation": {
        "kind": "customer",
        "record_id": "9",
        "fields": {"Customer_Code": "NINE", "Name": "Nine", "Terms_Code": "1", "Sales_Tax_Code": "NC"},
    },
    "settle_creation": {"there": True, "reason": "Seen."},
    "set_created_code": {"keep": "alias"},
    "set_aliases": {
        "connection": "main",
        "aliases": [{"kind": "customer", "servicetrade_id": "7", "name": "Seven", "code": "SEVEN"}],
    },
    "add_webhook_endpoint": {"url": "https://hooks.example.com/jobferry"},
    "change_webhook_endpoint": {"description": "Renamed"},
    "redeliver": {"since": "2026-03-01"},
    "add_recipient": {"channel": "mail", "address": "office@example.com"},
    "change_recipient": {"kinds": ["digest"]},
    "make_sign_in_link": {"email": "ann@example.com", "role": "viewer"},
    "create_key": {"name": "second", "scopes": ["manage"]},
    "rotate_key": {},
}
"""What each route that takes a body is sent; a new one without an entry fails."""
ACTS_ON_RIGHTS = {"create_key", "rotate_key", "revoke_key", "make_sign_in_link"}
"""Calls that act on what may do something itself. The caller must be able to do all that, too: see the matrix of
`test_rights_matrix.py`."""
TENANT_ROUTES = [route for route in ROUTES if "{tenant}" in route.path]
UNDER_V1 = [route for route in ROUTES if route.path.startswith("/v1/")]


@dataclass
class Callers:
    """The scene with two tenants that have the same things, and keys of every kind."""

    scene: Scene
    variables: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, str]

    async def call(self, route: Route, key: str | None, tenant: str = OWN) -> Answer:
        path = route.path.replace("/v1/keys/{key_id}", "/v1/keys/{operator_key_id}")
        path = re.sub(r"{(\w+)}", lambda found: self.variables[tenant][found[1]], path)
        body = BODIES[route.name] if route.method != "GET" and route.takes is not Nothing else None
        headers = {"If-Match": "*"} if Mark.IF_MATCH in route.marks else {}
        return await self.scene.call(route.method, path, body, headers=headers, key=key)


@pytest.fixture
async def callers() -> AsyncIterator[Callers]:
    async with api(limits=replace(UNLIMITED, stream_seconds=0.0, bad_keys_per_minute=100_000)) as scene:
        variables = {}
        for slug in (OWN, OTHER):
            variables[slug] = await furnish(scene, slug)
        yield Callers(scene, variables, await make_keys(scene))


async def furnish(scene: Scene, slug: str) -> Mapping[str, str]:
    """A tenant with one of everything; the values of the routes' variables."""
    base = f"/v1/tenants/{slug}"
    made = await scene.call("POST", "/v1/tenants", {**TENANT, "slug": slug})
    assert made.status == 201, made.text
    assert (await scene.call("POST", f"{base}/connections", CONNECTION)).status == 201
    scene.service_trade.add_job(made.body["id"], replace(JOB, id=JOB.id))
    send = (await scene.call("POST", f"{base}/sends", {"job_id": JOB.id, "connection": "main"})).body["id"]
    batch = (await scene.call("POST", f"{base}/sends/batch", {"job_ids": ["5"], "connection": "main"})).body["id"]
    key = (await scene.call("POST", f"{base}/keys", {"name": "spare", "scopes": ["read"]})).body["id"]
    await scene.call("POST", f"{base}/aliases", BODIES["set_aliases"])
    alias = (await scene.call("GET", f"{base}/aliases?connection=main")).body["items"][0]["id"]
    endpoint = (await scene.call("POST", f"{base}/webhook-endpoints", BODIES["add_webhook_endpoint"])).body["id"]
    recipient = {"channel": "mail", "address": "dispatch@example.com"}
    recipient_id = (await scene.call("POST", f"{base}/notification-recipients", recipient)).body["id"]
    reconciliation = (await scene.call("POST", f"{base}/reconciliations", {})).body["id"]
    operator_key = (await scene.call("POST", "/v1/keys", {"name": "spare"})).body["id"]
    scene.service_trade.records.put(made.body["id"], RecordToMap(kind=AliasKind.CUSTOMER, id="9", name="Nine"))
    main = f"{base}/connections/main"
    await scene.call("PATCH", main, {"create_customers": True}, headers={"If-Match": "*"})
    creation = await scene.call("POST", f"{main}/creations", BODIES["request_creation"])
    assert creation.status == 202, creation.text
    creation_id = creation.body["id"]
    assert (await scene.call("POST", f"{base}/creations/{creation_id}/cancel")).status == 200
    return {
        "tenant": slug,
        "connection": "main",
        "plugin": "leading_character",
        "job_id": JOB.id,
        "send_id": send,
        "batch_id": batch,
        "key_id": key,
        "operator_key_id": operator_key,
        "alias_id": alias,
        "endpoint_id": endpoint,
        "recipient_id": recipient_id,
        "reconciliation_id": reconciliation,
        "line_id": "lin_0",
        "annotation_id": "ann_3f1c0a9d5b7e42860c1d9e8f7a",
        "creation_id": creation_id,
        "warning_id": "wrn_0",
    }


async def make_keys(scene: Scene) -> Mapping[str, str]:
    tenant = await scene.use_cases.find_tenant(OWN)
    make = scene.use_cases.api_keys.create
    keys = {}
    for scope in Scope:
        request = KeyRequest(name=scope.value, tenant_id=tenant.id, scopes=frozenset({scope}))
        keys[scope.value] = (await make(request, Caller())).text
        rest = replace(request, name=f"all but {scope}", scopes=frozenset(Scope) - {scope})
        keys[rest.name] = (await make(rest, Caller())).text
    every = KeyRequest(name="all", tenant_id=tenant.id, scopes=frozenset(Scope))
    keys["all"] = (await make(every, Caller())).text
    revoked = await make(replace(every, name="revoked"), Caller())
    await scene.use_cases.api_keys.revoke(tenant.id, revoked.key.id, Caller())
    ended = await make(replace(every, name="ended", expires_at=scene.clock.now() + timedelta(hours=1)), Caller())
    scene.clock.advance(3601)
    return {**keys, "revoked": revoked.text, "ended": ended.text}


def names(route: Route) -> str:
    return route.name


@pytest.mark.parametrize("route", ROUTES, ids=names)
def test_every_route_has_an_example(route: Route) -> None:
    needed = route.method != "GET" and route.takes is not Nothing
    assert not needed or route.name in BODIES, f"give BODIES an example for {route.name}"


async def test_without_a_valid_key_nothing_opens(callers: Callers) -> None:
    good = callers.keys["all"]
    wrong = (None, "jf_", good[:-1], good[:-1] + "x", good.upper(), callers.keys["revoked"], callers.keys["ended"])
    before = snapshot(callers.scene, OWN)
    for route in UNDER_V1:
        for key in wrong:
            answer = await callers.call(route, key)
            assert answer.status == 401, f"{route.name} with {key!r}: {answer.text}"
            assert "WWW-Authenticate" in answer.headers
    assert snapshot(callers.scene, OWN) == before


async def test_another_tenants_things_look_like_things_that_are_not_there(callers: Callers) -> None:
    before = snapshot(callers.scene, OTHER)
    for route in TENANT_ROUTES:
        theirs = await callers.call(route, callers.keys["all"], OTHER)
        variables = {**callers.variables[OTHER], "tenant": "nowhere"}
        nowhere = await replace_variables(callers, variables).call(route, callers.keys["all"], OTHER)
        assert (theirs.status, nowhere.status) == (404, 404), f"{route.name}: {theirs.text}"
        told = [json.loads(answer.text) | {"request_id": ""} for answer in (theirs, nowhere)]
        assert json.loads(json.dumps(told[0]).replace(OTHER, "nowhere")) == told[1]
    assert snapshot(callers.scene, OTHER) == before


async def test_another_tenants_ids_under_ones_own_name_open_nothing(callers: Callers) -> None:
    before = snapshot(callers.scene, OTHER)
    mixed = replace_variables(callers, {**callers.variables[OTHER], "tenant": OWN})
    for route in TENANT_ROUTES:
        if "_id}" in route.path:
            answer = await mixed.call(route, callers.keys["all"], OTHER)
            if "{job_id}" not in route.path and route.access is not Access.OPERATOR:
                assert answer.status == 404, f"{route.name}: {answer.text}"
    assert snapshot(callers.scene, OTHER) == before


async def test_a_key_does_nothing_that_its_scopes_do_not_name(callers: Callers) -> None:
    """Neither with one other scope, nor with all the others."""
    before = snapshot(callers.scene, OWN)
    for route in UNDER_V1:
        for scope in Scope:
            if route.access != scope.value:
                answer = await callers.call(route, callers.keys[scope.value])
                assert answer.status == 403, f"{route.name} with {scope}: {answer.text}"
        needed = route.access.value if route.access.value in set(Scope) else "all"
        answer = await callers.call(route, callers.keys["all" if needed == "all" else f"all but {needed}"])
        assert answer.status == 403, f"{route.name} with all but {needed}: {answer.text}"
    assert snapshot(callers.scene, OWN) == before


async def test_a_key_does_what_its_scope_names_and_the_operator_everything(callers: Callers) -> None:
    """A change needs the version seen where the table says so, and nowhere else."""
    storage = callers.scene.transactions
    furnished = storage.rows
    for route in UNDER_V1:
        storage.rows = furnished  # each route finds all that is there
        blind = await callers.call(replace(route, marks=frozenset()), callers.scene.key)
        assert (blind.status == 428) == (Mark.IF_MATCH in route.marks), f"{route.name}: {blind.text}"
        own = "all" if route.name in ACTS_ON_RIGHTS else route.access.value
        for key in filter(None, (callers.keys.get(own), callers.scene.key)):
            answer = await callers.call(route, key)
            assert answer.status not in (401, 403, 428), f"{route.name}: {answer.text}"


async def test_a_key_cannot_make_one_that_may_more(callers: Callers) -> None:
    manage = callers.keys["manage"]
    path = f"/v1/tenants/{OWN}/keys"
    greedy = await callers.scene.call("POST", path, {"name": "x", "scopes": ["manage", "send"]}, key=manage)
    assert (greedy.status, greedy.body["code"]) == (403, "SCOPE_MISSING")
    modest = await callers.scene.call("POST", path, {"name": "x", "scopes": ["manage"]}, key=manage)
    assert modest.status == 201


async def test_a_key_lets_nobody_in_who_may_more(callers: Callers) -> None:
    path = f"/v1/tenants/{OWN}/sign-in-links"
    for role in ("viewer", "sender", "administrator"):
        asked = {"email": f"{role}@example.com", "role": role}
        refused = await callers.scene.call("POST", path, asked, key=callers.keys["manage"])
        assert (refused.status, refused.body["code"]) == (403, "SCOPE_MISSING")
        assert (await callers.scene.call("POST", path, asked, key=callers.keys["all"])).status == 201
        known = {"email": f"{role}@example.com"}
        assert (await callers.scene.call("POST", path, known, key=callers.keys["manage"])).status == 403


def replace_variables(callers: Callers, variables: Mapping[str, str]) -> Callers:
    return replace(callers, variables={**callers.variables, OTHER: variables})


def snapshot(scene: Scene, slug: str) -> str:
    """Everything stored of a tenant, bar when its keys were used."""
    rows = scene.transactions.rows
    tenant_id = next(stored.tenant.id for stored in rows.tenants.values() if stored.tenant.slug == slug)
    kept = {
        "tenant": rows.tenants[tenant_id],
        "connections": [row for row in rows.connections.values() if row.connection.tenant_id == tenant_id],
        "sends": [send for send in rows.sends.values() if send.tenant_id == tenant_id],
        "keys": [(key, row.key.revoked_at) for key, row in rows.api_keys.items() if row.key.tenant_id == tenant_id],
        "creations": [row for row in rows.creations.values() if row.tenant_id == tenant_id],
        "aliases": [row for row in rows.aliases.values() if row.tenant_id == tenant_id],
        "audit": [entry for owner, entry in rows.audit if owner == tenant_id],
    }
    return json.dumps(kept, default=repr)
