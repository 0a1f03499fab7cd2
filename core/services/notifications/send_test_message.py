"""Send a test to a recipient now, so that somebody sees whether messages arrive."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.access.person import Person
from core.model.notifications.content import trial_content
from core.model.notifications.message import Message, MessageState
from core.model.notifications.notice import NoticeKind
from core.model.operations.audit import AuditFilter
from core.model.shared.errors import Conflict
from core.services.notifications.deliver_message import DeliverMessage
from core.services.notifications.recipients import recipient_of
from core.services.notifications.unsubscribe import audit_recipient
from core.services.service import Dependencies, Service

MOST_TESTS = 30
"""So many tests of a tenant are sent in an hour, whoever gets them: mails come from the operator's mail server."""
_BETWEEN_TESTS, _TESTED, _HOUR = timedelta(minutes=1), "recipient.tested", timedelta(hours=1)


class SendTestMessage(Service):
    def __init__(self, d: Dependencies, deliver: DeliverMessage) -> None:
        super().__init__(d)
        self._deliver = deliver

    async def __call__(
        self, tenant_id: str, recipient_id: str, person: Person | None = None, *, by: str = "operator"
    ) -> Message:
        """Send a test now, also in quiet hours; returns it with what became of it. It is tried once. With `person`, it
        is the person's own. Raises NotFound, Conflict (NOTIFICATION_TEST_TOO_SOON)."""
        async with self._transactions.begin(tenant_id) as t:
            recipient = await recipient_of(t, recipient_id, person=person, lock=True)
            now, tenant = await t.now(), await t.tenant()
            newest = await t.notifications.messages(recipient_id, limit=20)
            if any(one.kind is NoticeKind.TEST and now - one.created_at < _BETWEEN_TESTS for one in newest):
                raise Conflict(
                    "A test was sent less than a minute ago.",
                    code="NOTIFICATION_TEST_TOO_SOON",
                    fix="Wait a minute, then try again.",
                )
            recent = AuditFilter(action=_TESTED, since=now - _HOUR)
            if len(await t.audit.page(limit=MOST_TESTS, only=recent)) >= MOST_TESTS:
                raise Conflict(
                    f"{MOST_TESTS} tests were sent in the last hour.",
                    code="NOTIFICATION_TEST_TOO_SOON",
                    fix="Wait an hour, then try again.",
                )
            # Not due: the worker never repeats a test.
            message = Message(
                id=self._ids.new("msg"),
                recipient_id=recipient_id,
                kind=NoticeKind.TEST,
                cause=NoticeKind.TEST,
                content=trial_content(tenant),
                created_at=now,
            )
            await t.notifications.add_message(message)
            await audit_recipient(t, now, _TESTED, recipient, by)
            secrets = await t.notifications.secrets(recipient_id)
        tried = await self._deliver(tenant, recipient, secrets, message) or message
        if tried.state is MessageState.PENDING:
            tried = replace(tried, state=MessageState.FAILED, due_at=None)
            async with self._transactions.begin(tenant_id) as t:
                await t.notifications.save_message(tried, tries=tried.tries)
        return tried
