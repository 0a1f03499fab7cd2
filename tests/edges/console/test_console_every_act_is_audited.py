"""Every form of the console that changes something leaves an entry in the audit, with the person's name."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.inbound.console.handlers.sign_in import FORM_TOKEN, LOCAL_COOKIE, form_token
from adapters.inbound.console.page_request import Page
from adapters.inbound.console.routes import INSTANCE_PAGES, PAGES
from core.model.access.person import Role
from core.model.connections.client_secret import NewSecret
from core.model.creations.creation import CreationState
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_csv import read_list_csv
from core.model.mappings.suggestion import RecordToMap
from core.model.operations.audit import AuditEntry
from core.model.shared.secret import Secret
from tests.edges.api.test_http_every_act_is_audited import PREPARED
from tests.edges.api.test_http_isolation import OWN, furnish
from tests.support.browser_scene import PASSWORD, person, somebody
from tests.support.creation_scene import a_creation
from tests.support.http_scene import CONNECTION, JOB, Scene, api
from tests.support.suggestion_scene import CLEAR, a_search, suggested

SITES = "code,name\nX-1,North\n"
CHANGES_NOTHING = {
    "choose_items": "shows the plan of another choice",
}
LIKE_API = {
    "retry": "retry_send",
    "mark_done": "mark_done",
    "settle_annotation": "settle_annotation",
    "settle": "settle_doubt",
    "send_cause_again": "retry_send",
    "set_codes_of_send": "retry_send",
    "set_codes_of_job": "retry_send",
    "change_many": "retry_batch",
    "declare_items": "declare_items",
    "acknowledge_restore": "acknowledge_restore",
    "remove_connection": "remove_connection",
    "remove_tenant": "remove_tenant",
}
"""Which call of the API needs the same before it."""
FORMS: Mapping[str, Mapping[str, str]] = {
    "decide": {"do": "find"},
    "decide_record": {"do": "leave"},
    "create_record": {
        "do": "create",
        "field.Customer_Code": "NINE",
        "field.Name": "Nine",
        "field.Terms_Code": "1",
        "field.Sales_Tax_Code": "NC",
    },
    "settle_new_record": {"outcome": "there", "reason": "Seen."},
    "keep_new_code": {"keep": "alias"},
    "send_missing": {"once": "once", "pick.77": "on"},
    "start_reconciliation": {"from": "2026-02-01", "to": "2026-02-01"},
    "add_person": {"email": "new@example.com", "name": "New", "role": "viewer"},
    "set_role": {"role": "viewer"},
    "set_time_zone": {"time_zone": "America/Chicago"},
    "create_key": {"name": "billing", "scope.read": "on"},
    "change_password": {
        "present": PASSWORD,
        "password": "another four words altogether",
        "again": "another four words altogether",
    },
    "settle": {"outcome": "posted", "reason": "Seen."},
    "mark_done": {"reason": "Typed in."},
    "settle_annotation": {"outcome": "there", "reason": "Seen."},
    "acknowledge_restore": {"reason": "Compared."},
    "declare_items": {"connection": "main", "standing": "none", "reason": "Looked.", "items": "none"},
    "set_code": {"kind": "customer", "servicetrade_id": "1", "code": "HARVIEW", "name": "Harborview"},
    "change_many": {"do": "retry", "which": "ticked"},
    "send_job": {"connection": "main", "items": "none", "once": "once"},
    "remove_tenant": {"sure": OWN},
    "remove_connection": {"sure": "main"},
    "remove_person": {"sure": "yes"},
    "revoke_key": {"sure": "yes"},
    "remove_alias": {"sure": "yes"},
    "remove_recipient": {"sure": "yes"},
    "add_tenant": {
        "slug": "harbor",
        "name": "Harbor",
        "servicetrade.username": "u",
        "servicetrade.password": "p",
    },
    "import_list": {
        "do": "import",
        "kind": "site",
        "file": SITES,
        "fingerprint": read_list_csv(SITES.encode(), AliasKind.SITE).fingerprint,
    },
    "import_aliases": {
        "do": "import",
        "content": "kind,servicetrade_id,name,code\r\ncustomer,77,New,NEW1\r\n",
    },
    "save_plugin": {"do": "save"},
    "send_cause_again": {"waiting": "needs_attention"},
    "set_codes_of_send": {"code.site.3": "COLD1", "do": "retry"},
    "set_codes_of_job": {"code.site.3": "COLD1", "do": "save", "connection": "main", "items": "none"},
    "change_record_code": {"do": "alias", "code": "HARVIEW", "name": "Harborview"},
    "move_plugin": {},
    "add_endpoint": {"url": "https://hooks.example.com/new"},
    "redeliver_events": {"since": "2026-03-01T00:00"},
    "save_endpoint": {"url": "https://hooks.example.com/new"},
    "remove_endpoint": {"sure": "on"},
    "save_account_settings": {"name": "Renamed", "shown.name": "Cardinal"},
    "save_sign_in": {"servicetrade.username": "u", "servicetrade.password": "p"},
    "choose": {"kind.digest": "on"},
    "test_own": {},
    "add_recipient": {"channel": "mail", "address": "new@example.com"},
    "change_recipient": {"kind.digest": "on"},
}
ALL: Sequence[Page[Any]] = (*PAGES, *INSTANCE_PAGES)
CHANGING = [one for one in ALL if one.method == "POST" and one.handler.__name__ not in CHANGES_NOTHING]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        yield running


def names(one: Page[Any]) -> str:
    return f"{'operators ' if '/operator' in one.path else ''}{one.handler.__name__}"


async def filled(scene: Scene, one: Page[Any]) -> dict[str, str]:
    """What the page's own form holds, with what a person fills in."""
    name = one.handler.__name__
    form = dict(FORMS.get(name, {}))
    if name == "add_connection":
        given = {key: value for key, value in CONNECTION.items() if isinstance(value, str)}
        form |= {**given, "slug": "west", "name": "West", "external_system": "west", "test": ""}
    if name in ("save_settings", "remove_connection", "save_plugin", "move_plugin"):
        shown = (await scene.call("GET", f"/v1/tenants/{OWN}/connections/main")).headers["ETag"]
        form["version"] = shown.strip('"')
    if name == "save_settings":
        form |= {key: value for key, value in CONNECTION.items() if isinstance(value, str) and key != "slug"}
        form |= {"name": "Renamed", "authorization_id": ""}
    return form


