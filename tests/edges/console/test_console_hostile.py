"""Whatever ServiceTrade's records, people and settings are called, a page is built the same and only says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from adapters.inbound.console.routes import PAGES
from core.model.access.person import Role
from core.model.catalogue import finding
from core.model.connections.settings import PluginUse
from core.model.creations.creation import CreationState
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.mappings.suggested_record import RecordState, SearchStep
from core.model.mappings.suggestion import RecordToMap, Suggestion
from core.model.notifications.notice import CHOICES
from core.model.notifications.recipient import Channel, Choice
from core.model.planning.job import JobSnapshot, Party
from core.model.reconciliation.entry import Difference, Entry, Kind
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.work_orders.item import JobItem
from core.services.sending.batches import BatchRequest
from tests.support.browser_scene import Browser, somebody
from tests.support.creation_scene import a_creation
from tests.support.http_scene import JOB, Scene, api
from tests.support.reconciliation_scene import a_listed_job, a_reconciled_job, a_run
from tests.support.suggestion_scene import a_search, suggested

HOSTILE = (
    "<script>alert(1)</script>",
    "</title><script>alert(2)</script>",
    '"><img src=x onerror=alert(3)>',
    "' onmouseover='alert(4)",
    '" onfocus="alert(5)" autofocus="',
    "javascript:alert(6)",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[x",
    "{{ 7*7 }}",
    "{% raw %}",
    "{# x #}",
    "${7*7}",
    "<%= 7*7 %>",
    "</textarea><svg onload=alert(7)>",
    "</main></body></html>",
    "<b>bold</b>",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "&",
    "%3Cscript%3E",
    "\\u003cscript\\u003e",
    "\u202egnp.exe",
    "\u2028<script>\u2029",
    "\ufeff<i>",
    "\u0627\u0644<u>",
    "\U0001f525<i>",
    "\u0130<i>\u0131",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<link rel=stylesheet href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example>",
    "<iframe srcdoc=x>",
    "<object data=x>",
    "<embed src=x>",
    "<a href=javascript:alert(8)>go</a>",
    "<details open ontoggle=alert(9)>",
    "<video><source onerror=alert(10)>",
    "<math><mi xlink:href=x>",
    "<template><p>x</p></template>",
    "<x hx-get=/sign-out hx-trigger=load>",
    "<x hx-on:load=alert(11)>",
    "<select><option>x",
    "<plaintext>",
    "<input name=form_token value=stolen>",
    "</form><form method=post>",
    "'\"`<>/\\=",
    "\t<tab>",
)
ROUNDS = [
    pytest.param(HOSTILE[::5], id="some of every kind"),
    *(
        pytest.param(HOSTILE[start : start + 10], id=str(start), marks=pytest.mark.long)
        for start in range(0, len(HOSTILE), 10)
    ),
]
READ = [
    one.path
    for one in PAGES
    if one.method == "GET" and not one.path.endswith(("/events", ".zip", "/sends.csv", "/jobs.csv"))
]
"""A file is no page: it is marked as what it is, and browsers do not look what else it could be."""
READ.remove("/t/{tenant}/connections/{connection}/new/{kind}/{record}")  # it marks what Spectrum would not take
READ.remove(
    "/t/{tenant}/connections/{connection}/code-lists/offer"
)  # the options of a field, which are none without a text
READ.append("/t/{tenant}/connections/{connection}/code-lists/offer?kind=site&code.site.2=C")
READ += ["/t/{tenant}/jobs/{job_id}?items=again", "/t/{tenant}/mappings?connection=main"]
READ += [f"/t/{{tenant}}/connections/main/suggestions?group={group}" for group in ("doubtful", "not-set", "waiting")]

_NAME = re.compile(r"(?<=[?&]name=)[\w%.~/-]*")
"""Only what a text encoded for an address can hold."""


def test_there_are_fifty_of_them() -> None:
    assert len(set(HOSTILE)) == 50


@pytest.mark.long
@pytest.mark.parametrize("texts", ROUNDS)
async def test_a_page_is_built_the_same_whatever_stands_in_it(texts: tuple[str, ...]) -> None:
    plain = await pages([harmless(text) for text in texts])
    hostile = await pages(list(texts))
    assert hostile.keys() == plain.keys()
    for address, built in hostile.items():
        assert built == plain[address], address


def harmless(text: str) -> str:
    """As long, and with the characters that Spectrum cannot keep: of both a page speaks."""
    return "".join(one if one.isspace() or not one.encode("cp1252", "ignore") else "x" for one in text)


async def pages(texts: list[str]) -> Mapping[str, list[Any]]:
    """How each page is built in an installation where everything is called by these texts."""
    async with api() as scene:
        await scene.furnish()
        rename(scene, texts[0])
        sends = [await failed(scene, number, text) for number, text in enumerate(texts)]
        sends += [await doubtful(scene, number, text) for number, text in enumerate(texts)]
        for number, text in enumerate(texts):
            await scene.add_job(upcoming(number, text))
        tenant = await scene.use_cases.find_tenant("cardinal")
        request = BatchRequest(connection="main", job_ids=(sends[0][0],), requested_by="ann")
        batch = await scene.use_cases.batches.request(tenant.id, request)
        endpoint, _ = await scene.use_cases.webhook_endpoints.add(
            tenant.id, "https://x.example.com/", description=texts[0][:200].replace("\t", " ")
        )
        await scene.use_cases.webhook_endpoints.test(tenant.id, endpoint.id)
        told = await scene.use_cases.recipients.add(
            tenant.id, Channel.MAIL, "office@example.com", Choice(kinds=CHOICES), by="ann"
        )
        run = await reconciled(scene, tenant.id, texts)
        await to_map(scene, tenant.id, texts)
        await created(scene, tenant.id, texts)
        browser = await somebody(scene, Role.ADMINISTRATOR)
        found = {}
        for path in READ:
            for address in {
                filled(path, job_id, send_id, batch.id, endpoint.id, told.id, run) for job_id, send_id in sends
            }:
                await browser.open(address)
                assert browser.status == 200, (address, browser.said)
                browser.text = browser.text.replace(scene.url, "https://x.example.com")  # its port changes
                found[address] = built(browser)
    return found


async def to_map(scene: Scene, tenant_id: str, texts: list[str]) -> None:
    """Records without a code, of every grade, that are called by these texts, and so are their suggestions."""
    connection = await scene.use_cases.find_connection(tenant_id, "main")
    records, listed = [], []
    for number, text in enumerate(texts):
        listed.append(ListedCode(kind=AliasKind.SITE, code=f"C{number}", name=text, street=text, city=text, phone=text))
        name = f"{number:02} {text}"  # they stand in the order of their names
        record = RecordToMap(kind=AliasKind.SITE, id=str(number), name=name, street=text, city=text, phone=text)
        found = Suggestion(code=f"C{number}", name=text, score=50, reasons=(text,), clear=number % 3 == 0)
        state = RecordState.CONFIRMED if number % 5 == 4 else RecordState.OPEN
        one = suggested(number, found, record=record, trouble=text, decided_by=text, state=state, code=found.code)
        records.append(one)
    async with scene.transactions.begin(tenant_id) as t:
        search = a_search(connection_id=connection.id, trouble=texts[0], unread={AliasKind.ITEM: texts[-1]})
        await t.suggestions.put_search(replace(search, requested_by=texts[0], step=SearchStep.DONE))
        await t.suggestions.put(connection.id, records)
        await t.code_lists.store(connection.id, listed)


async def created(scene: Scene, tenant_id: str, texts: list[str]) -> None:
    """New records that are called so and whose answers say so."""
    async with scene.transactions.begin(tenant_id) as t:
        connection = await t.connections.by_slug("main")
        for number, text in enumerate(texts, 1):
            said = replace(finding("CREATE_IN_DOUBT", text or "?"), cause=text)
            one = a_creation(
                number,
                tenant_id=tenant_id,
                connection_id=connection.id,
                record_name=text,
                findings=(said,),
                due_at=None,
            )
            fields = {"Site_Name": text}
            await t.creations.add(
                replace(one, state=CreationState.IN_DOUBT, fields=fields, request=text, answer=text, outcome=text)
            )


async def reconciled(scene: Scene, tenant_id: str, texts: list[str]) -> str:
    """A reconciliation that tells these texts of its jobs and of itself."""
    async with scene.transactions.begin(tenant_id) as t:
        run = a_run(tenant_id=tenant_id, trouble=texts[0], reason=texts[-1], requested_by=texts[0])
        await t.reconciliations.add(run, run.created_at)
        await t.reconciliations.enter(run.id, 1, [a_listed_job(number) for number in range(len(texts))])
        for number, text in enumerate(texts):
            told = Difference(kind=Kind.MISSING, message=text, fix=text)
            entry = Entry(connection="main", work_order_number=text, differences=(told,))
            job = replace(a_reconciled_job(number), number=text, customer=text, entries=(entry,))
            await t.reconciliations.store(run.id, [job])
    return run.id


def rename(scene: Scene, text: str) -> None:
    """Tenant, connection and a plugin's setting."""
    rows = scene.transactions.rows
    for id, stored in rows.tenants.items():
        rows.tenants[id] = replace(stored, tenant=replace(stored.tenant, name=text))
    for id, held in rows.connections.items():
        plugins = (PluginUse("po_required", {"job_types": [text], "warn_only": True}),)
        rows.connections[id] = replace(held, connection=replace(held.connection, name=text, plugins=plugins))


