"""Notifications on PostgreSQL, with a real mail server and real receivers: of every kind, once, and never lost."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.memory.remote.mailer import MemoryMailer
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.postgres.notifications import PostgresNotifications
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.smtp.server import Security, SmtpServer, parsed_sender
from adapters.outbound.smtp.smtp_mailer import SmtpMailer
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.catalogue import CATALOGUE, finding
from core.model.connections.connection import Hold
from core.model.creations.creation import CreationState
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import NoticeKind, failed, held, in_doubt, new_record_in_doubt, secret_ends
from core.model.notifications.recipient import Channel, Choice, Recipient, RecipientSecrets
from core.model.sending.lifecycle.event import ServiceTradeTrouble
from core.model.sending.send import SendState
from core.model.shared.secret import Secret
from core.model.work_orders.cost_line import LineState
from core.services.notifications.tell_recipient import TellRecipient
from core.services.sending.lifecycle.commit_change import CommitChange
from ports.mailer import Delivered, Mailer, Told
from ports.storage.due_work import WorkKind
from tests.support.creation_scene import a_creation
from tests.support.dependencies import over, telling
from tests.support.due_scene import QUICK
from tests.support.http_scene import JOB, CountingIds
from tests.support.mail_scene import MailServer, mail_server, texts
from tests.support.notification_scene import KEY, SECRETS, a_recipient
from tests.support.receiver import receiver
from tests.support.running_worker import working
from tests.support.storage_scene import MASTER_KEY, PROBLEM, a_line, a_send, due, furnish, stored

pytestmark = pytest.mark.long

SENDER = AiohttpWebhookSender(allowed_networks=(ip_network("127.0.0.0/8"),))
BASE = "https://jobferry.example.com"
FAILED = ServiceTradeTrouble(PROBLEM, passes=False)
AGO = timedelta(hours=2)
LATER = Delivered(Told.LATER, "421 try later")
REFUSED = Delivered(Told.REFUSED, "550 no such user")

TELLING_WORKER = """
import asyncio, sys
from dataclasses import replace
from adapters.bootstrap.worker import work_on
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.smtp.server import Security, SmtpServer, parsed_sender
from adapters.outbound.smtp.smtp_mailer import SmtpMailer
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from tests.support.dependencies import over, telling

async def drain(*_):
    return False

async def main():
    transactions = PostgresTransactions(make_engine(sys.argv[1]), AesGcmVault(b"k" * 32))
    server = SmtpServer(
        host="127.0.0.1", port=int(sys.argv[2]), security=Security.NONE, sender=parsed_sender("j@example.com")
    )
    d = replace(over(transactions), mailer=SmtpMailer(server))
    await work_on(sys.argv[1], drain, tell_recipient=telling(d))

asyncio.run(main())
"""


@dataclass
class Office:
    """ten_1 tells by mail; `ahead` moves the database's time."""

    transactions: PostgresTransactions
    mailer: Mailer = field(default_factory=MemoryMailer)
    service_trade: MemoryServiceTrade = field(default_factory=MemoryServiceTrade)
    ids: CountingIds = field(default_factory=CountingIds)
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    @property
    def tell(self) -> TellRecipient:
        d = replace(
            over(self.transactions),
            mailer=self.mailer,
            webhook_sender=SENDER,
            service_trade=self.service_trade,
            public_url=BASE,
            ids=self.ids,
        )
        return telling(d)

    @property
    def sent(self) -> list[str]:
        """The subjects of the mails."""
        assert isinstance(self.mailer, MemoryMailer)
        return [one.content.subject for one in self.mailer.sent]

    async def add(self, number: int = 1, *, url: str | None = None, **changes: Any) -> Recipient:
        one = a_recipient(number, **changes)
        async with self.transactions.begin("ten_1") as t:
            await t.notifications.add(one, RecipientSecrets(KEY, Secret(url)) if url else SECRETS)
        return one

    async def fail(self, *numbers: int, at: datetime | None = None, code: str = "MAP_CUSTOMER_MISSING") -> None:
        for number in numbers:
            said = finding(code, f"Job {number} cannot be sent.")
            send = a_send(number, findings=(said,), state=SendState.NEEDS_ATTENTION)
            async with self.transactions.begin("ten_1") as t:
                await t.notifications.tell(failed(send, at or await t.now()))

    async def messages(self, number: int = 1) -> list[Message]:
        async with self.transactions.begin("ten_1") as t:
            return list(await t.notifications.messages(f"rcp_{number}"))