async def post(scene: Scene, cookie: str, address: str, form: Mapping[str, str]) -> tuple[int, str]:
    headers = {"Cookie": f"{LOCAL_COOKIE}={cookie}"}
    data = {**form, FORM_TOKEN: form_token(cookie)}
    async with scene.http.post(f"{scene.url}{address}", data=data, headers=headers, allow_redirects=False) as answer:
        return answer.status, re.sub(r"<[^>]+>|\s+", " ", await answer.text())


@pytest.mark.parametrize("one", CHANGING, ids=names)
async def test_whoever_changes_something_is_in_the_audit_by_name(scene: Scene, one: Page[Any]) -> None:
    name, operators = one.handler.__name__, "/operator" in one.path
    variables = dict(await furnish(scene, OWN))
    like = LIKE_API.get(name, "")
    if like in PREPARED:
        variables |= await PREPARED[like](scene)
    if name == "rotate_secret":
        scene.spectrum.rotations.append(NewSecret(Secret("renewed")))
    if name == "move_plugin":
        order = [{"name": "po_required"}, {"name": "item_filter"}]
        await scene.call("PATCH", f"/v1/tenants/{OWN}/connections/main", {"plugins": order}, headers={"If-Match": "*"})
    scene.service_trade.add_job((await scene.use_cases.find_tenant(OWN)).id, JOB)
    if name == "send_missing":
        await scene.add_job(replace(JOB, id="77", number="10077"))
        scene.service_trade.complete((await scene.use_cases.find_tenant(OWN)).id, "77")
        variables["reconciliation_id"] = await scene.reconcile()
    await person(scene, "bob@example.com", Role.OPERATOR if operators else Role.SENDER, OWN)
    browser = await somebody(scene, Role.OPERATOR if operators else Role.ADMINISTRATOR)
    owner = None if operators else (await scene.use_cases.find_tenant(OWN)).id
    people = await scene.use_cases.manage_people.page(owner)
    bob = next(someone.id for someone in people.people if someone.email == "bob@example.com")
    variables |= {
        "slug": OWN,
        "person": bob,
        "key": variables["operator_key_id" if operators else "key_id"],
        "code": "MAP_SITE_MISSING",
        "kind": "customer",
        "record": "1",
        "recipient": variables["recipient_id"],
        "reconciliation": variables["reconciliation_id"],
        "plugin": "item_filter" if name == "move_plugin" else "po_required",
    }
    if name in NEW_RECORDS:
        variables |= await new_record(scene, NEW_RECORDS[name])
    if name == "decide_record":
        await record_to_map(scene)
    address = one.path.format(**variables)
    if name == "test_own":
        await post(scene, browser.cookie, f"/t/{OWN}/notifications/own", {"kind.digest": "on"})
    form = await filled(scene, one) | ({f"pick.{variables['send_id']}": "on"} if name == "change_many" else {})
    rows = scene.transactions.rows
    before = {identity(entry) for entry in (*(entry for _, entry in rows.audit), *rows.operator_audit)}
    status, said = await post(scene, browser.cookie, address, form)
    assert status in (200, 303), f"{status} {said}"
    rows = scene.transactions.rows
    entries = (*(entry for _, entry in rows.audit), *rows.operator_audit)
    new = [entry for entry in entries if identity(entry) not in before]
    assert new, f"nobody knows who did {name}: {said}"
    assert {entry.actor for entry in new} == {"ann@example.com"}, new
    # A pause by somebody of the tenant is also told to the operators, to whom an address is all that they are.
    of_tenant = [] if operators else [entry for entry in rows.operator_audit if entry in new]
    assert {entry.actor_name for entry in new if entry not in of_tenant} == {"Ann"}, new