async def failed(scene: Scene, number: int, text: str) -> tuple[str, str]:
    """A job that says it everywhere, and whose site is not mapped."""
    job = named(f"2412087334602{number:03}", text)
    assert job.location
    return await sent(scene, replace(job, location=replace(job.location, external_id=None)), f"9{number}", text)


async def doubtful(scene: Scene, number: int, text: str) -> tuple[str, str]:
    """The same of one whose item may or may not stand in Spectrum."""
    scene.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, text))
    plain = replace(named(f"2412087334603{number:03}", text), description="Riser", customer_po="PO")
    return await sent(scene, plain, f"8{number}", text)


def upcoming(number: int, text: str) -> JobSnapshot:
    """Not completed, and nothing that it names has a code."""
    party = Party(id=f"5{number}", name=text)
    job = named(f"2412087334604{number:03}", text)
    return replace(job, status="scheduled", customer=party, location=party, contract=party)


def named(job_id: str, text: str) -> JobSnapshot:
    assert JOB.customer
    assert JOB.location
    return replace(
        JOB,
        id=job_id,
        number=job_id[-6:],
        status="completed",
        description=text,
        name=text,
        customer_po=text,
        customer=replace(JOB.customer, name=text),
        office=text,
        type=text,
        location=replace(JOB.location, name=text),
    )


