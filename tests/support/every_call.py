"""Every call of the storage ports once or more, as the product makes it, on the rows of `large_tables`."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from core.model.access.api_key import ApiKey
from core.model.access.person import Role, Session, SignInLink
from core.model.connections.client_secret import NewSecret
from core.model.connections.connection import ConnectionSecrets
from core.model.connections.connection_state import CodesMissing, ConnectionTest
from core.model.creations.creation import CreationKind, CreationState
from core.model.mappings.alias import Alias, AliasEntry, AliasKind, CodeSource
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggested_record import Grade, Order, RecordState
from core.model.notifications.recipient import RecipientSecrets
from core.model.operations.audit import AuditEntry, AuditFilter
from core.model.operations.job_counts import OpenSend, Waiting
from core.model.planning.account import EntryState
from core.model.sending.lifecycle.change import Act
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.new_send import NewSend
from core.model.sending.send import Attempt, DashboardWarning, SendState, Step
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import NotFound
from core.model.shared.position import Position
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.webhooks.event import DeliveriesAgain, delivery_of
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import LineState
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.completions import JobChange, PollState, RecordedCompletion
from ports.storage.creations import CreationFilter, CreationIntent
from ports.storage.due_work import DueSubject, Slots, WorkKind
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.send_changes import AccountLine, FactsQuery, StandingQuery, StoredChange
from ports.storage.send_requests import BoundKey, RequestedSends
from ports.storage.transactions import InstanceTransaction, TenantTransaction
from ports.storage.webhooks import WebhookRecord
from ports.storage.work_orders import UnclearPosition
from tests.support.creation_scene import a_creation
from tests.support.large_tables import MANY
from tests.support.notification_scene import SECRETS, a_message, a_notice, a_recipient
from tests.support.reconciliation_scene import a_listed_job, a_reconciled_job, a_run
from tests.support.storage_scene import (
    PROBLEM,
    a_connection,
    a_person,
    a_plan,
    a_send,
    an_endpoint,
    an_event,
    an_intent,
)
from tests.support.suggestion_scene import CLEAR, a_search, suggested

NOW = datetime.now(UTC)
OLD, LONG_AGO = NOW - timedelta(days=100), NOW - timedelta(days=9999)
BATCH = 20
"""As small beside these tables as a real batch of retention is beside real ones."""
SECRET = Secret("whsec_c2VjcmV0LXRoYXQtc3RheXMtaW5zaWRlLXRoZS12YXVsdA==")
POSITION = Position(NOW - timedelta(days=1), "x_1")
OF_CON_1, PLANNED = 10_000, 10_004
SEND, LINE = f"snd_x{OF_CON_1}", f"lin_x{OF_CON_1}"
FAILED = f"snd_x{OF_CON_1 + 1}"
ALIAS = Alias(
    id="als_new",
    connection_id="con_1",
    entry=AliasEntry(AliasKind.CUSTOMER, str(OF_CON_1), "Harborview", "NEW"),
    set_at=NOW,
    set_by="ann",
)
CHANGE = JobChange(str(OF_CON_1), 1)
LOGIN = PasswordLogin("user", Secret("password"))
KEY = ApiKey(id="key_new", prefix="jf_", name="k", tenant_id=None, scopes=frozenset(), created_at=NOW, created_by="ann")

ACT = Act("p1@example.com", "send.requested", "snd_new", {"job": "1"})
CLAIM = NumberClaim((b"key",), b"owner")
FACTS = FactsQuery(
    send_id=SEND,
    job_id="2000",
    connection_id="con_1",
    number="T2000",
    read_send=True,
    own_lines=True,
    unclear=True,
    claim=CLAIM,
    accounts=(b"account",),
    lock_accounts=True,
    additions=(b"additions",),
)
STANDING = StandingQuery(
    connection_id="con_1",
    job_id="2000",
    number="T2000",
    claim_keys=(b"key",),
    owner=b"owner",
    accounts=(b"account",),
    additions=(b"additions",),
)

UNCLEAR_AT = UnclearPosition(NOW, "con_1", "2000", "document:77")
_numbers = itertools.count(1)

Call = Callable[[Any], Awaitable[Any]]
Calls = Mapping[str, Call | tuple[Call, ...]]


def missing(call: Call) -> Call:
    """A call that asks for a record of somebody else, and does not get it."""

    async def refused(t: Any) -> None:
        with suppress(NotFound):
            await call(t)

    return refused


@dataclass(frozen=True, slots=True)
class Often:
    """A call after so many others that PostgreSQL keeps its plans, if it finds them good for any arguments."""

    call: Call
    before: int = 7

    async def warm(self, t: Any) -> None:
        for _ in range(self.before):
            await self.call(t)

    async def __call__(self, t: Any) -> None:
        await self.call(t)


def listed(code: str, name: str) -> ListedCode:
    return ListedCode(kind=AliasKind.ITEM, code=code, name=name)


async def first_of(codes: AsyncIterator[ListedCode]) -> None:
    async for _ in codes:
        break


async def store_change(t: TenantTransaction) -> None:
    planned = replace(await t.ledger.get(f"lin_x{PLANNED}"), state=LineState.PLANNED)
    send, failed = await t.sends.get(SEND), await t.sends.get(FAILED)
    change = StoredChange(
        send=replace(send, plan_id=f"pln_new_{send.version}"),
        superseded=(failed,),
        attempts=(Attempt(send_id=SEND, step=Step.HEADER, started_at=NOW),),
        plan=a_plan(),
        lines=(await t.ledger.get(LINE), planned),
        intent=an_intent(planned.id),
        entries=(AccountLine(LINE, b"account", b"item", EntryState.STANDS),),
        record=WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="2000", number="T2000"),
        take=CLAIM,
        accept=CLAIM,
        give_back=CLAIM,
    )
    await t.changes.store(change)


SOON = timedelta(seconds=30)
OF_THE_CONNECTION = SendFilter(connection_id="con_1")
UNDER_WAY = (SendState.QUEUED, SendState.IN_DOUBT)


def every_filter() -> Iterator[SendFilter]:
    """Every combination of the filters that the page of sends offers: of each, nothing and one or two values."""
    choices: Mapping[str, Sequence[object]] = {
        "states": ((), (SendState.SENT,), (SendState.NEEDS_ATTENTION, SendState.RETRYING)),
        "connection_id": (None, "con_1"),
        "cause": (None, "RECORD_LOCKED"),
        "text": (None, "customer 77", "J500"),
        "since": (None, NOW - timedelta(days=301)),
        "until": (None, NOW - timedelta(days=300)),
        "batch_id": (None, "bat_x100"),
    }
    for values in itertools.product(*choices.values()):
        yield SendFilter(**dict(zip(choices, values, strict=True)))  # type: ignore[arg-type]


async def read_page(only: SendFilter, t: TenantTransaction) -> None:
    await t.sends.page(only)


async def count_sends(only: SendFilter, t: TenantTransaction) -> None:
    await t.sends.count(only, 501)


async def save_line(t: TenantTransaction) -> None:
    await t.ledger.save([await t.ledger.get(LINE)])


async def change_connection(t: TenantTransaction) -> None:
    await t.connections.change(await t.connections.get("con_1"), ConnectionSecrets(Secret("new")))


async def promote(t: TenantTransaction) -> None:
    await t.client_secrets.keep_next("con_1", NewSecret(Secret("next")))
    await t.client_secrets.promote("con_1")


async def save_delivery(t: TenantTransaction) -> None:
    if found := await t.webhook_endpoints.next_delivery("whe_1", NOW):
        await t.webhook_endpoints.save_delivery(replace(found, tries=1), tries=0)


async def save_message(t: TenantTransaction) -> None:
    if found := await t.notifications.next_message("rcp_1", NOW):
        await t.notifications.save_message(replace(found, tries=1), tries=0)


async def change_tenant(i: InstanceTransaction) -> None:
    await i.tenants.change(await i.tenants.by_slug("tenant-1"), LOGIN)


async def pause_tenant(i: Any) -> None:
    await i.tenants.set_paused(await i.tenants.by_slug("tenant-1"), True)


def requested(*jobs: str) -> RequestedSends:
    """A batch, of ids that no other call has used."""
    new = [NewSend(id=f"snd_{next(_numbers)}", job_id=job, requested_by="ann", batch_id="bat_new") for job in jobs]
    key = BoundKey(f"key-{new[0].id}", "hash", "bat_new")
    return RequestedSends(slug="main-1", sends=new, key=key, look_for=(SendState.QUEUED, SendState.RETRYING), act=ACT)


OF_A_TENANT: Calls = {
    "sends.add": lambda t: t.sends.add(a_send(1, id="snd_new", batch_id="bat_new")),
    "sends.some": lambda t: t.sends.some([SEND, "snd_none"]),
    "sends.get": lambda t: t.sends.get(SEND),
    "sends.watch": lambda t: t.sends.watch(SEND, 10),
    "sends.of_job": lambda t: t.sends.of_job("con_1", "2000", (SendState.NEEDS_ATTENTION, SendState.IN_DOUBT)),
    "sends.wake_waiting": lambda t: t.sends.wake_waiting("snd_x1001", NOW),
    "sends.pull_forward": lambda t: t.sends.pull_forward("con_1", NOW, NOW),
    "sends.release": lambda t: t.sends.release("con_1", NOW, NOW),
    "sends.page": (
        lambda t: t.sends.page(),
        lambda t: t.sends.page(before=MANY // 2, plans=True),
        lambda t: t.sends.page(SendFilter(states=(SendState.NEEDS_ATTENTION, SendState.RETRYING)), before=MANY // 2),
        lambda t: t.sends.page(replace(OF_THE_CONNECTION, states=(SendState.SENT,)), limit=1),
        lambda t: t.sends.page(replace(OF_THE_CONNECTION, states=UNDER_WAY), limit=1_000_000),
        lambda t: t.sends.page(OF_THE_CONNECTION, limit=1),
        lambda t: t.sends.page(OF_THE_CONNECTION, before=MANY // 2),
        lambda t: t.sends.page(SendFilter(connection_id="con_1", job_id="2000")),
        lambda t: t.sends.page(SendFilter(job_id="2000")),
        lambda t: t.sends.page(SendFilter(text="J500", whole=True)),
        lambda t: t.sends.page(SendFilter(job_number="J500")),
        lambda t: t.sends.page(SendFilter(job_number="J500", job_id="2000", connection_id="con_1")),
        *(partial(read_page, only) for only in every_filter()),
    ),
    "sends.count": tuple(partial(count_sends, only) for only in every_filter() if not only.batch_id and not only.since),
    "sends.customers": lambda t: t.sends.customers("r 7", 20),
    "sends.causes": lambda t: t.sends.causes(),
    "sends.join_batch": lambda t: t.sends.join_batch("bat_x100", SEND),
    "sends.count_batch": lambda t: t.sends.count_batch("bat_x100"),
    "sends.attempts": (
        lambda t: t.sends.attempts(SEND),
        lambda t: t.sends.attempts(SEND, line_id=LINE, limit=1, before=MANY),
    ),
    "sends.find_key": lambda t: t.sends.find_key("key-100"),
    "sends.bind_key": lambda t: t.sends.bind_key(BoundKey("key-new", "hash", SEND)),
    "changes.facts": Often(lambda t: t.changes.facts(FACTS)),
    "changes.store": Often(store_change),
    "changes.next_due": (
        Often(lambda t: t.changes.next_due("con_1", tuple(Step))),
        Often(lambda t: t.changes.next_due("con_1", (Step.REPORT,), lease=True)),
        Often(lambda t: t.changes.plan_input("2000", connection_id=None, slug="main-1")),
        Often(lambda t: t.changes.aliases_of("con_1", [ALIAS.key])),
        Often(lambda t: t.changes.listed("con_1", [(AliasKind.CUSTOMER, "C2000"), (AliasKind.ITEM, "P2000")])),
        Often(lambda t: t.changes.standing(STANDING)),
        # What `changes.rest` calls before it commits.
        Often(lambda t: t.changes._calls(("rest_connection", {"connection": "con_1", "steps": list(Step)}))),
    ),
    "requests.store": (
        Often(lambda t: t.requests.store(requested("2000"))),
        lambda t: t.requests.store(requested(*(f"new-{number}" for number in range(500)))),
    ),
    "requests.take_turn": lambda t: t.requests.take_turn(),
    "connections.add": lambda t: t.connections.add(
        replace(a_connection(1), id="con_new", slug="new", external_system="new"), ConnectionSecrets(Secret("a"))
    ),
    "connections.change": change_connection,
    "connections.by_slug": lambda t: t.connections.by_slug("main-1"),
    "connections.get": lambda t: t.connections.get("con_1"),
    "connections.all": lambda t: t.connections.all(),
    "connections.page": (
        lambda t: t.connections.page(limit=50),
        lambda t: t.connections.page(limit=50, after="con_x1500"),
    ),
    "connections.leading_to": lambda t: t.connections.leading_to([b"company"]),
    "connections.elsewhere": lambda t: t.connections.elsewhere([b"company"]),
    "connections.secrets": lambda t: t.connections.secrets("con_1"),
    "connections.set_hold": lambda t: t.connections.set_hold("con_1", None),
    "connections.count_plugin_failure": lambda t: t.connections.count_plugin_failure("con_1"),
    "connections.raise_intents": lambda t: t.connections.raise_intents("con_1", 7),
    "connections.set_endpoint_used": lambda t: t.connections.set_endpoint_used("con_1"),
    "connections.set_items_hold": lambda t: t.connections.set_items_hold("con_1", None),
    "connections.set_restored": lambda t: t.connections.set_restored("con_1", NOW),
    "connections.set_tested": lambda t: t.connections.set_tested("con_1", ConnectionTest(NOW, "ann", 1, ())),
    "connections.set_codes_missing": lambda t: t.connections.set_codes_missing("con_1", CodesMissing(NOW, 0, 0)),
    "connections.set_paused": lambda t: t.connections.set_paused("con_1", True),
    "connections.raise_epoch": lambda t: t.connections.raise_epoch("con_1"),
    "connections.lock": lambda t: t.connections.lock("con_1"),
    "connections.wake": lambda t: t.connections.wake("con_1", NOW),
    "connections.remove": lambda t: t.connections.remove("con_1"),
    "work_orders.find": lambda t: t.work_orders.find("con_1", "2000"),
    "work_orders.unclear": (
        lambda t: t.work_orders.unclear(),
        lambda t: t.work_orders.unclear(connection_id="con_1", job_id="2000", after=UNCLEAR_AT),
    ),
    "work_orders.adds_none": lambda t: t.work_orders.adds_none("con_1", AnnotationKind.DOCUMENT),
    "work_orders.save": lambda t: t.work_orders.save(
        WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="2000", number="T2000")
    ),
    "ledger.on_account": lambda t: t.ledger.on_account("con_1", "2000", "T2000"),
    "ledger.placed": lambda t: t.ledger.placed("con_1"),
    "ledger.of_send": lambda t: t.ledger.of_send(SEND),
    "ledger.of_sends": lambda t: t.ledger.of_sends([SEND, "snd_none"]),
    "ledger.holder": lambda t: t.ledger.holder("con_1", "T2000", beside=SEND),
    "ledger.get": lambda t: t.ledger.get(LINE),
    "ledger.save": save_line,
    "ledger.give_back": lambda t: t.ledger.give_back(SEND),
    "ledger.unclear_on": lambda t: t.ledger.unclear_on("con_1", "T2000"),
    "ledger.doubts": (
        lambda t: t.ledger.doubts(),
        lambda t: t.ledger.doubts(connection_id="con_1", limit=1),
        lambda t: t.ledger.doubts(after=POSITION),
    ),
    "ledger.entries_of_others": lambda t: t.ledger.entries_of_others([b"account"], "con_1", lock=True),
    "ledger.enter": lambda t: t.ledger.enter(b"account", "con_1", {LINE: (b"item", EntryState.STANDS)}),
    "ledger.leave": lambda t: t.ledger.leave([LINE]),
    "warnings.put": lambda t: t.warnings.put(
        DashboardWarning(
            id="wrn_new",
            tenant_id="ten_1",
            connection_id="con_1",
            job_id="2000",
            send_id=SEND,
            finding=PROBLEM,
            raised_at=NOW,
        )
    ),
    "warnings.clear": (lambda t: t.warnings.clear("con_1", "2000"), lambda t: t.warnings.clear("con_1", None, "poll")),
    "warnings.dismiss": lambda t: t.warnings.dismiss("wrn_x100"),
    "warnings.open": (
        lambda t: t.warnings.open(),
        lambda t: t.warnings.open(after=POSITION),
        lambda t: t.warnings.open(code="RECORD_LOCKED", limit=5),
    ),
    "warnings.needing": lambda t: t.warnings.needing("con_1", ["customer:100"], limit=20),
    "warnings.count_needing": lambda t: t.warnings.count_needing("con_1", ["customer:100", "site:7"], without="2000"),
    "warnings.needing_codes": lambda t: t.warnings.needing_codes(
        [OpenSend(SEND, "2000", "con_1", Waiting.NEEDS_ATTENTION, NOW)]
    ),
    "warnings.beside_sends": lambda t: t.warnings.beside_sends(limit=100),
    "counts.jobs": lambda t: t.counts.jobs(),
    "counts.waiting": lambda t: t.counts.waiting(["con_1"]),
    "counts.days": lambda t: t.counts.days([NOW - timedelta(days=day) for day in range(14, -1, -1)]),
    "counts.close_days": lambda t: t.counts.close_days([NOW - timedelta(days=day) for day in range(14, -1, -1)]),
    "counts.open_sends": lambda t: t.counts.open_sends(
        [(Waiting.NEEDS_ATTENTION, ""), (Waiting.RETRYING, "RECORD_LOCKED")], each=10, stopped=["con_1"]
    ),
    "completions.add_change": lambda t: t.completions.add_change("2000", NOW),
    "completions.next_change": lambda t: t.completions.next_change(NOW),
    "completions.checked": lambda t: t.completions.checked(CHANGE),
    "completions.postpone": lambda t: t.completions.postpone(CHANGE, NOW),
    "completions.earliest_change": lambda t: t.completions.earliest_change(),
    "completions.record": lambda t: t.completions.record("con_1", "2000", NOW),
    "completions.known": (
        lambda t: t.completions.known("con_1", "2000", NOW),
        lambda t: t.completions.known("con_1", "2000", None),
    ),
    "completions.of_job": lambda t: t.completions.of_job("2000"),
    "completions.reopened": lambda t: t.completions.reopened("2000", [RecordedCompletion("con_1", NOW)]),
    "completions.forget_reopenings": lambda t: t.completions.forget_reopenings("con_1"),
    "completions.set_due": lambda t: t.completions.set_due(NOW, only_earlier=True),
    "completions.pull_forward": lambda t: t.completions.pull_forward(NOW + timedelta(days=9000), NOW),
    "completions.poll": lambda t: t.completions.poll(),
    "completions.go_back": lambda t: t.completions.go_back(NOW),
    "completions.poll_succeeded": lambda t: t.completions.poll_succeeded(PollState(), NOW, NOW),
    "completions.poll_failed": lambda t: t.completions.poll_failed(PollState(), NOW),
    "webhooks.all": lambda t: t.webhooks.all(),
    "webhooks.add": lambda t: t.webhooks.add(WebhookRecord(digest=b"new", webhook_id="77", made_at=NOW)),
    "webhooks.confirm": lambda t: t.webhooks.confirm(b"new", "78"),
    "webhooks.remove": lambda t: t.webhooks.remove(b"new"),
    "aliases.of": lambda t: t.aliases.of("con_1", [ALIAS.key]),
    "aliases.page": (
        lambda t: t.aliases.page("con_1"),
        lambda t: t.aliases.page("con_1", source=None),
        lambda t: t.aliases.page("con_1", kind=AliasKind.CUSTOMER, search="arbor", limit=20, before=MANY // 2),
    ),
    "aliases.alike": lambda t: t.aliases.alike("con_1", AliasKind.CUSTOMER, ["harborview"]),
    "aliases.get": lambda t: t.aliases.get(f"als_x{OF_CON_1}"),
    "aliases.former": lambda t: t.aliases.former("con_1", (AliasKind.CUSTOMER, str(OF_CON_1))),
    "aliases.take_turn": lambda t: t.aliases.take_turn("con_1"),
    "aliases.put": lambda t: t.aliases.put("con_1", [ALIAS]),
    "aliases.remove": lambda t: t.aliases.remove(f"als_x{OF_CON_1}", at=NOW, by="ann"),
    "aliases.history": lambda t: t.aliases.history(f"als_x{OF_CON_1}"),
    "client_secrets.get": lambda t: t.client_secrets.get("con_1"),
    "client_secrets.claim": lambda t: t.client_secrets.claim("con_1", NOW, NOW),
    "client_secrets.release": lambda t: t.client_secrets.release("con_1"),
    "client_secrets.set_due": lambda t: t.client_secrets.set_due("con_1", NOW),
    "client_secrets.keep_next": lambda t: t.client_secrets.keep_next("con_1", NewSecret(Secret("next"))),
    "client_secrets.promote": promote,
    "client_secrets.replaced": lambda t: t.client_secrets.replaced("con_1", NOW, NOW),
    "client_secrets.note_warned": lambda t: t.client_secrets.note_warned("con_1", 7),
    "webhook_endpoints.add": lambda t: t.webhook_endpoints.add(an_endpoint(2), SECRET),
    "webhook_endpoints.get": lambda t: t.webhook_endpoints.get("whe_1", lock=True),
    "webhook_endpoints.all": lambda t: t.webhook_endpoints.all(),
    "webhook_endpoints.save": lambda t: t.webhook_endpoints.save(an_endpoint()),
    "webhook_endpoints.remove": lambda t: t.webhook_endpoints.remove("whe_1"),
    "webhook_endpoints.secrets": lambda t: t.webhook_endpoints.secrets("whe_1"),
    "webhook_endpoints.rotate": lambda t: t.webhook_endpoints.rotate("whe_1", SECRET, NOW),
    "webhook_endpoints.wanted": lambda t: t.webhook_endpoints.wanted(an_event().type),
    "webhook_endpoints.add_event": lambda t: t.webhook_endpoints.add_event(an_event()),
    "webhook_endpoints.add_delivery": lambda t: t.webhook_endpoints.add_delivery(delivery_of(an_event(2), "whe_1")),
    "webhook_endpoints.redeliver": (
        lambda t: t.webhook_endpoints.redeliver("whe_1", DeliveriesAgain(event_id="evt_x101"), NOW),
        lambda t: t.webhook_endpoints.redeliver("whe_1", DeliveriesAgain(since=NOW - timedelta(days=1)), NOW),
    ),
    "webhook_endpoints.find_delivery": lambda t: t.webhook_endpoints.find_delivery("whe_1", "evt_x101"),
    "webhook_endpoints.next_delivery": lambda t: t.webhook_endpoints.next_delivery("whe_1", NOW),
    "webhook_endpoints.save_delivery": save_delivery,
    "webhook_endpoints.deliveries": (
        lambda t: t.webhook_endpoints.deliveries("whe_1"),
        lambda t: t.webhook_endpoints.deliveries("whe_1", before=MANY // 2),
    ),
    "webhook_endpoints.pull_forward": lambda t: t.webhook_endpoints.pull_forward("whe_1", NOW, NOW),
    "webhook_endpoints.next_try": lambda t: t.webhook_endpoints.next_try("whe_1"),
    "webhook_endpoints.wake": lambda t: t.webhook_endpoints.wake("whe_1", NOW),
    "webhook_endpoints.set_due": lambda t: t.webhook_endpoints.set_due("whe_1", NOW),
    "notifications.add": lambda t: t.notifications.add(a_recipient(2, digest_at=NOW), SECRETS),
    "notifications.get": lambda t: t.notifications.get("rcp_1", lock=True),
    "notifications.of_person": lambda t: t.notifications.of_person("per_1"),
    "notifications.all": lambda t: t.notifications.all(),
    "notifications.save": lambda t: t.notifications.save(a_recipient()),
    "notifications.set_secrets": lambda t: t.notifications.set_secrets("rcp_1", RecipientSecrets(SECRET, SECRET)),
    "notifications.remove": lambda t: t.notifications.remove("rcp_1"),
    "notifications.secrets": lambda t: t.notifications.secrets("rcp_1"),
    "notifications.tell": lambda t: t.notifications.tell(a_notice()),
    "notifications.waiting": lambda t: t.notifications.waiting("rcp_1"),
    "notifications.gather": (
        lambda t: t.notifications.gather("rcp_1", a_notice().cause, 10),
        lambda t: t.notifications.gather("rcp_1", a_notice().cause, 10, NOW),
    ),
    "notifications.drop": lambda t: t.notifications.drop("rcp_1"),
    "notifications.add_message": lambda t: t.notifications.add_message(a_message(2)),
    "notifications.next_message": lambda t: t.notifications.next_message("rcp_1", NOW),
    "notifications.save_message": save_message,
    "notifications.messages": (
        lambda t: t.notifications.messages("rcp_1"),
        lambda t: t.notifications.messages("rcp_1", before=MANY // 2),
    ),
    "notifications.pull_forward": lambda t: t.notifications.pull_forward("rcp_1", NOW, NOW),
    "notifications.next_try": lambda t: t.notifications.next_try("rcp_1"),
    "notifications.wake": lambda t: t.notifications.wake("rcp_1", NOW),
    "notifications.set_due": lambda t: t.notifications.set_due("rcp_1", NOW),
    "notifications.ended_between": lambda t: t.notifications.ended_between(OLD, OLD + timedelta(days=1)),
    "code_lists.take_turn": lambda t: t.code_lists.take_turn("con_1"),
    "code_lists.states": lambda t: t.code_lists.states("con_1"),
    "code_lists.set_state": lambda t: t.code_lists.set_state("con_1", ListState(kind=AliasKind.ITEM)),
    "code_lists.of": Often(lambda t: t.code_lists.of("con_1", [(AliasKind.ITEM, "I77"), (AliasKind.SITE, "I78")])),
    "code_lists.every": lambda t: first_of(t.code_lists.every("con_1", AliasKind.ITEM)),
    "code_lists.search": (
        Often(lambda t: t.code_lists.search("con_1", AliasKind.ITEM, "valve")),
        Often(lambda t: t.code_lists.search("con_1", None, "valve bra")),
        Often(lambda t: t.code_lists.search("con_1", None)),
        Often(lambda t: t.code_lists.search("con_1", None, "i7", after='[0, "", "i77", "item"]')),
        Often(lambda t: t.code_lists.search("con_1", AliasKind.ITEM, "valve", after='[1, "valve", "i77", "item"]')),
    ),
    "code_lists.store": lambda t: t.code_lists.store("con_1", [listed("I77", "Other"), listed("NEW", "Valve")]),
    "code_lists.remove": lambda t: t.code_lists.remove("con_1", [(AliasKind.ITEM, "I77")], stored_before=NOW),
    "work_orders.annotated": Often(lambda t: t.work_orders.annotated("con_1", limit=100, after="2000")),
    "work_orders.sent": Often(lambda t: t.work_orders.sent("con_1", limit=100, after="2000")),
    "code_lists.wake": lambda t: t.code_lists.wake("con_1", NOW),
    "code_lists.set_due": lambda t: t.code_lists.set_due("con_1", NOW),
    "code_lists.forget": lambda t: t.code_lists.forget("con_x1"),
    "creations.add": lambda t: t.creations.add(a_creation()),
    "creations.taken": lambda t: t.creations.taken(a_creation().claims),
    "creations.retake": lambda t: t.creations.retake(a_creation(id="crn_x200")),
    "creations.get": lambda t: t.creations.get("crn_x200", lock=True),
    "creations.save": lambda t: t.creations.save(a_creation(id="crn_x200", state=CreationState.REJECTED)),
    "creations.hold_lease": lambda t: t.creations.hold_lease("con_1", 0),
    "creations.begin": lambda t: t.creations.begin(
        CreationIntent(creation_id="crn_x200", attempt_id="att_1", epoch=0, send_by=SOON, quiet=SOON)
    ),
    "creations.next_due": (
        lambda t: t.creations.next_due("con_1"),
        lambda t: t.creations.next_due("con_1", calling=False),
    ),
    "creations.page": (
        lambda t: t.creations.page(),
        lambda t: t.creations.page(before=MANY // 2),
        lambda t: t.creations.page(CreationFilter(needs_person=True)),
        lambda t: t.creations.page(CreationFilter(connection_id="con_1")),
        lambda t: t.creations.page(CreationFilter(connection_id="con_1", key=(AliasKind.SITE, "200"))),
    ),
    "creations.with_code": lambda t: t.creations.with_code("con_1", CreationKind.SITE, "CODE200"),
    "creations.highest_number": lambda t: t.creations.highest_number("con_1", AliasKind.SITE),
    "creations.pull_forward": lambda t: t.creations.pull_forward("con_1", NOW, NOW),
    "creations.queued": lambda t: t.creations.queued("con_1"),
    "reconciliations.add": lambda t: t.reconciliations.add(a_run(), NOW),
    "reconciliations.get": lambda t: t.reconciliations.get("rec_x1", lock=True),
    "reconciliations.page": (
        lambda t: t.reconciliations.page(),
        lambda t: t.reconciliations.page(before=100),
    ),
    "reconciliations.running": lambda t: t.reconciliations.running(),
    "reconciliations.save": lambda t: t.reconciliations.save(a_run(id="rec_x1")),
    "reconciliations.set_due": (
        lambda t: t.reconciliations.set_due("rec_x1", NOW),
        lambda t: t.reconciliations.set_due("rec_x1", None),
    ),
    "reconciliations.enter": lambda t: t.reconciliations.enter("rec_x1", 3, [a_listed_job(), a_listed_job(2)]),
    "reconciliations.drop_unlisted": lambda t: t.reconciliations.drop_unlisted("rec_x1", 2),
    "reconciliations.unchecked": lambda t: t.reconciliations.unchecked("rec_x1", 8),
    "reconciliations.store": lambda t: t.reconciliations.store("rec_x1", [a_reconciled_job(201)]),
    "reconciliations.jobs": (
        lambda t: t.reconciliations.jobs("rec_x1"),
        lambda t: t.reconciliations.jobs("rec_x1", "differs", after="1001"),
    ),
    "reconciliations.tally": lambda t: t.reconciliations.tally("rec_x1"),
    "suggestions.search": lambda t: t.suggestions.search("con_1", lock=True),
    "suggestions.put_search": lambda t: t.suggestions.put_search(a_search(round=2)),
    "suggestions.next_version": lambda t: t.suggestions.next_version("con_1"),
    "suggestions.set_due": lambda t: t.suggestions.set_due("con_1", NOW),
    "suggestions.wake": lambda t: t.suggestions.wake("con_1"),
    "suggestions.of": lambda t: t.suggestions.of("con_1", [(AliasKind.CUSTOMER, "20")], lock=True),
    "suggestions.page": (
        lambda t: t.suggestions.page("con_1", RecordFilter()),
        lambda t: t.suggestions.page("con_1", RecordFilter(grade=Grade.CLEAR), after=(0, 0, "harborview 020", "20")),
        lambda t: t.suggestions.page(
            "con_1", RecordFilter(grade=Grade.CLEAR), after=(98, 0, "harborview 020", "20"), order=Order.DOUBT
        ),
        lambda t: t.suggestions.page("con_1", RecordFilter(grade=Grade.CLEAR, words=("harb",))),
        lambda t: t.suggestions.page(
            "con_1", RecordFilter(grade=Grade.CLEAR, kind=AliasKind.SITE, ticked=True, until=9), lock=True
        ),
        lambda t: t.suggestions.page("con_1", RecordFilter(state=RecordState.CONFIRMED), limit=8),
    ),
    "suggestions.count": lambda t: t.suggestions.count("con_1", RecordFilter(grade=Grade.CLEAR, words=("harb",))),
    "suggestions.confirm": lambda t: t.suggestions.confirm(
        "con_1", RecordFilter(grade=Grade.CLEAR, ticked=True, until=9), CodeSource.ALIAS, by="ann", at=NOW, version=3
    ),
    "suggestions.put": lambda t: t.suggestions.put("con_1", [suggested(20, CLEAR), suggested(77, CLEAR)]),
    "suggestions.remove": lambda t: t.suggestions.remove("con_1", [(AliasKind.CUSTOMER, "20")]),
    "suggestions.remove_unseen": lambda t: t.suggestions.remove_unseen("con_1", AliasKind.CUSTOMER, 1),
    "suggestions.untold": lambda t: t.suggestions.untold("con_1", 8),
    "suggestions.unmatched": lambda t: t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 1, 200),
    "suggestions.match_again": lambda t: t.suggestions.match_again("con_1", ["20", "40"]),
    "suggestions.tally": lambda t: t.suggestions.tally("con_1"),
    "audit.record": lambda t: t.audit.record(AuditEntry(NOW, "p1@example.com", "doubt.settled", LINE)),
    "audit.page": (
        lambda t: t.audit.page(),
        lambda t: t.audit.page(before=MANY // 2),
        lambda t: t.audit.page(only=AuditFilter(actor="ann")),
        lambda t: t.audit.page(only=AuditFilter(actor="somebody else")),
        lambda t: t.audit.page(only=AuditFilter(action="doubt")),
        lambda t: t.audit.page(only=AuditFilter(action="person")),
        lambda t: t.audit.page(only=AuditFilter(subject=LINE)),
        lambda t: t.audit.page(only=AuditFilter(since=OLD, until=OLD + timedelta(days=1))),
    ),
    "keys.add": lambda t: t.keys.add(KEY, b"new"),
    "keys.get": missing(lambda t: t.keys.get("key_x1")),
    "keys.end": missing(lambda t: t.keys.end("key_x1", revoked_at=NOW)),
    "keys.page": lambda t: t.keys.page(limit=50, before="key_x100"),
    "people.add": lambda t: t.people.add(a_person()),
    "people.by_email": missing(lambda t: t.people.by_email("p1@example.com")),
    "people.get": missing(lambda t: t.people.get("per_x1")),
    "people.page": lambda t: t.people.page(limit=50, after="p1@example.com"),
    "people.change": missing(lambda t: t.people.change("per_x1", role=Role.VIEWER)),
    "people.remove": missing(lambda t: t.people.remove("per_x1")),
    "kept_answers.begin": lambda t: t.kept_answers.begin("ans_1", "hash", NOW, OLD),
    "kept_answers.keep": lambda t: t.kept_answers.keep("ans_1", SECRET),
    "kept_answers.release": lambda t: t.kept_answers.release("ans_1"),
    "kept_answers.forget": lambda t: t.kept_answers.forget(OLD, BATCH),
    "people.forget": lambda t: t.people.forget("gone@example.com", "per_gone"),
    "retention.forget_keys": lambda t: t.retention.forget_keys(OLD, BATCH),
    "retention.forget_attempts": (
        lambda t: t.retention.forget_attempts(OLD, BATCH),
        lambda t: t.retention.forget_attempts(LONG_AGO, BATCH),
    ),
    "retention.forget_sends": (
        lambda t: t.retention.forget_sends(OLD, BATCH),
        lambda t: t.retention.forget_sends(LONG_AGO, BATCH),
    ),
    "retention.forget_deliveries": lambda t: t.retention.forget_deliveries(OLD, BATCH),
    "retention.forget_messages": lambda t: t.retention.forget_messages(OLD, BATCH),
    "retention.forget_creations": lambda t: t.retention.forget_creations(OLD, BATCH),
    "retention.forget_reconciliations": (
        lambda t: t.retention.forget_reconciliations(OLD, BATCH),
        lambda t: t.retention.forget_reconciliations(LONG_AGO, BATCH),
    ),
    "retention.forget_completions": lambda t: t.retention.forget_completions(OLD, BATCH),
    "retention.forget_audit": lambda t: t.retention.forget_audit(OLD, BATCH),
    "now": lambda t: t.now(),
    "tenant": lambda t: t.tenant(),
    "pull_forward": lambda t: t.pull_forward(WorkKind.CODES, ["con_1", "con_2"], NOW),
    "account": lambda t: t.account(),
}

OF_THE_INSTALLATION: Calls = {
    "tenants.add": lambda i: i.tenants.add(Tenant(id="ten_new", slug="new", name="New", created_at=NOW), LOGIN),
    "tenants.change": change_tenant,
    "tenants.all": lambda i: i.tenants.all(),
    "tenants.set_paused": pause_tenant,
    "tenants.page": lambda i: i.tenants.page(limit=50, after="ten_x100"),
    "tenants.remove": lambda i: i.tenants.remove("ten_x5"),
    "tenants.set_signed_in": lambda i: i.tenants.set_signed_in("ten_x100", NOW),
    "tenants.set_first_steps_hidden": lambda i: i.tenants.set_first_steps_hidden("ten_x100", True),
    "tenants.by_slug": lambda i: i.tenants.by_slug("slug-100"),
    "keys.add": lambda i: i.keys.add(KEY, b"new"),
    "keys.get": missing(lambda i: i.keys.get("key_x1")),
    "keys.page": lambda i: i.keys.page(limit=50, before="key_x100"),
    "keys.end": missing(lambda i: i.keys.end("key_x1", revoked_at=NOW)),
    "credentials.key": lambda i: i.credentials.key(b"digest"),
    "credentials.key_used": lambda i: i.credentials.key_used("key_x1", NOW),
    "credentials.webhook_tenant": lambda i: i.credentials.webhook_tenant(b"digest"),
    "credentials.people_with": lambda i: i.credentials.people_with("p100@example.com"),
    "credentials.rehash": lambda i: i.credentials.rehash("per_x100", "former", "hash"),
    "credentials.begin_session": lambda i: i.credentials.begin_session(
        Session(digest=b"new", person_id="per_x100", tenant_id="ten_x100", created_at=NOW, seen_at=NOW)
    ),
    "credentials.session": lambda i: i.credentials.session(b"digest"),
    "credentials.session_seen": lambda i: i.credentials.session_seen(b"digest", NOW),
    "credentials.end_session": lambda i: i.credentials.end_session(b"digest"),
    "credentials.keep_link": lambda i: i.credentials.keep_link(
        SignInLink(digest=b"new", person_id="per_x100", tenant_id="ten_x100", page="", expires_at=NOW)
    ),
    "credentials.use_link": lambda i: i.credentials.use_link(b"digest", NOW),
    "credentials.tidy": lambda i: i.credentials.tidy(NOW),
    "people.add": lambda i: i.people.add(a_person(tenant_id=None, role=Role.OPERATOR)),
    "people.by_email": missing(lambda i: i.people.by_email("p1@example.com")),
    "people.get": missing(lambda i: i.people.get("per_x1")),
    "people.page": lambda i: i.people.page(limit=50, after="p1@example.com"),
    "people.change": missing(lambda i: i.people.change("per_x1", role=Role.VIEWER)),
    "people.remove": missing(lambda i: i.people.remove("per_x1")),
    "kept_answers.begin": lambda i: i.kept_answers.begin("ans_op", "hash", NOW, OLD),
    "kept_answers.keep": lambda i: i.kept_answers.keep("ans_op", SECRET),
    "kept_answers.release": lambda i: i.kept_answers.release("ans_op"),
    "kept_answers.forget": lambda i: i.kept_answers.forget(OLD, BATCH),
    "people.forget": lambda i: i.people.forget("gone@example.com", "per_gone"),
    "audit.record": lambda i: i.audit.record(AuditEntry(NOW, "p1@example.com", "tenant.added", "ten_1")),
    "audit.page": (
        lambda i: i.audit.page(),
        lambda i: i.audit.page(before=MANY // 2),
        lambda i: i.audit.page(only=AuditFilter(actor="somebody else")),
        lambda i: i.audit.page(only=AuditFilter(action="person")),
        lambda i: i.audit.page(only=AuditFilter(subject="ten_1")),
        lambda i: i.audit.page(only=AuditFilter(since=OLD, until=OLD + timedelta(days=1))),
    ),
    "audit.forget": lambda i: i.audit.forget(OLD, BATCH),
    "stats": lambda i: i.stats(),
    "workers": lambda i: i.workers(),
}
OF_WORKERS: Mapping[str, Call] = {
    "admit": lambda due: due.admit(list(WorkKind), Slots(200, 50), worker_id=None, stalled=12),
    "put_back": lambda due: due.put_back(DueSubject(WorkKind.DRAIN, "ten_1", "con_1")),
    "postpone": lambda due: due.postpone(DueSubject(WorkKind.DRAIN, "ten_1", "con_1")),
}
NOT_MADE = {"changes.conclude", "changes.rest"}
"""As `store` and `next_due`, in one message with the commit, after which nothing could be undone."""
WHOLE_TABLES = {
    "connections.all": "all that one tenant has, for choices and for work that visits each of them",
    "creations.highest_number": "rare: the highest number among all codes of the connection",
    "connections.remove": "deletes all that the connection has",
    "people.forget": "rare: it looks through all that the tenant has",
    "tenants.all": "the rounds over all tenants",
    "tenants.page": "row-level security looks narrow to the planner, so it sorts all: 27 ms for 20,000",
    "tenants.remove": "rare: it would need an index of the tenant on every table, which each insert would pay for",
    "stats": "counts all sends",
}
"""Calls that may read a whole table, or all that a connection has, and why."""