async def record_to_map(scene: Scene) -> None:
    """The customer 1 has no code."""
    tenant = await scene.use_cases.find_tenant(OWN)
    connection = await scene.use_cases.find_connection(tenant.id, "main")
    async with scene.transactions.begin(tenant.id) as t:
        await t.suggestions.put_search(a_search(connection_id=connection.id))
        await t.suggestions.put(connection.id, [suggested(1, CLEAR)])


NEW_RECORDS: Mapping[str, CreationState] = {
    "create_record": CreationState.CANCELLED,
    "settle_new_record": CreationState.IN_DOUBT,
    "cancel_new_record": CreationState.QUEUED,
    "keep_new_code": CreationState.CREATED,
}
"""In which state the new record of each page is."""


async def new_record(scene: Scene, state: CreationState) -> Mapping[str, str]:
    """A company that may become a customer, and a new record in this state."""
    tenant = await scene.use_cases.find_tenant(OWN)
    scene.service_trade.records.put(tenant.id, RecordToMap(kind=AliasKind.CUSTOMER, id="9", name="Nine"))
    await scene.call(
        "PATCH", f"/v1/tenants/{OWN}/connections/main", {"create_customers": True}, headers={"If-Match": "*"}
    )
    async with scene.transactions.begin(tenant.id) as t:
        connection = await t.connections.by_slug("main")
        made = a_creation(tenant_id=tenant.id, connection_id=connection.id, state=state, due_at=None)
        await t.creations.add(made)
    return {"creation": made.id, "record": "9"}


def identity(entry: AuditEntry) -> tuple[object, ...]:
    """What stays when the address of a removed person is taken out of an older entry."""
    return entry.seq, entry.at, entry.action, entry.subject


def test_every_page_that_changes_something_is_among_them() -> None:
    posted = {one.handler.__name__ for one in ALL if one.method == "POST"}
    assert posted == {one.handler.__name__ for one in CHANGING} | set(CHANGES_NOTHING)