async def sent(scene: Scene, job: JobSnapshot, item_id: str, text: str) -> tuple[str, str]:
    """With an item that is called so."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    await scene.add_job(job)
    part = JobItem(id=item_id, name=text, type="part", quantity=Decimal(2), cost=Decimal(3), code="GAUGE")
    labor = JobItem(id=f"{item_id}1", name=text, type="labor", quantity=Decimal(1), cost=None)
    for item in (part, labor):
        scene.service_trade.add_item(tenant.id, job.id, item)
    scene.service_trade.complete(tenant.id, job.id)
    send_id = await scene.send(job, items="new_only")
    await scene.work()
    return job.id, send_id


def filled(path: str, job_id: str, send_id: str, batch_id: str, endpoint_id: str, recipient_id: str, run: str) -> str:
    variables = {
        "tenant": "cardinal",
        "connection": "main",
        "plugin": "po_required",
        "kind": "site",
        "record": "2",
        "job_id": job_id,
        "send_id": send_id,
        "batch_id": batch_id,
        "endpoint_id": endpoint_id,
        "recipient": recipient_id,
        "reconciliation": run,
        "creation": "crn_1",
        "code": "MAP_SITE_MISSING",
    }
    return path.format(**variables)


def built(browser: Browser) -> list[Any]:
    """Every element with the names of its attributes, and where links and forms lead, without the name of a record."""
    return [
        (one.tag, sorted(one.attrib), _NAME.sub("", one.get("href") or one.get("action") or one.get("src") or ""))
        for one in browser.page.iter()
    ]