@pytest.fixture
async def office(engine: AsyncEngine) -> Office:
    await furnish(engine)
    ahead = [timedelta()]
    return Office(PostgresTransactions(engine, AesGcmVault(MASTER_KEY), ahead=lambda: ahead[0]), ahead=ahead)


def smtp(server: MailServer) -> SmtpMailer:
    sender = parsed_sender("Jobferry <jobferry@example.com>")
    return SmtpMailer(SmtpServer(host="127.0.0.1", port=server.port, security=Security.NONE, sender=sender))


async def happen(office: Office, kind: NoticeKind, at: datetime) -> None:
    """What this kind tells of has happened."""
    async with office.transactions.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
        match kind:
            case NoticeKind.FAILED:
                said = finding("MAP_CUSTOMER_MISSING", "The customer <b>Harbor</b> has no code.")
                await t.notifications.tell(failed(a_send(104482, findings=(said,)), at))
            case NoticeKind.HELD:
                said = finding("AUTH_NOT_AUTHORIZED", "Spectrum refuses the Authorization ID.")
                await t.connections.set_hold("con_1", Hold(said, at, None))
                await t.notifications.tell(held("con_1", said, at))
            case NoticeKind.SECRET:
                said = finding("SECRET_ENDS_SOON", "The client secret ends within 7 days.")
                await t.notifications.tell(secret_ends(connection, said, at))
            case NoticeKind.DOUBT:
                send = await t.sends.add(a_send())
                line = a_line(state=LineState.IN_DOUBT, attempt_id="att_1", sent_at=at)
                await stored(t, send, lines=(line,))
                await t.notifications.tell(in_doubt(send, at))
            case NoticeKind.DIGEST:
                recipient_ids = [one.id for one in await t.notifications.all()]
                for one in recipient_ids:
                    found = await t.notifications.get(one, lock=True)
                    await t.notifications.save(replace(found, digest_at=at, digest_from=at - timedelta(days=1)))
                    await t.notifications.wake(one, at)
            case _:
                raise AssertionError(kind)


SAID = {
    NoticeKind.FAILED: ("Job 104482 needs attention: ", "/t/tenant-1/sends/snd_104482"),
    NoticeKind.HELD: ("The connection Spectrum is on hold", "/t/tenant-1/connections/main-1"),
    NoticeKind.SECRET: ("The client secret of Spectrum needs attention", "/t/tenant-1/connections/main-1"),
    NoticeKind.DOUBT: ("1 item to check in Spectrum", "/t/tenant-1/doubts"),
    NoticeKind.DIGEST: ("Daily summary: ", "/t/tenant-1"),
}


@pytest.mark.parametrize("kind", list(SAID))
async def test_each_kind_arrives_as_a_mail_a_teams_post_and_a_slack_post(
    database_url: str, office: Office, kind: NoticeKind
) -> None:
    """By the real worker, over real sockets."""
    subject, path = SAID[kind]
    async with mail_server() as server, receiver() as teams, receiver() as slack:
        office.mailer = smtp(server)
        await office.add(1)
        await office.add(2, channel=Channel.TEAMS, address="hooks.example.com", url=teams.url + "/SECRET")
        await office.add(3, channel=Channel.SLACK, address="hooks.example.com", url=slack.url + "/SECRET")
        await happen(office, kind, datetime.now(UTC) - AGO)
        async with working(database_url, tell_recipient=office.tell):
            await server.times(1)
            await teams.times(1)
            await slack.times(1)
    [mail] = server.arrived
    assert mail["Subject"].startswith(subject)
    assert all(f"{BASE}{path}" in one for one in texts(mail))
    card = teams.arrived[0].document["attachments"][0]["content"]
    assert card["body"][0]["inlines"][0]["text"].startswith(subject)
    assert card["actions"][0]["url"] == BASE + path
    post = slack.arrived[0].document
    assert post["blocks"][0]["text"]["text"].startswith(subject)
    assert f"<{BASE}{path}|" in post["blocks"][-1]["text"]["text"]
    for number in (1, 2, 3):
        assert [one.state for one in await office.messages(number)] == [MessageState.DELIVERED]


async def test_a_thousand_failures_of_one_cause_make_one_mail_with_the_number(office: Office) -> None:
    """As the product stores them: with the outcome of each send, several at a time."""
    await office.add()
    commit = CommitChange(over(office.transactions))
    numbers = iter(range(1000))

    async def fail() -> None:
        for number in numbers:
            async with office.transactions.begin("ten_1") as t:
                send = await t.sends.add(a_send(number))
            async with office.transactions.begin("ten_1") as t:
                await commit.within(t, send.id, FAILED)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(fail())
    office.ahead[0] = timedelta(minutes=6)
    await office.tell("ten_1", "rcp_1")
    assert len(office.sent) == 1
    assert office.sent[0].startswith("1,000 jobs need attention: ")
    office.ahead[0] = timedelta(hours=3)
    await office.tell("ten_1", "rcp_1")
    assert len(office.sent) == 1


