"""Every call of the API that changes something leaves an entry in the audit: of its tenant, or of the operators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace

import pytest

from adapters.inbound.api.routes import ROUTES, Route
from core.model.connections.client_secret import NewSecret
from core.model.creations.creation import CreationState
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggested_record import RecordState
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.shared.secret import Secret
from core.model.work_orders.paperwork import Attachment
from tests.edges.api.test_http_isolation import BODIES, OWN, Callers, furnish, names
from tests.edges.plugins.test_plugin_rehearsal import PART
from tests.support.creation_scene import a_creation
from tests.support.http_scene import JOB, UNMAPPED, Scene, api
from tests.support.suggestion_scene import CLEAR, a_search, suggested

CHANGES_NOTHING = {
    "preview_send": "plans, and stores nothing",
    "rehearse_plugins": "plans, and stores nothing",
    "preview_creation": "proposes, and stores nothing",
}
CHANGING = [one for one in ROUTES if one.method != "GET" and one.name not in CHANGES_NOTHING]
ENTRIES = {
    "add_tenant": "tenant.added",
    "remove_tenant": "tenant.removed",
    "request_send": "send.requested",
    "complete_job": "send.requested",
    "request_batch": "sends.requested",
    "retry_batch": "sends.retried",
    "retry_send": "send.retried",
    "cancel_send": "send.cancelled",
    "cancel_batch": "sends.cancelled",
    "mark_done": "send.done_by_hand",
    "settle_annotation": "annotation.settled",
    "settle_doubt": "doubt.settled",
    "dismiss_warning": "warning.dismissed",
    "switch_webhook_on": "webhook.switched_on",
    "switch_webhook_off": "webhook.switched_off",
    "create_operator_key": "key.created",
    "examine_connection": "connection.tested",
    "try_webhook_endpoint": "webhook_endpoint.tested",
    "redeliver": "webhook_endpoint.redelivered",
    "refresh_codes": "codes.refresh_requested",
    "import_codes": "codes.imported",
    "request_creation": "creation.requested",
    "settle_creation": "creation.settled",
    "cancel_creation": "creation.cancelled",
    "set_created_code": "creation.code_kept",
}
"""What the entry says, of those that are named here."""
Prepare = Callable[[Scene], Awaitable[Mapping[str, str]]]


@pytest.fixture
async def callers() -> AsyncIterator[Callers]:
    async with api() as scene:
        yield Callers(scene, {OWN: await furnish(scene, OWN)}, {})


async def failed(scene: Scene) -> Mapping[str, str]:
    await scene.add_job(UNMAPPED)
    send = await scene.send(UNMAPPED)
    await scene.work()
    warnings = (await scene.call("GET", f"/v1/tenants/{OWN}/warnings")).body["items"]
    return {"send_id": send, "warning_id": warnings[0]["id"]}


async def in_doubt(scene: Scene) -> Mapping[str, str]:
    tenant = await scene.use_cases.find_tenant(OWN)
    job = replace(JOB, id="2412087334600720", number="104490", status="completed")
    await scene.add_job(job)
    scene.service_trade.add_item(tenant.id, job.id, PART)
    scene.service_trade.complete(tenant.id, job.id)
    await scene.work()
    scene.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer"))
    await scene.send(job, items="new_only")
    await scene.work()
    [doubt] = (await scene.call("GET", f"/v1/tenants/{OWN}/doubts")).body["items"]
    return {"line_id": doubt["line"]["id"]}


async def unclear_document(scene: Scene) -> Mapping[str, str]:
    tenant = await scene.use_cases.find_tenant(OWN)
    await scene.use_cases.change_connection(
        tenant.id,
        "main",
        lambda before, secrets: (replace(before, send_paperwork=True), secrets),
        version=None,
        by="ann",
    )
    job = replace(JOB, id="2412087334600721", number="104491", status="completed")
    await scene.add_job(job)
    scene.service_trade.attach(tenant.id, job.id, Attachment("77", "signed.pdf"), b"%PDF-1.7 signed")
    scene.service_trade.complete(tenant.id, job.id)
    await scene.work()
    scene.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer"))
    send = await scene.send(job)
    await scene.work()
    [unclear] = await scene.use_cases.unclear_annotations.list(tenant.id)
    return {"send_id": send, "annotation_id": unclear.id}


async def at_rest(scene: Scene) -> Mapping[str, str]:
    await scene.work()
    return {}


async def completed(scene: Scene) -> Mapping[str, str]:
    """The job was completed before, so somebody may have posted its items."""
    await scene.work()
    tenant = await scene.use_cases.find_tenant(OWN)
    scene.service_trade.complete(tenant.id, JOB.id)
    return {}


async def looked_at(scene: Scene) -> Mapping[str, str]:
    path, body = f"/v1/tenants/{OWN}/connections/main/codes/import", BODIES["import_codes"]
    body["fingerprint"] = (await scene.call("POST", path, {**body, "dry_run": True})).body["fingerprint"]
    return {}


async def renewable(scene: Scene) -> Mapping[str, str]:
    scene.spectrum.rotations.append(NewSecret(Secret("renewed")))
    return {}


async def without_aliases(scene: Scene) -> Mapping[str, str]:
    [alias] = (await scene.call("GET", f"/v1/tenants/{OWN}/aliases?connection=main")).body["items"]
    await scene.call("DELETE", f"/v1/tenants/{OWN}/aliases/{alias['id']}")
    return {}


async def restored(scene: Scene) -> Mapping[str, str]:
    """The database lacks a line that was sent before."""
    [connection_id] = scene.transactions.rows.connections
    scene.intent_mark.note(connection_id, 2)
    await scene.compare_intents()
    scene.clock.advance(15 * 60)
    return {}


async def to_map(scene: Scene, state: RecordState = RecordState.OPEN) -> Mapping[str, str]:
    """The company 7 has no code, and the list has one."""
    tenant = await scene.use_cases.find_tenant(OWN)
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    async with scene.transactions.begin(tenant.id) as t:
        await t.code_lists.store(connection.id, [ListedCode(kind=AliasKind.CUSTOMER, code="SEVEN")])
        await t.suggestions.put_search(a_search(connection_id=connection.id))
        await t.suggestions.put(connection.id, [suggested(7, CLEAR, state=state)])
    return {}


async def left(scene: Scene) -> Mapping[str, str]:
    return await to_map(scene, RecordState.LEFT)


def new_record(state: CreationState) -> Prepare:
    async def prepare(scene: Scene) -> Mapping[str, str]:
        tenant = await scene.use_cases.find_tenant(OWN)
        async with scene.transactions.begin(tenant.id) as t:
            connection = await t.connections.by_slug("main")
            made = a_creation(tenant_id=tenant.id, connection_id=connection.id, state=state, due_at=None)
            await t.creations.add(made)
        return {"creation_id": made.id}

    return prepare


PREPARED: Mapping[str, Prepare] = {
    "settle_creation": new_record(CreationState.IN_DOUBT),
    "cancel_creation": new_record(CreationState.QUEUED),
    "set_created_code": new_record(CreationState.CREATED),
    "confirm_suggestions": to_map,
    "leave_records": to_map,
    "reopen_records": left,
    "import_codes": looked_at,
    "retry_send": failed,
    "mark_done": failed,
    "retry_batch": failed,
    "dismiss_warning": failed,
    "settle_doubt": in_doubt,
    "settle_annotation": unclear_document,
    "remove_tenant": at_rest,
    "remove_connection": at_rest,
    "declare_items": completed,
    "rotate_secret": renewable,
    "set_aliases": without_aliases,
    "acknowledge_restore": restored,
}


@pytest.mark.parametrize("route", CHANGING, ids=names)
async def test_whoever_changes_something_is_in_the_audit(
    callers: Callers, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = callers.scene
    prepared = await PREPARED[route.name](scene) if route.name in PREPARED else {}
    known = replace(callers, variables={OWN: {**callers.variables[OWN], **prepared}})
    rows = scene.transactions.rows
    before = [*(one for _, one in rows.audit), *rows.operator_audit]
    if route.name in ("retry_batch", "cancel_batch"):
        monkeypatch.setitem(BODIES, route.name, {"send_ids": [known.variables[OWN]["send_id"]]})
    answer = await known.call(route, scene.key)
    assert answer.status < 300, f"{answer.status} {answer.text}"
    rows = scene.transactions.rows
    new = [one for one in (*(one for _, one in rows.audit), *rows.operator_audit) if one not in before]
    assert new, f"nobody knows who called {route.name}"
    assert {one.actor for one in new} == {"operator:scene"}
    assert route.name not in ENTRIES or ENTRIES[route.name] in {one.action for one in new}


def test_what_is_left_out_exists() -> None:
    assert set(CHANGES_NOTHING) | set(ENTRIES) <= {one.name for one in ROUTES}