async def test_of_one_cause_at_most_one_mail_an_hour_tells_and_none_is_forgotten(office: Office) -> None:
    await office.add()
    await office.fail(1, 2)
    told: list[str] = []
    for minutes in (0, 2, 30, 59, 63, 64, 200):
        office.ahead[0] = timedelta(minutes=minutes)
        if minutes in (30, 59):
            await office.fail(minutes)
        await office.tell("ten_1", "rcp_1")
        told.append(f"{minutes}: {len(office.sent)}")
    assert told == ["0: 0", "2: 1", "30: 1", "59: 1", "63: 2", "64: 2", "200: 2"]
    assert [one.split(" need")[0] for one in office.sent] == ["2 jobs", "2 jobs"]


async def test_two_causes_are_two_mails(office: Office) -> None:
    await office.add()
    await office.fail(1)
    await office.fail(2, code="RECORD_LOCKED")
    office.ahead[0] = timedelta(minutes=2)
    await office.tell("ten_1", "rcp_1")
    assert len(office.sent) == 2


async def test_an_outcome_that_is_not_stored_is_told_to_nobody(office: Office) -> None:
    await office.add()
    commit = CommitChange(over(office.transactions))
    async with office.transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send())
    with pytest.raises(ZeroDivisionError):
        async with office.transactions.begin("ten_1") as t:
            await commit.within(t, send.id, FAILED)
            raise ZeroDivisionError
    async with office.transactions.begin("ten_1") as t:
        assert await t.notifications.waiting("rcp_1") == []


async def test_a_worker_killed_while_a_mail_is_delivered_leaves_it_to_be_sent_again_under_its_message_id(
    database_url: str, office: Office
) -> None:
    async with mail_server(answers_mails=False) as server:
        await office.add()
        await office.fail(1, at=datetime.now(UTC) - AGO)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", TELLING_WORKER, database_url, str(server.port)
        )
        try:
            await server.times(1, 60)
        finally:
            process.kill()
            await process.wait()
        [waiting] = await office.messages()
        assert (waiting.state, waiting.tries) == (MessageState.PENDING, 0)
        server.gate.set()
        office.mailer = smtp(server)
        async with working(database_url, tell_recipient=office.tell, heartbeat=QUICK):
            await server.times(2)
    first, second = server.arrived
    assert first["Message-ID"] == second["Message-ID"] == f"<{waiting.id}@example.com>"
    assert first["Subject"] == second["Subject"]
    assert [one.state for one in await office.messages()] == [MessageState.DELIVERED]


@pytest.mark.parametrize("place", ["gather", "add_message", "save_message"])
async def test_a_worker_that_dies_anywhere_loses_nothing(
    office: Office, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.add()
    await office.fail(1, 2, 3)
    office.ahead[0] = timedelta(minutes=2)

    async def die(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(PostgresNotifications, place, die)
        with pytest.raises(ZeroDivisionError):
            await office.tell("ten_1", "rcp_1")
    await office.tell("ten_1", "rcp_1")
    assert set(office.sent) == {office.sent[0]}
    assert office.sent[0].startswith("3 jobs need attention")
    assert len(office.sent) == (2 if place == "save_message" else 1)
    assert len({one.id for one in office.mailer.sent}) == 1  # type: ignore[attr-defined]


async def test_a_mail_that_the_server_takes_later_is_tried_again(database_url: str, office: Office) -> None:
    mailer = MemoryMailer(answers=[LATER])
    office.mailer = mailer
    await office.add()
    await office.fail(1)
    office.ahead[0] = timedelta(minutes=2)
    await office.tell("ten_1", "rcp_1")
    [waiting] = await office.messages()
    assert (waiting.state, waiting.detail) == (MessageState.PENDING, LATER.detail)
    office.ahead[0] = timedelta(minutes=4)
    await office.tell("ten_1", "rcp_1")
    assert [one.state for one in await office.messages()] == [MessageState.DELIVERED]
    assert len({one.id for one in mailer.sent}) == 1
    async with office.transactions.begin("ten_1") as t:
        assert (await t.notifications.get("rcp_1")).trouble == ""


async def test_a_mail_that_never_goes_out_is_tried_eight_times(office: Office) -> None:
    mailer = MemoryMailer(answers=[LATER] * 20)
    office.mailer = mailer
    await office.add()
    await office.fail(1)
    for hours in range(1, 40):
        office.ahead[0] = timedelta(hours=hours)
        await office.tell("ten_1", "rcp_1")
    assert [one.state for one in await office.messages()] == [MessageState.FAILED]
    assert len(mailer.sent) == 8


async def test_a_refused_address_is_shown_and_not_tried_for_ever(office: Office) -> None:
    mailer = MemoryMailer(answers=[REFUSED] * 9)
    office.mailer = mailer
    await office.add()
    for number, code in enumerate(("MAP_CUSTOMER_MISSING", "RECORD_LOCKED", "AUTH_NOT_AUTHORIZED", "WORK_ORDER_BUSY")):
        await office.fail(number, code=code)
        office.ahead[0] += timedelta(minutes=2)
        await office.tell("ten_1", "rcp_1")
    assert len(mailer.sent) == 3
    async with office.transactions.begin("ten_1") as t:
        found = await t.notifications.get("rcp_1")
    assert found.paused
    assert found.paused_reason == "3 messages in a row were refused: 550 no such user"
    assert found.trouble == "550 no such user"


@pytest.mark.parametrize(("status", "state"), [(503, "pending"), (429, "pending"), (404, "failed"), (302, "failed")])
async def test_what_a_channel_answers_decides_whether_it_is_tried_again(
    office: Office, status: int, state: str
) -> None:
    async with receiver(status) as teams:
        await office.add(1, channel=Channel.TEAMS, address="hooks.example.com", url=teams.url)
        await office.fail(1)
        office.ahead[0] = timedelta(minutes=2)
        await office.tell("ten_1", "rcp_1")
    [message] = await office.messages()
    assert message.state.value == state
    assert message.detail == f"HTTP {status}"
    assert len(teams.arrived) == 1


async def test_without_a_mail_server_messages_wait_and_say_why(office: Office) -> None:
    office.mailer = None  # type: ignore[assignment]
    await office.add()
    await office.fail(1)
    office.ahead[0] = timedelta(minutes=2)
    await office.tell("ten_1", "rcp_1")
    [message] = await office.messages()
    assert message.state is MessageState.PENDING
    assert "JOBFERRY_SMTP_HOST" in message.detail


async def test_in_quiet_hours_nothing_is_sent_and_all_is_told_when_they_end(database_url: str, office: Office) -> None:
    now = datetime.now(UTC)
    quiet = Choice(kinds=(NoticeKind.FAILED,), quiet_from=now.hour, quiet_until=(now.hour + 3) % 24)
    await office.add(choice=quiet)
    await office.fail(1)
    office.ahead[0] = timedelta(minutes=2)
    await office.fail(2)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == []
    assert await due(database_url, WorkKind.NOTIFICATION) == []
    office.ahead[0] = timedelta(hours=3, minutes=2)
    await office.tell("ten_1", "rcp_1")
    assert [one.split(":")[0] for one in office.sent] == ["2 jobs need attention"]


async def test_a_doubt_that_is_settled_within_the_hour_is_told_to_nobody(office: Office) -> None:
    await office.add()
    await happen(office, NoticeKind.DOUBT, datetime.now(UTC))
    office.ahead[0] = timedelta(minutes=59)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == []
    async with office.transactions.begin("ten_1") as t:
        await t.ledger.save([replace(await t.ledger.get("lin_1"), state=LineState.POSTED)])
    office.ahead[0] = timedelta(minutes=61)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == []


async def new_record(office: Office, at: datetime, **changes: Any) -> None:
    """A site of which nobody knows whether Spectrum made it."""
    doubt = a_creation(state=CreationState.IN_DOUBT, due_at=None, sent_at=at, **changes)
    async with office.transactions.begin("ten_1") as t:
        await t.creations.add(doubt)
        await t.notifications.tell(new_record_in_doubt(doubt, at))


async def test_a_new_record_in_doubt_is_told_after_an_hour_and_in_the_summary(office: Office) -> None:
    now = datetime.now(UTC)
    await office.add()
    await new_record(office, now)
    office.ahead[0] = timedelta(minutes=59)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == []
    office.ahead[0] = timedelta(minutes=61)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == ["1 new record to check in Spectrum"]
    content = office.mailer.sent[0].content  # type: ignore[attr-defined]
    assert content.path == "/t/tenant-1/new-records?show=waiting"
    [section] = content.sections
    assert section.rows[0].text.startswith("Site HARBOR1 for Harbor View, sent ")
    await happen(office, NoticeKind.DIGEST, now + timedelta(minutes=60))
    await office.tell("ten_1", "rcp_1")
    summary = office.mailer.sent[-1].content  # type: ignore[attr-defined]
    assert "1 new record to check" in summary.subject
    assert "New sites and customers to check in Spectrum" in [one.title for one in summary.sections]


async def test_a_new_record_that_is_settled_within_the_hour_is_told_to_nobody(office: Office) -> None:
    await office.add()
    await new_record(office, datetime.now(UTC))
    async with office.transactions.begin("ten_1") as t:
        one = await t.creations.get("crn_1", lock=True)
        await t.creations.save(replace(one, state=CreationState.NOT_CREATED, ended_at=await t.now()))
    office.ahead[0] = timedelta(minutes=61)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == []


async def test_a_hold_that_is_over_is_told_as_such(office: Office) -> None:
    await office.add()
    await happen(office, NoticeKind.HELD, datetime.now(UTC) - AGO)
    async with office.transactions.begin("ten_1") as t:
        await t.connections.set_hold("con_1", None)
    await office.tell("ten_1", "rcp_1")
    assert office.sent == ["The connection Spectrum was on hold"]


async def test_the_summary_says_what_was_sent_failed_is_in_doubt_and_was_never_sent(office: Office) -> None:
    now = datetime.now(UTC)
    await office.add()
    await happen(office, NoticeKind.DOUBT, now - AGO)
    async with office.transactions.begin("ten_1") as t:
        for number, state in ((11, SendState.SENT), (12, SendState.SENT), (13, SendState.NEEDS_ATTENTION)):
            send = await t.sends.add(a_send(number, findings=(PROBLEM,)))
            ended = await stored(t, replace(send, state=state, due_at=None, finished_at=now - AGO))
            if state is SendState.NEEDS_ATTENTION:
                await t.warnings.put(ended.warning("wrn_1", now - AGO))
        for job in ("11", "99"):
            office.service_trade.add_job("ten_1", replace(JOB, id=job, number=job), "spectrum_1")
            office.service_trade.complete("ten_1", job)
    await happen(office, NoticeKind.DIGEST, now - timedelta(minutes=1))
    office.ahead[0] = timedelta(minutes=1)  # the second that has begun is left out
    await office.tell("ten_1", "rcp_1")
    digest = next(one for one in office.mailer.sent if one.content.subject.startswith("Daily"))  # type: ignore[attr-defined]
    content = digest.content
    assert (
        content.subject
        == "Daily summary: 2 sent, 1 needs attention, 1 item to check, 1 completed job not accounted for"
    )
    assert "2 sends succeeded." in content.lead[0]
    assert content.lead[1] == "1 send failed in this time and needs attention."
    sections = {one.title: [row.text for row in one.rows] for one in content.sections}
    title = CATALOGUE[PROBLEM.code].title
    assert sections["Failed, and not sent again yet"][0].startswith(f"{title}: 1 job, the oldest since ")
    assert sections["To check in Spectrum"][0].startswith("Work order T1: Valve")
    assert "Of 2 jobs completed, 1 is not accounted for." in content.lead[2]
    left = sections["Completed jobs that are not accounted for"]
    assert (left[0].split(",")[0], left[0].split(": ", 1)[1]) == ("Job 99", "It was never sent.")
    assert left[1:] == ["What to do"]
    async with office.transactions.begin("ten_1") as t:
        found = await t.notifications.get("rcp_1")
    assert found.digest_at is not None
    assert found.digest_at > now
    await office.tell("ten_1", "rcp_1")
    assert sum(one.startswith("Daily") for one in office.sent) == 1


async def test_a_recipient_removed_while_it_is_told_is_no_error(office: Office) -> None:
    await office.add()
    await office.fail(1)
    office.ahead[0] = timedelta(minutes=2)

    @dataclass
    class Removing(MemoryMailer):
        async def send(self, mail: Any) -> Delivered:
            async with office.transactions.begin("ten_1") as t:
                await t.notifications.remove("rcp_1")
            return await super().send(mail)

    office.mailer = Removing()
    await office.tell("ten_1", "rcp_1")
    assert len(office.sent) == 1
    async with office.transactions.begin("ten_1") as t:
        assert await t.notifications.all() == []


async def test_no_secret_address_is_in_the_text_of_the_database(database_url: str, office: Office) -> None:
    from tests.support.sealed_rows import stored_bytes

    await office.add(
        1, channel=Channel.SLACK, address="hooks.example.com", url="https://hooks.example.com/PLANTED-hook"
    )
    found = stored_bytes(database_url)
    assert b"hooks.example.com" in found
    assert b"PLANTED-hook" not in found
    assert KEY.reveal().encode() not in found
